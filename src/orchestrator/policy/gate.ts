/** Where a run's calls meet the policy: when they are planned, and again right before each is made. */
import type { ActsFor, ToolContract } from "../../tools/index.ts";
import { placesIn } from "../approvals/reasons.ts";
import type { Transaction } from "../db/client.ts";
import { realRegistry } from "../dry-run/registry.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import type { Step, StepKey } from "../runs/step.ts";
import type { HeldRun } from "../runs/store.ts";
import { DEFAULT_FILE_POLICY, type Decision, decideCall, isOpenTo, type Policy, sendableIn } from "./policy.ts";
import { taintOf } from "./taint.ts";

type GateDeps = Pick<EngineDeps, "policy" | "registry">;

export interface CallAtGate {
  readonly contract: ToolContract;
  readonly input: unknown;
  readonly changed?: boolean;
  /** Calls of the same tool before it, that were made or will be. */
  readonly callsBefore: number;
}

/** A replay touches nothing, so nothing is forbidden to it. */
const OPEN: Policy = { file: DEFAULT_FILE_POLICY, chat: [] };

/** @param tx the policy as it is in there; null: as it was a moment ago */
export async function policyOf(deps: GateDeps, run: HeldRun, tx: Transaction | null): Promise<Policy> {
  if (run.replayOf !== null) return OPEN;
  return tx ? deps.policy.present(tx, run.workspaceId) : deps.policy.recent(run.workspaceId);
}

export function decideStep(
  deps: Pick<EngineDeps, "registry">,
  policy: Policy,
  run: HeldRun,
  journal: readonly Step[],
  call: CallAtGate,
): Decision {
  // A dry run's tools can do nothing; what is asked is what they stand for.
  const registry = realRegistry(deps.registry);
  return decideCall(policy, {
    ...call,
    contract: registry.get(call.contract.name) ?? call.contract,
    workflow: { id: run.workflowId, name: run.workflowName },
    taint: taintOf(run, journal, registry),
    places: placesIn(run.pinned.instruction),
  });
}

/** Nobody is asked in a dry run: its tools make no call that a real run would ask about. */
export const unasked = (run: HeldRun, decision: Decision): Decision =>
  run.dry && decision.kind === "ask" ? { kind: "run", rules: decision.rules } : decision;

/** For whom the tools of a run act. */
export const actsForIn = (deps: Pick<EngineDeps, "registry">, run: HeldRun, journal: readonly Step[]): ActsFor => ({
  memberId: run.ownerId,
  workflowId: run.workflowId,
  workflow: run.workflowName,
  runId: run.id,
  tainted: taintOf(run, journal, deps.registry).length > 0,
});

/** How many calls of a tool the run made, or is about to, before a step. */
export const callsOf = (journal: readonly Step[], tool: string, before: StepKey): number =>
  journal.filter(
    (step) =>
      step.kind === "tool" &&
      step.name === tool &&
      (step.turn < before.turn || (step.turn === before.turn && step.callIndex < before.callIndex)) &&
      step.status !== "refused" &&
      !(step.status === "failed" && step.attempts === 0),
  ).length;

/** Whether a call that is under way may also reach a place that no argument named. */
export function mayReachIn(
  deps: Pick<EngineDeps, "registry">,
  policy: Policy,
  run: HeldRun,
  journal: readonly Step[],
): (place: string) => boolean {
  if (taintOf(run, journal, deps.registry).length === 0) return () => true;
  const places = placesIn(run.pinned.instruction);
  const sendable = sendableIn(policy, { id: run.workflowId, name: run.workflowName });
  return (place) => isOpenTo(place, places, sendable);
}
