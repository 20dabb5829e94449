/** Whether a call must be asked for, and why. Pure. An empty answer means it may run unasked; nothing else does. */
import type { ToolContract } from "../../tools/index.ts";

export interface CallInContext {
  readonly contract: ToolContract;
  readonly input: unknown;
  /** The run has read text that outsiders can write. */
  readonly tainted: boolean;
  /** Places the workflow may send to without asking: those its own instruction names. */
  readonly allowedPlaces: ReadonlySet<string>;
  /** A person wrote these arguments: then the call is made only by the yes that came with them. */
  readonly changed?: boolean;
}

/** @returns one sentence a reason, for the approver */
export function reasonsToAsk({ contract, input, tainted, allowedPlaces, changed = false }: CallInContext): string[] {
  const reasons: string[] = [];
  if (contract.effect === "write") reasons.push("it changes something outside Claw");
  if (contract.effect === "destructive") reasons.push("it is destructive");
  const place = contract.egress === "by_argument" ? (contract.destination?.(input) ?? "somewhere unknown") : null;
  if (tainted && place !== null && !allowedPlaces.has(place)) {
    reasons.push(`this run read text from outside and now wants to send to ${place}`);
  }
  if (changed) reasons.push("a person changed its arguments");
  return reasons;
}

const URL_IN_TEXT = /https?:\/\/[^\s<>"'`]+/gi;

/** The hosts (with their port, when one is written) an instruction names in its URLs: what its author asked Claw to reach. */
export function placesIn(instruction: string): Set<string> {
  const places = new Set<string>();
  for (const [match] of instruction.matchAll(URL_IN_TEXT)) {
    const text = match.replace(/[.,;:!?)\]}]+$/, "");
    if (URL.canParse(text)) places.add(new URL(text).host);
  }
  return places;
}
