/**
 * The truth. Every table carries its workspace. Money is millionths of a dollar, durations are milliseconds, text that
 * may be long or private lives once in `pieces`. Status columns are changed only by the one mutator of their noun.
 */
export * from "./schema/approvals.ts";
export * from "./schema/audit.ts";
export * from "./schema/budgets.ts";
export * from "./schema/context.ts";
export * from "./schema/given.ts";
export * from "./schema/incidents.ts";
export * from "./schema/mcp.ts";
export * from "./schema/memory.ts";
export * from "./schema/messages.ts";
export * from "./schema/policies.ts";
export * from "./schema/questions.ts";
export * from "./schema/runs.ts";
export * from "./schema/seen.ts";
export * from "./schema/services.ts";
export * from "./schema/triggers.ts";
export * from "./schema/workflows.ts";
export * from "./schema/workspaces.ts";
