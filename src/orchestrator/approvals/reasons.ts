/** Why a call must be asked for, whatever the policy says besides. Pure. An empty answer means nothing of this kind. */
import type { ToolContract } from "../../tools/index.ts";

export interface CallInContext {
  readonly contract: ToolContract;
  readonly input: unknown;
  /** What the run has read that outsiders can write, a few words each; empty when nothing. */
  readonly taint: readonly string[];
  /** Whether the workflow may send there without asking. */
  readonly isOpen: (place: string) => boolean;
  /** A person wrote these arguments: then the call is made only by the yes that came with them. */
  readonly changed?: boolean;
}

/** @returns one sentence a reason, for the approver */
export function reasonsToAsk({ contract, input, taint, isOpen, changed = false }: CallInContext): string[] {
  const reasons: string[] = [];
  if (contract.effect === "write" && !contract.inside) reasons.push("it changes something");
  if (contract.effect === "destructive") reasons.push("it is destructive");
  const place = contract.egress === "by_argument" ? (contract.destination?.(input) ?? null) : null;
  const closed = contract.egress === "by_argument" && (place === null || !isOpen(place));
  if (taint.length > 0 && closed) {
    reasons.push(`${readWords(taint)} and now wants to send to ${place ?? "somewhere unknown"}`);
  } else if (taint.length > 0 && contract.effect !== "read") reasons.push(readWords(taint));
  if (changed) reasons.push("a person changed its arguments");
  return reasons;
}

const SHOWN = 3;

function readWords(taint: readonly string[]): string {
  const more = taint.length > SHOWN ? `, and ${taint.length - SHOWN} more` : "";
  return `this run read text from outside (${taint.slice(0, SHOWN).join(", ")}${more})`;
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
