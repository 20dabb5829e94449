/** Why a run does not simply go on: thrown through the engine, concluded in one place. */
import type { Work } from "../db/work.ts";
import type { Failure } from "../errors.ts";
import type { LimitKind } from "./limit.ts";
import { fence, type HeldRun } from "./store.ts";

/** Someone asked to cancel the run; found at the fence or by its signal. */
export class RunCancelled extends Error {
  override readonly name = "RunCancelled";
  readonly by: string;
  constructor(by: string) {
    super("run cancelled");
    this.by = by;
  }
}

/** The database is away for longer than a lease lasts: nothing new is begun until it is known who holds the run. */
export class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";
}

/** Somebody stopped everything in the run's workspace: it goes on when they resume it. */
export class EverythingStopped extends Error {
  override readonly name = "EverythingStopped";
  readonly by: string;
  constructor(by: string) {
    super("everything stopped");
    this.by = by;
  }
}

/** The process is stopping: what is under way stays in the journal as it is, and is recovered by whoever claims the run. */
export class ShuttingDown extends Error {
  override readonly name = "ShuttingDown";
}

/** The run can not go on; `dead` when a person must look at it. */
export class RunOver extends Error {
  override readonly name = "RunOver";
  readonly failure: Failure;
  readonly how: "failed" | "dead";
  constructor(how: "failed" | "dead", failure: Failure) {
    super(failure.message);
    this.how = how;
    this.failure = failure;
  }
}

/** The run has been under way, or silent, for longer than its workflow lets it. */
export class LimitReached extends Error {
  override readonly name = "LimitReached";
  readonly limit: LimitKind;
  constructor(limit: LimitKind) {
    super(`${limit} limit reached`);
    this.limit = limit;
  }
}

/** Holds the fence, and stops for whoever asked to cancel. */
export async function enter(work: Work, run: HeldRun): Promise<void> {
  const cancelledBy = await fence(work, run);
  if (cancelledBy !== null) throw new RunCancelled(cancelledBy);
}
