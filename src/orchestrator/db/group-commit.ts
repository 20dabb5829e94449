/**
 * Group commit: what many callers want written at about the same time goes into one transaction, and each of them hears
 * after its commit what became of its own part. PostgreSQL then pays for one commit instead of many.
 *
 * One flush is under way at a time; what comes meanwhile makes the next one, so nobody waits for a timer and the groups
 * grow by themselves when there is much to write.
 */
export interface GroupCommit<T, R> {
  /** Resolves after the commit. Rejects when this part was not written, or when nobody knows (the database was lost). */
  readonly add: (item: T) => Promise<R>;
}

export interface GroupCommitDeps<T, R> {
  /** Items of one flush at most. */
  readonly most: number;
  /** Writes the items in one transaction. @returns what became of each, in their order */
  readonly flush: (items: readonly T[]) => Promise<readonly R[]>;
  /** The transaction failed without a trace, and not for a reason that would fail every other one too. */
  readonly mayTryEach: (error: unknown) => boolean;
}

interface Pending<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

export function createGroupCommit<T, R>(deps: GroupCommitDeps<T, R>): GroupCommit<T, R> {
  const waiting: Pending<T, R>[] = [];
  const state = { flushing: false };

  /** One item that cannot be written must not take the others with it: they are written one by one then. */
  async function flush(group: readonly Pending<T, R>[]): Promise<void> {
    try {
      const results = await deps.flush(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => {
        resolve(results[index] as R);
      });
    } catch (error) {
      if (group.length > 1 && deps.mayTryEach(error)) for (const each of group) await flush([each]);
      else for (const { reject } of group) reject(error);
    }
  }

  async function loop(): Promise<void> {
    while (waiting.length > 0) await flush(waiting.splice(0, deps.most));
    state.flushing = false;
  }

  return {
    add: (item) =>
      new Promise<R>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (state.flushing) return;
        state.flushing = true;
        // A turn later: what the same turn brings along is in it.
        setImmediate(() => void loop());
      }),
  };
}
