/** A grant is shown in words before it is given: from the card of a call that waits, or beforehand. */
import { inputSchema, type ToolContract } from "../../tools/index.ts";
import { lockToDecide } from "../approvals/service.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { loadJournal } from "../runs/journal/store.ts";
import type { ToolStep } from "../runs/step.ts";
import { unknownWorkflow } from "../workflows/service.ts";
import { type Defined, findDefined } from "../workflows/store.ts";
import { exactPattern, GRANT_DEFAULTS, type GrantPattern } from "./grant.ts";
import { insertProposal } from "./store.ts";
import { authorsIn, contractOf, mustBeGrantable, mustMayDecide, termsFor } from "./terms.ts";
import { instructionHash } from "./use.ts";
import { type GrantView, viewOfGrant } from "./view.ts";

const DAY_MS = 86_400_000;

/** From the card of a call that waits: the grant that fits this call alone. @throws ClawError as `lockToDecide`, or `conflict` */
export async function proposeGrant(caller: Caller, approvalId: string): Promise<GrantView> {
  const { deps, work, actor } = caller;
  const { run, approval, before } = await lockToDecide(caller, { id: approvalId });
  if (before) throw new ClawError("conflict", `Approval ${approval.number} was decided already: ${before.status}.`);
  const step = (await loadJournal(work.tx, run)).find(
    (each): each is ToolStep =>
      each.kind === "tool" && each.turn === approval.turn && each.callIndex === approval.callIndex,
  );
  const defined = await findDefined(work.tx, actor.workspaceId, { id: run.workflowId });
  if (!step || !defined) throw unknownWorkflow(null);
  if (step.changed) {
    throw new ClawError("conflict", "A person changed these arguments, so the yes is for this one call.");
  }
  const contract = contractOf(caller, step.name);
  mustBeGrantable(approval.terms);
  return insert(
    caller,
    defined,
    contract,
    exactPattern(step.input),
    approvalId,
    run.pinned.instruction,
    deps.ids.next(),
  );
}

/**
 * Given beforehand, so that a workflow runs unattended from its first time on.
 * @param json the arguments; a text in them is a pattern, `*` for any letters
 * @throws ClawError `unknown_subject`, `invalid_input`, `forbidden`, `conflict`
 */
export async function proposeGrantFor(
  caller: Caller,
  { workflow, tool, json }: { readonly workflow: string; readonly tool: string; readonly json: string },
): Promise<GrantView> {
  const { deps, work, actor } = caller;
  const defined = await findDefined(work.tx, actor.workspaceId, { name: workflow });
  if (!defined || defined.workflow.status === "draft") throw unknownWorkflow(workflow);
  const contract = contractOf(caller, tool);
  if (!defined.revision.tools.includes(tool)) {
    throw new ClawError("conflict", `${tool} is not among the tools of ${workflow}, so it could not call it anyway.`);
  }
  const pattern = patternOf(contract, json);
  const terms = await termsFor(caller, defined, contract, pattern);
  await mustMayDecide(caller, terms, authorsIn(defined));
  return insert(caller, defined, contract, pattern, null, defined.revision.instruction, deps.ids.next());
}

function patternOf(contract: ToolContract, json: string): GrantPattern {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new ClawError("invalid_input", 'Write the arguments as JSON, such as {"channel": "#ops", "text": "*"}.');
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ClawError("invalid_input", 'Write the arguments as JSON, such as {"channel": "#ops", "text": "*"}.');
  }
  const known = Object.keys((inputSchema(contract) as { properties?: object }).properties ?? {});
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new ClawError("invalid_input", `${contract.name} takes no ${strange}. It takes ${known.join(", ")}.`);
  }
  const exact = exactPattern(given);
  const texts = Object.entries(given).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  return { ...exact, ...Object.fromEntries(texts) };
}

async function insert(
  caller: Caller,
  defined: Defined,
  contract: ToolContract,
  pattern: GrantPattern,
  approvalId: string | null,
  instruction: string,
  id: string,
): Promise<GrantView> {
  const { deps, work, actor } = caller;
  const grant = {
    id,
    workspaceId: actor.workspaceId,
    workflowId: defined.workflow.id,
    tool: contract.name,
    contractHash: deps.registry.contractHash(contract.name),
    instructionHash: instructionHash(instruction),
    pattern,
    afterOutside: false,
    uses: GRANT_DEFAULTS.uses,
    usesLeft: GRANT_DEFAULTS.uses,
    expiresAt: new Date(work.now.getTime() + GRANT_DEFAULTS.days * DAY_MS),
    approvalId,
    proposedBy: actor.memberId,
    proposedAt: work.now,
  };
  await insertProposal(work.tx, grant);
  return viewOfGrant(caller, { ...grant, number: null, givenAt: null, revokedBy: null, revokedAt: null });
}
