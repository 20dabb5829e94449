/** From a trigger as people say it to one that can be stored: channels and workflows found, gates that can be asked. */
import { FINISH, pathFault, validateInput } from "../../tools/index.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { findDefined } from "../workflows/store.ts";
import { matchFault } from "./match.ts";
import { GATE_EXAMPLE } from "./phrase/gate.ts";
import { chainFrom } from "./store.ts";
import { type Gate, gateOf, HERE, type SaidTrigger, type Trigger } from "./trigger.ts";
import { setupOf } from "./webhook.ts";

export interface Settling {
  readonly workflowId: string;
  /** What it was before; null when it is new. A channel that was known by its name then is still. */
  readonly was: Trigger | null;
}

const invalid = (message: string): ClawError => new ClawError("invalid_input", message);

/**
 * The trigger with ids. One that is settled already is looked at again: what it stands on may be gone.
 * @throws ClawError `invalid_input`, `unknown_subject` or `conflict`, with what to type instead
 */
export async function settleTrigger(caller: Caller, said: Trigger | SaidTrigger, settling: Settling): Promise<Trigger> {
  const trigger = await placed(caller, said, settling);
  const gate = gateOf(trigger);
  if (gate) mustBeAskable(caller, gate);
  if (trigger.kind === "message") {
    const fault = matchFault(trigger.match);
    if (fault !== null) throw invalid(`${fault}.`);
  }
  if (trigger.kind === "webhook") {
    const setup = setupOf(caller.deps.webhooks);
    // A draft may be shown without; it cannot be created.
    if (setup.kind === "off" && settling.was !== null) throw invalid(`${setup.why}.`);
  }
  return trigger;
}

async function placed(caller: Caller, said: Trigger | SaidTrigger, settling: Settling): Promise<Trigger> {
  switch (said.kind) {
    case "message":
      return { ...said, channel: channelOf(caller, said.channel, settling) };
    case "reaction":
      return { ...said, channel: said.channel === null ? null : channelOf(caller, said.channel, settling) };
    case "outcome":
      return watched(caller, said, settling);
    default:
      return said;
  }
}

type Place = Extract<Trigger, { kind: "message" }>["channel"];

function channelOf(caller: Caller, said: string | Place, { was }: Settling): Place {
  if (typeof said !== "string") return said;
  if (said === HERE) return { channelId: caller.event.channelId, name: HERE };
  const known = caller.channels?.get(said);
  if (known) {
    if (known.cannotPost === null) return { channelId: known.channelId, name: said };
    throw invalid(`I cannot read ${said}: ${known.cannotPost}`);
  }
  const before = was && "channel" in was ? was.channel : null;
  if (before?.name === said) return before;
  throw invalid(
    `I do not know the channel ${said}, or you cannot see it. Choose it from the list that opens while you type #, or say "here" in that channel.`,
  );
}

async function watched(
  caller: Caller,
  said: Extract<Trigger | SaidTrigger, { kind: "outcome" }>,
  { workflowId }: Settling,
): Promise<Trigger> {
  const { work, actor } = caller;
  const which = "workflowId" in said ? { id: said.workflowId } : { name: said.name };
  const defined = await findDefined(work.tx, actor.workspaceId, which);
  if (!defined || defined.workflow.status === "draft") {
    throw new ClawError(
      "unknown_subject",
      `There is no workflow "${said.name}" to wait for. /claw list shows them all.`,
    );
  }
  const { id, name } = defined.workflow;
  const chain = await chainFrom(work.tx, actor.workspaceId, id);
  const end = chain.findIndex((each) => each.id === workflowId);
  if (end >= 0) {
    const names = [...chain.slice(0, end + 1).reverse(), ...chain.slice(0, 1).filter(() => end > 0)];
    throw new ClawError(
      "conflict",
      end === 0
        ? `${name} cannot wait for itself.`
        : `That would go in a circle: ${names.map((each) => each.name).join(" starts ")}… each would start the next for ever.`,
    );
  }
  return { kind: "outcome", workflowId: id, name, on: said.on, ...(said.gate ? { gate: said.gate } : {}) };
}

/** A gate may read, and nothing else: it is asked without a person, over and over. */
function mustBeAskable({ deps }: Caller, gate: Gate): void {
  const contract = deps.registry.get(gate.tool);
  if (!contract || gate.tool === FINISH) {
    const known = deps.registry.list().filter(({ effect, name }) => effect === "read" && name !== FINISH);
    throw invalid(
      `A condition asks a tool that reads; there is no ${gate.tool}. There is ${known.map(({ name }) => name).join(", ")}. Try: ${GATE_EXAMPLE}`,
    );
  }
  if (contract.effect !== "read") {
    throw invalid(`A condition may only read, and ${gate.tool} changes something. Try: ${GATE_EXAMPLE}`);
  }
  const input = validateInput(contract, JSON.stringify(gate.input));
  if (!input.ok) throw invalid(`${gate.tool} cannot be called like that: ${input.error.message}.`);
  const fault = gate.path === null ? null : pathFault(gate.path);
  if (fault !== null) throw invalid(`${fault}. For example: ${GATE_EXAMPLE}`);
}
