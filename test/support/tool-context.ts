/** What a tool is given while it executes, for tests that call one. */
import type { InvokeContext } from "../../src/tools/index.ts";

export interface TestContext extends InvokeContext {
  /** What tools threw. */
  readonly bugs: readonly unknown[];
}

export function toolContext(parts: Partial<InvokeContext> = {}): TestContext {
  const bugs: unknown[] = [];
  return {
    signal: new AbortController().signal,
    idempotencyKey: "run-1/2/1",
    now: () => 0,
    home: { workspaceId: "W1", channelId: "console:demo:ops", threadId: null },
    actsFor: { memberId: "W1:sam", workflowId: "w-1", workflow: "open-prs", runId: "run-1", tainted: false },
    secret: async () => null,
    onBug: (_tool, cause) => void bugs.push(cause),
    bugs,
    ...parts,
  };
}
