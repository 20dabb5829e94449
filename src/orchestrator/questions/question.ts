/** A question: what a run asks people in its workflow's thread; it waits for one answer. Pure. */
import { DEFAULT_DECIDER, mayDecide, type Person, strictest, termsWords } from "../policy/decider.ts";
import { type MemberId, ROLES } from "../ports.ts";

export const QUESTION_STATUSES = ["open", "answered", "expired", "cancelled"] as const;
export type QuestionStatus = (typeof QUESTION_STATUSES)[number];

/** `expired`: nobody answered in time, which is no answer. `cancelled`: its run ended. */
export const QUESTION_TRANSITIONS = {
  open: ["answered", "expired", "cancelled"],
  answered: [],
  expired: [],
  cancelled: [],
} as const satisfies Record<QuestionStatus, readonly QuestionStatus[]>;

export interface Question {
  readonly id: string;
  readonly workspaceId: string;
  /** What people type: `/claw answer 3 blue`. */
  readonly number: number;
  readonly runId: string;
  readonly turn: number;
  readonly callIndex: number;
  readonly status: QuestionStatus;
  readonly text: string;
  /** Null: any text answers. */
  readonly choices: readonly string[] | null;
  /** Who may answer: roles, and groups or members as `@name`. Null: see {@link mayAnswer}. */
  readonly answerers: readonly string[] | null;
  /** When people are reminded; null once they were, or when it is not to be. */
  readonly remindAt: Date | null;
  readonly createdAt: Date;
  readonly answer: string | null;
  readonly answeredBy: MemberId | null;
  /** When it was answered, or was over without an answer; null while it is open. */
  readonly endedAt: Date | null;
}

/** Questions of one run; the next ones are refused. */
export const MOST_QUESTIONS = 5;
/** Characters of an answer. */
export const LONGEST_ANSWER = 2_000;

const termsOf = (answerers: readonly string[]) => strictest([{ by: [...answerers] }]);

/** Without names: the workflow's owner, approvers and admins. A viewer, and so an outsider, never. */
export function mayAnswer({ answerers }: Pick<Question, "answerers">, person: Person, ownerId: MemberId): boolean {
  if (person.role === "viewer") return false;
  if (answerers !== null) return mayDecide(termsOf(answerers), person, []);
  return person.memberId === ownerId || ROLES.indexOf(person.role) >= ROLES.indexOf(DEFAULT_DECIDER);
}

export const answererWords = (answerers: readonly string[] | null): string =>
  answerers === null ? "its owner, an approver or an admin" : termsWords(termsOf(answerers));

const folded = (text: string): string => text.normalize("NFKC").replace(/\s+/gu, " ").trim().toLowerCase();

/** Its words, not its number: a bare `2` in a thread may be about anything. */
export const isChoice = (choices: readonly string[], typed: string): boolean =>
  choices.some((choice) => folded(choice) === folded(typed));

/**
 * What a typed text answers: one of the choices, by its words or its number from 1 on, or the text itself.
 * @returns null when it is empty, or none of the choices
 */
export function answerIn(choices: Question["choices"], typed: string): string | null {
  const text = typed.trim();
  if (text === "") return null;
  if (choices === null) return text;
  const same = choices.find((choice) => folded(choice) === folded(text));
  if (same !== undefined) return same;
  return /^[1-9]\d?$/u.test(text) ? (choices[Number(text) - 1] ?? null) : null;
}
