export { ask } from "./ask.ts";
export {
  type ChannelCall,
  type ChannelDeps,
  type ChannelMark,
  type ChannelPost,
  type ChannelRead,
  channelTools,
} from "./channel/index.ts";
export * from "./contract.ts";
export { createEgressGuard } from "./egress.ts";
export { feedTools } from "./feed/index.ts";
export { FINISH, type Finish, finish } from "./finish.ts";
export { gitHostOf, githubTools, openPull } from "./github/index.ts";
export {
  createPageLook,
  type HttpDeps,
  httpTools,
  type LookAtPage,
  type PageSeen,
  type PlaceSecret,
} from "./http/index.ts";
export { type InputFault, inputFaults } from "./input.ts";
export { type InvokeContext, invokeTool, validateInput } from "./invoke.ts";
export { findByPath, pathFault } from "./json-path.ts";
export { notOurs } from "./leaving.ts";
export {
  type ListedServer,
  type Offer,
  offerHash,
  offerLines,
  openMcp,
  type Pin,
  type Pins,
  pinnedMcpTools,
} from "./mcp/index.ts";
export {
  type MemoryCall,
  type MemoryDeps,
  memoryTools,
  newMemoryIn,
  RECALL,
  REMEMBER,
  type Recalled,
} from "./memory.ts";
export { READ_OUTPUT, readOutput } from "./read-output.ts";
export { createRegistry, type ToolRegistry } from "./registry.ts";
export { repoTools } from "./repo/index.ts";
export { sqlTools } from "./sql/index.ts";
export { waitTool } from "./wait.ts";
export { wantedTools } from "./wanted.ts";
export {
  type NewWorkflow,
  type PlannedWorkflow,
  type WorkflowCall,
  type WorkflowDeps,
  workflowTools,
} from "./workflow/index.ts";
