/** What a failure has in common with others of the same cause. Pure. */
import type { ErrorCode, Failure } from "../errors.ts";
import type { Step } from "../runs/step.ts";

export interface Cause {
  readonly code: ErrorCode;
  /** The tool with its service, or the model; null when no step is to blame. */
  readonly place: string | null;
  /** Its words without what differs from one time to the next. */
  readonly words: string;
  /** What went wrong, for people: of a run that was overtaken, what it was to be tried again for. */
  readonly failure: Failure;
}

/** Endings in the model's own words, which it chooses anew each time: a call that failed says more about the cause. */
const IN_ITS_OWN_WORDS: ReadonlySet<ErrorCode> = new Set(["blocked", "refused", "no_verdict", "too_many_steps"]);

/** @param placeOf the tool with its service, or the model, of a step */
export function causeOf(failure: Failure, journal: readonly Step[], placeOf: (step: Step) => string): Cause {
  if (failure.code === "superseded") {
    const tried = journal.findLast((step) => step.failure !== null && step.status === "waiting");
    if (!tried?.failure) return { code: failure.code, place: null, words: "", failure };
    const { code, message } = tried.failure;
    const told = { ...failure, message: `${message} (${lowerFirst(failure.message)})` };
    return { code, place: placeOf(tried), words: wordsOf(message), failure: told };
  }
  if (IN_ITS_OWN_WORDS.has(failure.code)) {
    const failed = journal.findLast((step) => step.kind === "tool" && step.failure !== null);
    if (failed?.failure) {
      const { code, message } = failed.failure;
      return { code: failure.code, place: placeOf(failed), words: `${code} ${wordsOf(message)}`, failure };
    }
    return {
      code: failure.code,
      place: null,
      words: failure.code === "blocked" ? wordsOf(failure.message) : "",
      failure,
    };
  }
  const to = journal.findLast(
    (step) => step.failure?.code === failure.code && step.failure.message === failure.message,
  );
  return { code: failure.code, place: to ? placeOf(to) : null, words: wordsOf(failure.message), failure };
}

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/giu;
const INSTANT = /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/gu;
/** A long word of letters and digits: the id of a request, a trace, a commit. */
const ID = /\b(?=[\p{L}_-]*\d)(?=\d*[\p{L}_-])[\p{L}\d_-]{8,}/gu;
const NUMBER = /\d+(?:[.,:]\d+)*/gu;
const MAX_WORDS = 300;

/** A message without ids, times and numbers. */
export const wordsOf = (message: string): string =>
  message
    .slice(0, 4_000)
    .replace(UUID, "#")
    .replace(INSTANT, "#")
    .replace(ID, "#")
    .replace(NUMBER, "#")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase()
    .slice(0, MAX_WORDS);

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/u, "");
