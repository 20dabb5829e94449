/** Whether a gate may be asked now: by the same policy, breakers and limits as the calls of runs. No people are asked. */
import { validateInput } from "../../../tools/index.ts";
import { placesIn } from "../../approvals/reasons.ts";
import { inWork } from "../../db/work.ts";
import type { Failure } from "../../errors.ts";
import { decideCall } from "../../policy/policy.ts";
import type { EngineDeps } from "../../runs/engine-deps.ts";
import type { Admitted, PutOff, ServiceCall } from "../../services/service.ts";
import { serviceOfCall } from "../../services/service-name.ts";
import type { Defined } from "../../workflows/store.ts";
import { callWords } from "../phrase/gate.ts";
import type { Gate } from "../trigger.ts";
import type { GateCall } from "./ask.ts";
import { type Check, putOffCheck, waitingSince } from "./store.ts";

export type Way =
  /** It is asked; what came of it is told to {@link Services.heard}. */
  | ({ readonly kind: "open"; readonly asked: ServiceCall; readonly admitted: Admitted } & GateCall)
  /** It is not asked, and will not be. */
  | { readonly kind: "closed"; readonly failure: Failure }
  /** Its service is down, or had as many calls as it may: the check was put off, which costs no attempt. */
  | { readonly kind: "later" };

/** How long a firing waits for a service that it must be asked of; then it is left out. Milliseconds. */
const PATIENCE_MS = 15 * 60_000;

/** @param owner who holds the check */
export async function wayTo(
  deps: EngineDeps,
  { workflow, revision }: Defined,
  gate: Gate,
  check: Check,
  owner: string,
): Promise<Way> {
  const contract = deps.registry.get(gate.tool);
  // Tools come and go with the configuration: a gate that can no longer be asked says no to nothing, and yes to nothing.
  if (contract?.effect !== "read") {
    return closed("unknown_tool", `${gate.tool} is no tool that reads; edit the condition`);
  }
  const input = validateInput(contract, JSON.stringify(gate.input));
  if (!input.ok) return { kind: "closed", failure: { code: input.error.code, message: input.error.message } };
  const decision = decideCall(await deps.policy.recent(workflow.workspaceId), {
    contract,
    input: input.value,
    workflow,
    taint: [],
    places: placesIn(revision.instruction),
    callsBefore: 0,
  });
  if (decision.kind === "refuse") return closed("not_permitted", decision.why);
  if (decision.kind === "ask") {
    const why = decision.reasons.join("; ");
    return closed("not_permitted", `nobody can be asked before a condition, and here somebody must be: ${why}`);
  }
  const open = (admitted: Admitted): Way => ({ kind: "open", contract, input: input.value, asked, admitted });
  const asked = {
    workspaceId: workflow.workspaceId,
    service: serviceOfCall(contract, input.value),
    tool: contract.name,
  };
  const glanced = await deps.services.glance(asked);
  if (glanced) return open(glanced);
  return inWork(deps, async (work): Promise<Way> => {
    const admitted = await deps.services.admit(work, asked);
    if (admitted.kind === "go") return open(admitted);
    const since = (await waitingSince(work.tx, check)) ?? work.now;
    if (work.now.getTime() - since.getTime() >= PATIENCE_MS) {
      return closed("service_unavailable", `${callWords(gate)}: ${whyNot(admitted)}`);
    }
    await putOffCheck(work.tx, check, owner, admitted.until, check.attempts - 1);
    work.wake("checks.due", admitted.until.getTime());
    return { kind: "later" };
  });
}

const closed = (code: Failure["code"], message: string): Way => ({ kind: "closed", failure: { code, message } });

function whyNot({ service, why }: PutOff): string {
  if (why.kind === "limit") return `${service} had its ${why.perMinute} calls of each minute since it came`;
  return `${service} is down since ${why.since.toISOString()}: ${why.failure.message}`;
}
