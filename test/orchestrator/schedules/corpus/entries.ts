/** The open corpus: one phrase a line, with what must become of it and, beside it, what it means in plain terms. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Plan } from "./oracle.ts";

interface Seen {
  readonly phrase: string;
  readonly zone: string;
  /** The instant at which it is said. */
  readonly now: string;
}

/** A phrase with one meaning. */
export interface Scheduled extends Seen {
  /** The instruction that is left. */
  readonly do: string;
  readonly plan: Plan;
  /** The next twelve instants, fewer when it ends before. */
  readonly next: readonly string[];
}

/** One meaning that a question must offer, with its next three instants. */
export interface Offer {
  readonly plan: Plan;
  readonly next: readonly string[];
}

/** A phrase that must not be scheduled as it stands; `unclear`: asked or refused, as long as nothing is guessed. */
export interface Unclear extends Seen {
  readonly is: "question" | "refused" | "unclear";
  /** What is to be done, when the phrase says it. */
  readonly do?: string;
  /** Says when, and nothing to do; the command line, which runs nothing, is content with that. */
  readonly lacks?: "instruction";
  /** Of a question: what has to be among its readings; none when only a person can say. */
  readonly offers?: readonly Offer[];
  /** Of a refusal. */
  readonly code?: string;
}

const linesOf = <T>(file: string): T[] =>
  readFileSync(path.join(import.meta.dirname, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): T => JSON.parse(line));

export const SCHEDULED = linesOf<Scheduled>("scheduled.jsonl");
export const UNCLEAR = linesOf<Unclear>("unclear.jsonl");
