/** What can be known about another process by its id. Ids are recycled, so an id alone says nothing. */
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";

interface ProcessFacts {
  /** Distinguishes two processes that had the same id one after the other; "0" when this system does not tell. */
  readonly startMark: string;
  /** The name of its program, at most 15 characters on Linux; empty when this system does not tell. */
  readonly program: string;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** `12 (postgres) S 1 …`: the program's name may itself hold blanks and brackets, so cut at the last one. */
function fromProc(pid: number): ProcessFacts | null | "unreadable" {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const open = stat.indexOf("(");
    const close = stat.lastIndexOf(")");
    const fields = stat.slice(close + 2).split(" ");
    const state = fields[0] ?? "";
    if (state === "Z" || state === "X") return null;
    return { startMark: fields[19] ?? "0", program: stat.slice(open + 1, close) };
  } catch {
    return "unreadable";
  }
}

function fromPs(pid: number): ProcessFacts | null {
  const asked = spawnSync("ps", ["-o", "state=,lstart=,comm=", "-p", String(pid)], {
    encoding: "utf8",
    env: { LC_ALL: "C", PATH: "/bin:/usr/bin" },
  });
  const parts = (asked.stdout ?? "").trim().split(/\s+/);
  if (parts.length < 7 || parts[0]?.startsWith("Z")) return null;
  const started = Date.parse(parts.slice(1, 6).join(" "));
  return {
    startMark: Number.isNaN(started) ? "0" : String(started / 1000),
    program: parts.slice(6).join(" ").split("/").at(-1) ?? "",
  };
}

/** @returns null when no such process runs. A zombie does not run: it holds no file and no memory, only its id. */
export function processFacts(pid: number): ProcessFacts | null {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !exists(pid)) return null;
  if (process.platform !== "linux") return fromPs(pid);
  const facts = fromProc(pid);
  return facts === "unreadable" ? (exists(pid) ? { startMark: "0", program: "" } : null) : facts;
}

/** Does this process run the PostgreSQL server of that data folder? An id from a file of yesterday may be anybody's. */
export function isPostmasterOf(pid: number, pgdata: string): boolean {
  const facts = processFacts(pid);
  if (facts === null || facts.program !== "postgres") return false;
  if (process.platform !== "linux") {
    const asked = spawnSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    return (asked.stdout ?? "").includes(pgdata);
  }
  try {
    const works = statSync(`/proc/${pid}/cwd`);
    const data = statSync(pgdata);
    return works.dev === data.dev && works.ino === data.ino;
  } catch {
    // Somebody else's process: a server on a folder of ours would run as us, or we would be root and could look.
    return false;
  }
}
