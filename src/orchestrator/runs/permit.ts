/** Right before a call that is not free to be made: its approval, a grant, or people who are asked now. */
import { askForApproval, consumeApproval, voidApproval } from "../approvals/ask.ts";
import { approvalOfStep } from "../approvals/store.ts";
import type { Work } from "../db/work.ts";
import type { Failure } from "../errors.ts";
import { useGrant } from "../grants/use.ts";
import { type CallAtGate, decideStep, policyOf } from "../policy/gate.ts";
import { taintOf } from "../policy/taint.ts";
import { stopOf } from "../stops/store.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { EverythingStopped } from "./interruption.ts";
import { moveStep } from "./journal/store.ts";
import { callHash } from "./plan.ts";
import type { Step, ToolStep } from "./step.ts";
import type { HeldRun } from "./store.ts";

export type Permission =
  | { readonly kind: "given" }
  /** The step waits for people. */
  | { readonly kind: "asked" }
  | { readonly kind: "refused"; readonly failure: Failure };

export interface Gate {
  readonly atGate: CallAtGate;
  readonly journal: readonly Step[];
  /** The step's number, as people count. */
  readonly position: number;
}

/**
 * Between the plan and this moment rules may have come, and outside text: what holds is what the policy says now. An
 * approval is bound to this exact call and contract; a grant is used once a step.
 */
export async function permit(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  call: ToolStep,
  { atGate, journal, position }: Gate,
): Promise<Permission> {
  // No process begins a call that is not free while everything is stopped, however late it hears of that.
  const stop = await stopOf(work.tx, run.workspaceId);
  if (stop) throw new EverythingStopped(stop.by);
  const { contract } = atGate;
  const decision = decideStep(deps, await policyOf(deps, run, work.tx), run, journal, atGate);
  if (decision.kind === "run") return { kind: "given" };
  if (decision.kind === "refuse") {
    await voidApproval(work, run, call, decision.why);
    return { kind: "refused", failure: { code: "not_permitted", message: decision.why } };
  }
  // What people are asked, were asked or have allowed is what the model asked for: its hash was taken then.
  if (callHash(call.name, call.input) !== call.inputHash) {
    const message = "The call in the record is not the one that was made by the model: it is not made.";
    await voidApproval(work, run, call, message);
    return { kind: "refused", failure: { code: "not_permitted", message } };
  }
  if ((await approvalOfStep(work.tx, run.workspaceId, run.id, call)) !== null) {
    const failure = await consumeApproval(work, run, call, deps.registry.contractHash(contract.name), decision.terms);
    return failure ? { kind: "refused", failure } : { kind: "given" };
  }
  const { input, inputHash: hash } = call;
  const tainted = taintOf(run, journal, deps.registry).length > 0;
  const grant = await useGrant(deps, work, run, call, { contract, input, tainted, decision });
  if (grant.used) return { kind: "given" };
  await moveStep(work.tx, run, call, "ready", "waiting");
  const { terms, grantable } = decision;
  const reasons = [...decision.reasons, ...grant.reasons];
  await askForApproval(deps, work, run, { step: call, position, contract, input, hash, reasons, terms, grantable });
  return { kind: "asked" };
}
