export { type ChannelPost, channelTools } from "./channel.ts";
export * from "./contract.ts";
export { createEgressGuard } from "./egress.ts";
export { FINISH, type Finish, finish } from "./finish.ts";
export { createPageLook, httpTools, type LookAtPage, type PageSeen } from "./http/index.ts";
export { type InputFault, inputFaults } from "./input.ts";
export { type InvokeContext, invokeTool, validateInput } from "./invoke.ts";
export { findByPath, pathFault } from "./json-path.ts";
export { createRegistry, type ToolRegistry } from "./registry.ts";
