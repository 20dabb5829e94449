/**
 * Wakes: hints that something may be due. What is due now is looked at at once in this process, and the others are told;
 * what is due in a few seconds is a timer; what is further away is an alarm. A wake that comes twice, late or never does
 * no harm: the sweep finds what is due.
 */
import type { Log } from "../../log.ts";
import type { Signals } from "../db/signals.ts";
import { type Alarms, type Clock, WAKE_KINDS, type WakeKind } from "../ports.ts";
import { type AlarmClock, createAlarmClock, LEAD_MS } from "./agenda.ts";

/** Said to the other processes: what is due, since when or from when on (milliseconds), and by whom. */
const CHANNEL = "claw_due";
/** What is nearer than that is a timer. Were its process lost, the sweep would be hardly later. Milliseconds. */
const NEAR_MS = LEAD_MS + 500;
/** The others are told at most that often that work of a kind is there; milliseconds. */
const TELL_EVERY_MS = 50;
/** Timers of one kind this near to each other are one; milliseconds. */
const TOGETHER_MS = 10;

export interface WakesDeps {
  readonly url: string;
  readonly signals: Signals;
  /** Unique to this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * What this process does at each kind of wake; kinds without a handler are left to other processes. Called again while
   * it is under way.
   */
  readonly handlers: Partial<Readonly<Record<WakeKind, () => Promise<void>>>>;
}

export interface Wakes extends Alarms, Pick<AlarmClock, "prune" | "bringForward"> {
  start(): Promise<void>;
  /** Attends to no more wakes, and gives back the alarms it holds. A second call does no harm. */
  stop(): Promise<void>;
}

export function createWakes(deps: WakesDeps): Wakes {
  const { clock, log, handlers } = deps;
  const state = { stopped: false, unlisten: null as (() => Promise<void>) | null };
  /** Kinds that are looked at in a moment. */
  const soon = new Set<WakeKind>();
  const timers = new Map<string, NodeJS.Timeout>();
  const told = new Map<WakeKind, { readonly timer: NodeJS.Timeout; again: boolean }>();

  const alarmClock = createAlarmClock({
    ...deps,
    kinds: WAKE_KINDS.filter((kind) => handlers[kind]),
    onAlarm: near,
    onSweep: async () => handlers.sweep?.(),
  });

  /** Looks, in this process; however often it is asked to in one turn of the loop, once. */
  function look(kind: WakeKind): void {
    const handler = handlers[kind];
    if (!handler || state.stopped || soon.has(kind)) return;
    soon.add(kind);
    setImmediate(() => {
      soon.delete(kind);
      if (state.stopped) return;
      handler().catch((error: unknown) => log.error({ kind, err: error }, "wake failed; the sweep looks again"));
    });
  }

  /** Tells the other processes that work is there; what is asked for meanwhile is told together. */
  function tell(kind: WakeKind): void {
    if (state.stopped) return;
    const telling = told.get(kind);
    if (telling) {
      telling.again = true;
      return;
    }
    const timer = setTimeout(() => {
      const { again = false } = told.get(kind) ?? {};
      told.delete(kind);
      if (again) tell(kind);
    }, TELL_EVERY_MS);
    timer.unref();
    told.set(kind, { timer, again: false });
    void say(kind, clock.now());
  }

  async function say(kind: WakeKind, at: number): Promise<void> {
    try {
      await deps.signals.notify(CHANNEL, JSON.stringify({ kind, at, by: deps.owner } satisfies Said));
    } catch (error) {
      if (!state.stopped) log.warn({ kind, err: error }, "wake not told; the sweep finds what is due");
    }
  }

  /** Looks at that time, and tells the others then. */
  function near(kind: WakeKind, at: number): void {
    const inMs = at - clock.now();
    if (inMs <= 0) {
      look(kind);
      tell(kind);
      return;
    }
    later(kind, at, () => near(kind, at));
  }

  function later(kind: WakeKind, at: number, then: () => void): void {
    const key = `${kind} ${Math.ceil(at / TOGETHER_MS)}`;
    if (state.stopped || timers.has(key)) return;
    const timer = setTimeout(
      () => {
        timers.delete(key);
        then();
      },
      // A timer may fire a millisecond early: then it is set once more.
      Math.max(at - clock.now(), 1),
    );
    timer.unref();
    timers.set(key, timer);
  }

  function hear(message: string): void {
    const said = read(message);
    if (!said || said.by === deps.owner || !handlers[said.kind]) return;
    const inMs = said.at - clock.now();
    if (inMs <= 0) look(said.kind);
    else if (inMs <= 2 * NEAR_MS) later(said.kind, said.at, () => look(said.kind));
  }

  return {
    async set(kind, at) {
      const isNear = at - clock.now() <= NEAR_MS;
      if (isNear && handlers[kind]) return near(kind, at);
      if (isNear) return at <= clock.now() ? tell(kind) : say(kind, at);
      try {
        await alarmClock.set(kind, at);
      } catch (error) {
        log.warn({ kind, err: error }, "alarm not set; the sweep finds what is due");
      }
    },
    async start() {
      // What was said while nobody listened may be about anything.
      const lookEverywhere = () => WAKE_KINDS.filter((kind) => kind !== "sweep").forEach(look);
      state.unlisten = await deps.signals.listen(CHANNEL, hear, lookEverywhere);
      await alarmClock.start();
    },
    prune: (before) => alarmClock.prune(before),
    bringForward: (now) => alarmClock.bringForward(now),
    async stop() {
      state.stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      for (const { timer } of told.values()) clearTimeout(timer);
      timers.clear();
      told.clear();
      const { unlisten } = state;
      state.unlisten = null;
      await unlisten?.().catch(() => {});
      await alarmClock.stop();
    },
  };
}

interface Said {
  readonly kind: WakeKind;
  readonly at: number;
  readonly by: string;
}

/** Null for what no Claw of this version says. */
function read(message: string): Said | null {
  try {
    const { kind, at, by } = JSON.parse(message) as Partial<Said>;
    const known = WAKE_KINDS.find((each) => each === kind);
    return known && typeof at === "number" && typeof by === "string" ? { kind: known, at, by } : null;
  } catch {
    return null;
  }
}
