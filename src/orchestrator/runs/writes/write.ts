/**
 * What one move of a run writes in the ordinary case: its steps, its money, and perhaps its end. Whatever is not ordinary
 * (an approval, a wait, a retry, a ceiling, a cancellation) is written by a work of its own, see `engine.ts`.
 */
import type { AuditEvent } from "../../audit/audit.ts";
import type { Reservation } from "../../budget/store.ts";
import type { Piece } from "../../context/context.ts";
import type { Announcement } from "../../delivery/store.ts";
import type { Usage } from "../../ports.ts";
import type { AttemptRecord } from "../journal/store.ts";
import type { Verdict } from "../run.ts";
import type { Step, StepKey, StepStatus } from "../step.ts";
import type { HeldRun } from "../store.ts";

/** A step as it is from now on. */
export interface StepMove {
  readonly from: StepStatus;
  readonly to: Step;
  /** What a model call used; null for a tool call. */
  readonly usage: Usage | null;
}

/** A model call is paid: its reservation becomes its cost. */
export interface Payment {
  readonly reservation: Reservation;
  readonly actualMicros: number;
}

/** The run did what it was asked. */
export interface GoodEnd {
  readonly verdict: Verdict;
  /** It had nothing to say, or only says what is wrong. */
  readonly quiet: boolean;
  readonly audit: AuditEvent;
}

export interface RunWrite {
  readonly run: HeldRun;
  readonly at: Date;
  readonly added: readonly Step[];
  readonly moved: readonly StepMove[];
  /** Attempts that have ended; the start of one stands in its step. */
  readonly attempts: readonly AttemptRecord[];
  /** Texts of the opening, to be kept. */
  readonly pieces: readonly Piece[];
  readonly reserve: Reservation | null;
  readonly pay: Payment | null;
  /** The run has read text that outsiders can write. */
  readonly tainted: boolean;
  /** What is said in its home: how far it is, and its report. */
  readonly said: readonly Announcement[];
  readonly end: GoodEnd | null;
}

export const nothingOf = (run: HeldRun, at: Date): RunWrite => ({
  run,
  at,
  added: [],
  moved: [],
  attempts: [],
  pieces: [],
  reserve: null,
  pay: null,
  tainted: false,
  said: [],
  end: null,
});

/** Two moves as one write; the later one may begin, pay or end something, the earlier one only records. */
export const joined = (earlier: RunWrite, later: RunWrite): RunWrite => ({
  ...later,
  added: [...earlier.added, ...later.added],
  moved: [...earlier.moved, ...later.moved],
  attempts: [...earlier.attempts, ...later.attempts],
  tainted: earlier.tainted || later.tainted,
  said: [...earlier.said, ...later.said],
});

const inOrder = (a: StepKey, b: StepKey): number => a.turn - b.turn || a.callIndex - b.callIndex;

/** The journal once this is written. */
export function journalAfter(journal: readonly Step[], write: Pick<RunWrite, "added" | "moved">): Step[] {
  const changed = journal.map((step) => write.moved.find(({ to }) => inOrder(to, step) === 0)?.to ?? step);
  return [...changed, ...write.added].sort(inOrder);
}
