export { type ChannelPost, channelTools } from "./channel.ts";
export * from "./contract.ts";
export { createEgressGuard } from "./egress.ts";
export { FINISH, type Finish, finish } from "./finish.ts";
export { type GitHubDeps, githubTools } from "./github/index.ts";
export { httpTools } from "./http/index.ts";
export { type InputFault, inputFaults } from "./input.ts";
export { type InvokeContext, invokeTool, validateInput } from "./invoke.ts";
export { createRegistry, type ToolRegistry } from "./registry.ts";
