/** What the database server's processes use, by /proc; where there is none, null. */
import { readdir, readFile } from "node:fs/promises";

/** Clock ticks of a core in a second, as Linux counts them for everybody. */
const TICKS = 100;

export interface ServerUse {
  /** Milliseconds of a core since the server began, those of its ended processes included. */
  readonly cpuMs: number;
  /** Resident bytes, shared memory counted once. */
  readonly bytes: number;
}

/** The fields of /proc/<pid>/stat from the third on: the second, a name, may hold blanks. */
async function statOf(pid: number): Promise<readonly string[] | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

async function residentOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

/** @param postmaster its process id */
export async function serverUse(postmaster: number): Promise<ServerUse | null> {
  const own = await statOf(postmaster);
  if (own === null) return null;
  // User and system time, its own and that of children that have ended.
  let ticks = own.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  let bytes = await residentOf(postmaster);
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await statOf(Number(name));
    if (Number(stat?.[1]) !== postmaster) continue;
    ticks += Number(stat?.[11]) + Number(stat?.[12]);
    bytes += await residentOf(Number(name));
  }
  return { cpuMs: (ticks * 1_000) / TICKS, bytes };
}
