/** Whether an answer is what a gate waits for. Pure. */
import { assertNever } from "../errors.ts";
import { conditionWords } from "./phrase/gate.ts";
import type { Condition } from "./trigger.ts";

/** What came of asking a gate. `value` is what a later look compares with. */
export type Verdict =
  | { readonly kind: "yes"; readonly seen: unknown }
  /** With why there is nothing to do, for people. */
  | { readonly kind: "no"; readonly reason: string; readonly seen: unknown };

const SHOWN = 80;
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/**
 * @param found what the path found; a condition on nothing found does not hold, but for "does not exist" and the negations
 * @param canonical how values are compared with those of the last look
 * @param before what `seen` was at the last look; undefined: there was none
 */
export function judge(
  condition: Condition,
  found: readonly unknown[],
  canonical: (value: unknown) => string,
  before: unknown,
): Verdict {
  const value = found[0];
  // In an object: the driver would read a text that is JSON as what it says.
  const seen = condition.kind === "changed" ? { is: canonical(found) } : null;
  const is = found.length === 0 ? "there is no such value" : `it is ${shown(value)}`;
  const verdict = (holds: boolean): Verdict =>
    holds ? { kind: "yes", seen } : { kind: "no", reason: `${is}, and not: ${conditionWords(condition)}`, seen };
  switch (condition.kind) {
    case "changed":
      if (before === undefined) return { kind: "no", reason: "first look: noted what to compare with", seen };
      return canonical(before) === canonical(seen)
        ? { kind: "no", reason: "it has not changed", seen }
        : { kind: "yes", seen };
    case "exists":
      return verdict(found.length > 0 !== condition.not);
    case "equals":
      return verdict(found.some((each) => each === condition.value) !== condition.not);
    case "contains":
      return verdict(found.some((each) => contains(each, condition.text)) !== condition.not);
    case "compares":
      return verdict(found.some((each) => compares(each, condition)));
    default:
      return assertNever(condition, "condition");
  }
}

function contains(value: unknown, text: string): boolean {
  if (Array.isArray(value) && value.some((each) => each === text)) return true;
  return textOf(value).toLowerCase().includes(text.toLowerCase());
}

function compares(value: unknown, { than, number }: Extract<Condition, { kind: "compares" }>): boolean {
  const figure = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof figure !== "number" || !Number.isFinite(figure)) return false;
  switch (than) {
    case "greater":
      return figure > number;
    case "less":
      return figure < number;
    case "at_least":
      return figure >= number;
    case "at_most":
      return figure <= number;
    default:
      return assertNever(than, "comparison");
  }
}
