/**
 * Marks that processes leave in a folder to say "I am here". The mark of a dead process counts as none.
 *
 * A lock file with a process id in it cannot be taken over safely: two that find the holder dead may each remove the
 * other's new lock. Here nobody ever takes anything over. Each contender puts down a mark with a name of its own, then
 * looks; who sees another living mark picks up his own and waits a random while. As everybody marks before looking,
 * two can never both find themselves alone.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClawError } from "../../errors.ts";
import { processFacts } from "./processes.ts";

export interface Mark {
  readonly name: string;
  /** Picks the mark up. A second call does no harm. */
  readonly release: () => void;
}

/** Leaves a mark of this process in an existing folder; its name carries everything, so it is never half written. */
export function mark(folder: string): Mark {
  const startMark = processFacts(process.pid)?.startMark ?? "0";
  const name = `${process.pid}.${startMark}.${randomBytes(6).toString("hex")}`;
  const path = join(folder, name);
  closeSync(openSync(path, "wx", 0o600));
  return { name, release: () => rmSync(path, { force: true }) };
}

const isAlive = (name: string): boolean => {
  const [pid, startMark] = name.split(".");
  const facts = processFacts(Number(pid));
  return facts !== null && (facts.startMark === startMark || facts.startMark === "0" || startMark === "0");
};

/** The marks of living processes. Removes those of dead ones: names are never used twice, so that is safe. */
export function livingMarks(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => {
    if (isAlive(name)) return true;
    rmSync(join(folder, name), { force: true });
    return false;
  });
}

/**
 * Waits until this process is the only one with a mark in the folder, and keeps its mark there.
 * Throws `database_unavailable` when others hold it for longer than `timeoutMs`.
 */
export async function claimAlone(folder: string, timeoutMs: number): Promise<Mark> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const mine = mark(folder);
    const others = livingMarks(folder).filter((name) => name !== mine.name);
    if (others.length === 0) return mine;
    mine.release();
    if (performance.now() > deadline) {
      const pids = others.map((name) => name.split(".")[0]).join(", ");
      throw new ClawError(
        "database_unavailable",
        `another Claw (process ${pids}) has been starting or stopping the database in ${folder} for ${Math.round(timeoutMs / 1000)} s. ` +
          "If it hangs, end that process and start again.",
      );
    }
    await sleep(15 + Math.random() * 45);
  }
}
