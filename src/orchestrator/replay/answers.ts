/** What the tools of a replay answer: what the journal of the run it repeats says. Pure. */
import { fail, ok, TOOL_ERRORS, type ToolErrorCode, type ToolResult } from "../../tools/index.ts";
import { classOf } from "../errors.ts";
import type { Step, StepKey, ToolStep } from "../runs/step.ts";

export const NOT_IN_JOURNAL = "not in the journal";

/** The answer to a call that the run it repeats never made, or never heard the answer of. */
export const MISS: ToolResult<never> = fail("not_found", NOT_IN_JOURNAL);

/** Said to whoever makes a call again that people refused; as the planner of a real run says it. */
const REFUSED_BEFORE = fail(
  "approval_denied",
  "This exact call was refused before in this run. Do something else, or finish.",
);

/**
 * Answers by idempotency key, for every call the replay has journalled so far. Calls are matched by their canonical hash,
 * and in order where hashes are equal; so the same journals give the same answers, however often a worker is lost.
 * @param keyOf the idempotency key of a call of the replay
 */
export function answersFor(
  recorded: readonly Step[],
  replayed: readonly Step[],
  keyOf: (step: StepKey) => string,
): ReadonlyMap<string, ToolResult<unknown>> {
  const known = new Map<string, ToolStep[]>();
  for (const call of executable(recorded)) known.set(askedHash(call), [...(known.get(askedHash(call)) ?? []), call]);
  const taken = new Map<string, number>();
  const answers = new Map<string, ToolResult<unknown>>();
  for (const call of executable(replayed)) {
    const nth = taken.get(call.inputHash) ?? 0;
    taken.set(call.inputHash, nth + 1);
    const of = known.get(call.inputHash) ?? [];
    const made = of[nth];
    const refusedBefore = made === undefined && of.some(saidNo);
    answers.set(keyOf(call), (made && answerOf(made)) ?? (refusedBefore ? REFUSED_BEFORE : MISS));
  }
  return answers;
}

/** Calls that were valid; the others were answered by the planner, which a replay has too. */
const executable = (journal: readonly Step[]): ToolStep[] =>
  journal.filter((step): step is ToolStep => step.kind === "tool" && step.inputHash !== "");

/** The call as the model made it: a replay makes that one, whoever changed its arguments then. */
export const askedHash = ({ changed, inputHash }: ToolStep): string => changed?.hash ?? inputHash;

const saidNo = ({ status, failure }: ToolStep): boolean =>
  status === "refused" && (failure?.code === "approval_denied" || failure?.code === "approval_expired");

/** What the model was told of a call; null when it was told nothing: the run ended, or waits, before there was an answer. */
function answerOf({ status, output, failure }: ToolStep): ToolResult<unknown> | null {
  if (status === "succeeded") return ok(output);
  if ((status !== "failed" && status !== "refused") || failure === null || !isToolError(failure.code)) return null;
  const kind = classOf(failure.code);
  return kind === "invalid" || kind === "denied" ? fail(failure.code, failure.message) : null;
}

const isToolError = (code: string): code is ToolErrorCode => Object.hasOwn(TOOL_ERRORS, code);
