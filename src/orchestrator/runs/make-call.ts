/** One attempt at a tool call, made by whoever holds the run and by nobody else. */
import { invokeTool, type ToolContract, type ToolResult, type Waited } from "../../tools/index.ts";
import { actsForIn, mayReachIn, type policyOf } from "../policy/gate.ts";
import type { AdvanceDeps } from "./known.ts";
import { remembering } from "./remembering.ts";
import { idempotencyKeyOf, outputOf, type Step, type ToolStep } from "./step.ts";
import type { HeldRun } from "./store.ts";
import { zoneOf } from "./tool-wait.ts";

interface Called {
  readonly call: ToolStep;
  readonly contract: ToolContract;
  readonly policy: Awaited<ReturnType<typeof policyOf>>;
  readonly journal: readonly Step[];
  /** What came of what the call waited for; undefined: it waited for nothing. */
  readonly waited: Waited | undefined;
}

export interface Made {
  readonly result: ToolResult<unknown>;
  /** Ends a call that another worker would make again; null: nobody would. */
  readonly twice: AbortSignal | null;
}

/**
 * Makes the call when the run is held, which is looked at before and once more right before bytes leave. A call that was
 * held back there, since this process had stood still, is made again as if nothing had been once the lease is known to be
 * kept.
 * @throws the reason of `signal` when the run is another's by then, {@link DatabaseAway} when nobody can tell
 */
export async function makeCall(deps: AdvanceDeps, run: HeldRun, called: Called, signal: AbortSignal): Promise<Made> {
  const { call, contract, policy, journal, waited } = called;
  for (;;) {
    await deps.holding.must(run.id);
    signal.throwIfAborted();
    // Who takes the run over would make the same call with the same key: the two must not meet.
    const twice = contract.effect !== "read" && contract.retry === "idempotent" ? deps.holding.unheld() : null;
    const held = { back: false };
    const mayLeave = (): boolean => {
      held.back ||= !deps.holding.isMine(run.id);
      return !held.back;
    };
    const result = await invokeTool(contract, call.input, {
      signal: twice ? AbortSignal.any([signal, twice]) : signal,
      idempotencyKey: idempotencyKeyOf(run.id, call),
      now: deps.clock.now,
      home: { workspaceId: run.workspaceId, channelId: run.channelId, threadId: run.threadId },
      actsFor: actsForIn(deps, run, journal),
      ...remembering(deps, run, signal),
      output: (step) => outputOf(journal, step),
      zone: zoneOf(run),
      ...(waited && { waited }),
      mayReach: mayReachIn(deps, policy, run, journal),
      ...(contract.effect !== "read" && { mayLeave }),
      onBug: (tool, cause) => deps.log.error({ runId: run.id, tool, err: cause }, "tool failed in a way it should not"),
    });
    const mayMakeAgain = !result.ok && (contract.retry === "idempotent" || result.error.mayHaveHappened === false);
    if (!held.back || !mayMakeAgain) return { result, twice };
    deps.log.warn({ runId: run.id, tool: call.name }, "call held back: this process had stood still");
  }
}
