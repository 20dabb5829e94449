/**
 * What this process knows of a run that it holds, so that it never reads back what it wrote itself. It is good as long as
 * the lease is: the fence of every write says whether it still is.
 */
import { inWork, isPassing, type Work } from "../db/work.ts";
import type { EngineDeps } from "./engine-deps.ts";
import type { Holding } from "./holding.ts";
import { loadJournal } from "./journal/store.ts";
import type { Step, StepKey } from "./step.ts";
import { type HeldRun, isTainted } from "./store.ts";
import { joined, journalAfter, type RunWrite } from "./writes/write.ts";
import type { RunWriter } from "./writes/writer.ts";

export interface AdvanceDeps extends EngineDeps {
  readonly writer: RunWriter;
  readonly holding: Pick<Holding, "must" | "isMine" | "unheld" | "awayMs">;
}

/** A finished call whose record is written together with what comes next. */
export interface Unwritten {
  readonly write: RunWrite;
  /** The call; its step is `ready` until this is written. */
  readonly step: StepKey;
  /** Writes it in a work of its own, when it cannot go along. */
  readonly alone: (work: Work) => Promise<unknown>;
}

export interface Known {
  /** The whole journal, with what is unwritten; null when it must be read. */
  journal: readonly Step[] | null;
  tainted: boolean;
  /** All there is of this run was written in the ordinary way: no wait, approval or card of it can be open. */
  plain: boolean;
  /** Its progress was said. */
  shown: boolean;
  unwritten: Unwritten | null;
  /** Milliseconds that the database had been away for when the run was claimed. */
  readonly awayBefore: number;
  /** Calls whose start was written, or may have been, and whose result was not: by turn and index. */
  readonly begun: Map<string, StepKey>;
  /** Texts of its opening by their hash. */
  readonly texts: Map<string, string>;
}

/** @param awayMs what the database had been away for by then */
export const knownOf = (run: HeldRun, awayMs: number): Known => ({
  // Nobody has worked on it before, so there is nothing to read.
  journal: run.epoch === 1 ? [] : null,
  tainted: run.tainted,
  plain: run.epoch === 1,
  shown: false,
  unwritten: null,
  awayBefore: awayMs,
  begun: new Map(),
  texts: new Map(),
});

/** The journal as it is now. A step that waits, or that a person is asked about, is read again: it is not ours to know. */
export async function journalOf(deps: AdvanceDeps, run: HeldRun, known: Known): Promise<readonly Step[]> {
  if (known.journal?.some(({ status }) => status === "waiting" || status === "unknown")) known.journal = null;
  if (known.journal === null) {
    await writeDown(deps, known);
    known.journal = await loadJournal(deps.db, run);
    known.tainted ||= await isTainted(deps.db, run);
  }
  return known.journal;
}

/**
 * Writes a move in the ordinary way, and what was unwritten before it.
 * @returns false when neither was written: take {@link theLongWay}
 */
export async function writeMove(deps: AdvanceDeps, known: Known, write: RunWrite): Promise<boolean> {
  const before = known.unwritten;
  if (!(await deps.writer.write(before ? joined(before.write, write) : write))) return false;
  known.unwritten = null;
  note(known, write);
  return true;
}

/** Keeps the record of a finished call for the next write. */
export function writeLater(known: Known, unwritten: Unwritten): void {
  known.unwritten = unwritten;
  note(known, unwritten.write);
}

function note(known: Known, write: RunWrite): void {
  if (known.journal) known.journal = journalAfter(known.journal, write);
  known.tainted ||= write.tainted;
  known.shown ||= write.said.length > 0;
}

/** Writes what is unwritten, one way or the other. */
export async function writeDown(deps: AdvanceDeps, known: Known): Promise<void> {
  const { unwritten } = known;
  if (!unwritten) return;
  try {
    if (!(await deps.writer.write(unwritten.write))) {
      forget(known);
      await inWork(deps, unwritten.alone);
    }
  } catch (error) {
    // Whether it was written is found out when the database is back.
    if (isPassing(error)) throw error;
    known.unwritten = null;
    throw error;
  }
  known.unwritten = null;
}

/** A work of its own, for whatever is not ordinary; what it changes is read back. */
export async function theLongWay<T>(deps: AdvanceDeps, known: Known, body: (work: Work) => Promise<T>): Promise<T> {
  await writeDown(deps, known);
  forget(known);
  return inWork(deps, body);
}

/** What it is now must be read. */
export function forget(known: Known): void {
  known.journal = null;
  known.plain = false;
}
