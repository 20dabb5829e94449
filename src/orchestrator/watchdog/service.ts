/**
 * The watchdog inside: tells when a due slot or a queued run has not begun within a minute, and why. Every process has
 * one, so that a bot notices that no worker is alive. What happens when the whole of Claw is dead is `ping.ts`'s affair.
 */
import type { Log } from "../../log.ts";
import type { Database } from "../db/client.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { announce, revise } from "../delivery/store.ts";
import type { Ids } from "../ports.ts";
import { type Late, type LatePage, lateRuns, lateSlots, situationOf } from "./store.ts";
import { type Situation, whyLate } from "./watchdog.ts";

/** Looked at from here on, so that what is logged a minute late was seen twice; milliseconds. */
const SUSPECT_MS = 30_000;
const LOG_MS = 60_000;
const NOTICE_MS = 5 * 60_000;
/** A machine that slept, or has just started, gets that long to begin what came meanwhile; milliseconds. */
const SEEN_FOR_MS = 15_000;
const PAGE = 200;
/** Workflows that a log line names. */
const NAMED = 10;

export interface WatchdogDeps extends WorkDeps {
  readonly ids: Ids;
  readonly log: Log;
  /** Runs a worker may have under way. */
  readonly concurrency: number;
  /** Application name of connections that belong to workers. */
  readonly workerName: string;
}

export interface Watchdog {
  /** One page of what is late. Looking twice, or in two processes, tells the thread once. */
  look(): Promise<void>;
}

interface Known {
  readonly late: Late;
  readonly seenAt: number;
  logged: boolean;
  told: boolean;
}

/** A round over everything of one kind that is late, a page at a time. */
interface Round {
  readonly what: "slot" | "run";
  readonly page: (db: Database, page: LatePage) => Promise<Late[]>;
  readonly known: Map<string, Known>;
  readonly seen: Set<string>;
  after: LatePage["after"];
}

export function createWatchdog(deps: WatchdogDeps): Watchdog {
  const rounds: readonly Round[] = [
    { what: "slot", page: lateSlots, known: new Map(), seen: new Set(), after: null },
    { what: "run", page: lateRuns, known: new Map(), seen: new Set(), after: null },
  ];
  return {
    async look() {
      for (const round of rounds) await walk(deps, round);
    },
  };
}

const keyOf = (late: Late): string => `${late.id}:${late.dueAt.toISOString()}`;
/** A slot that is claimed late and then waits as a run is one message. */
const deliveryKey = (late: Late): string => `late:${late.workflowId}:${late.plannedAt.toISOString()}`;

async function walk(deps: WatchdogDeps, round: Round): Promise<void> {
  const now = deps.clock.now();
  const page = await round.page(deps.db, { before: new Date(now - SUSPECT_MS), after: round.after, limit: PAGE });
  const standing = page.flatMap((late): Known[] => {
    if (late.inTurn) return [];
    const key = keyOf(late);
    round.seen.add(key);
    const known = round.known.get(key) ?? { late, seenAt: now, logged: false, told: false };
    round.known.set(key, known);
    return now - known.seenAt >= SEEN_FOR_MS ? [known] : [];
  });
  const lateBy = ({ late }: Known): number => now - late.dueAt.getTime();
  const toLog = standing.filter((known) => !known.logged && lateBy(known) >= LOG_MS);
  const toTell = standing.filter((known) => !known.told && lateBy(known) >= NOTICE_MS);
  if (toLog.length + toTell.length > 0) {
    const situation = await situationOf(deps.db, new Date(now), deps.workerName);
    const why = whyLate(round.what, situation, deps.concurrency);
    if (toLog.length > 0) log(deps, round.what, toLog, situation, why);
    for (const known of toTell) {
      await inWork(deps, (work) => tell(deps, work, known.late, why));
      known.told = true;
    }
  }
  round.after = page.length < PAGE ? null : (page.at(-1) ?? null);
  if (round.after === null) await endRound(deps, round);
}

function log(deps: WatchdogDeps, what: Round["what"], late: readonly Known[], situation: Situation, why: string): void {
  const told = {
    count: late.length,
    workflows: late.slice(0, NAMED).map((known) => known.late.name),
    since: late[0]?.late.dueAt.toISOString(),
    why,
    workers: situation.connections,
    underWay: situation.held,
  };
  if (what === "slot") deps.log.error(told, "due slots have not been claimed within a minute");
  else deps.log.error(told, "queued runs have not been started within a minute");
  for (const known of late) known.logged = true;
}

/** What was late and is not seen any more has begun, or was taken back. */
async function endRound(deps: WatchdogDeps, round: Round): Promise<void> {
  for (const [key, known] of round.known) {
    if (round.seen.has(key)) continue;
    round.known.delete(key);
    if (known.told) await inWork(deps, (work) => tellOver(work, known.late));
  }
  round.seen.clear();
}

const tell = (deps: WatchdogDeps, work: Work, late: Late, why: string): Promise<unknown> =>
  announce(work, {
    id: deps.ids.next(),
    workspaceId: late.workspaceId,
    key: deliveryKey(late),
    channelId: late.channelId,
    place: { kind: "home" },
    workflowId: late.workflowId,
    runId: null,
    privateTo: null,
    notice: {
      kind: "startLate",
      workflow: { workflowId: late.workflowId, name: late.name },
      plannedAt: late.plannedAt.toISOString(),
      runNumber: late.runNumber,
      why,
      overAt: null,
    },
  });

const tellOver = (work: Work, late: Late): Promise<void> =>
  revise(work, late.workspaceId, deliveryKey(late), (notice) =>
    notice.kind === "startLate" ? { ...notice, overAt: work.now.toISOString() } : null,
  );
