/** Schedules of every kind, made by numbers that can be repeated. */
import { dayNumber, instantText, wallText } from "../../../src/orchestrator/schedules/civil.ts";
import { type Days, OPEN_START, type Plan, ruleOfPlan } from "../../../src/orchestrator/schedules/plan.ts";
import { FREQUENCIES, ruleText } from "../../../src/orchestrator/schedules/rule.ts";
import type { Schedule } from "../../../src/orchestrator/schedules/schedule.ts";

export const ZONES = [
  "Europe/Paris",
  "America/New_York",
  "UTC",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "America/Argentina/Buenos_Aires",
  "Etc/GMT+5",
  "CET",
] as const;

const DAY = 86_400_000;

/** A generator of numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export class Made {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  chance(of: number): boolean {
    return this.random() < of;
  }

  one<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)] as T;
  }

  some(low: number, high: number, most: number): number[] {
    const count = this.whole(1, most);
    const values = Array.from({ length: count }, () => this.whole(low, high));
    return [...new Set(values)].filter((value) => value !== 0 || low >= 0).sort((a, b) => a - b);
  }

  days(): Days {
    const every = this.chance(0.6) ? 1 : this.whole(2, 6);
    const dates = this.some(1, 31, 3);
    switch (this.whole(0, 6)) {
      case 6:
        return { by: "weekdate", every: 1, weekday: this.whole(0, 6), date: this.whole(1, 31) };
      case 0:
        return { by: "day", every };
      case 1:
        return { by: "week", every, weekdays: this.some(0, 6, 6) };
      case 2:
        return { by: "date", every, dates: this.chance(0.3) ? [-1, ...dates] : dates };
      case 3:
        return { by: "nth", every, list: [{ nth: this.one([1, 2, 3, 4, 5, -1, -2]), weekday: this.whole(0, 6) }] };
      case 4:
        return {
          by: "position",
          every,
          weekdays: [0, 1, 2, 3, 4],
          nths: this.one([[1], [-1], [2], [-1, 1], [-2], [1, 3]]),
        };
      default:
        return { by: "year", every, month: this.whole(1, 12), dates: this.some(1, 28, 2) };
    }
  }

  times(): number[] {
    if (this.chance(0.6)) return this.some(0, 1439, 3);
    const step = this.one([5, 10, 15, 20, 30, 45, 60, 90, 120]);
    const first = this.whole(0, 10) * 60;
    return Array.from({ length: this.whole(1, 14) }, (_, n) => first + n * step).filter((time) => time < 1440);
  }

  plan(): Plan {
    const days = this.days();
    const months = days.every === 1 && days.by !== "year" && this.chance(0.2) ? this.some(1, 12, 4) : [];
    return { days, months, times: this.times(), until: null, count: null };
  }

  /** A wall-clock day of 2027, as milliseconds. */
  wallDay(): number {
    return (dayNumber(2027, 1, 1) + this.whole(0, 364)) * DAY;
  }

  calendar(): Schedule {
    const plan = this.plan();
    const start = this.wallDay() + (this.chance(0.3) ? this.whole(0, 1439) * 60_000 : 0);
    const bound = this.whole(0, 4);
    const until =
      bound === 1
        ? start + this.whole(40, 900) * DAY - 1000
        : bound === 2
          ? start + this.whole(40, 900) * DAY + 3_600_000
          : null;
    const count = bound === 3 ? this.whole(1, 40) : null;
    const free = plan.days.every === 1 && count === null && this.chance(0.7);
    return {
      kind: "calendar",
      rrule: ruleText(ruleOfPlan({ ...plan, until, count })),
      start: free ? OPEN_START : wallText(start),
      zone: this.one(ZONES),
    };
  }

  /** Any rule that Claw evaluates, also those that nobody would say: `FREQ=MONTHLY;INTERVAL=3;BYMONTH=…;BYSETPOS=…`. */
  rule(start: number): string {
    const freq = this.one(FREQUENCIES);
    const months = this.chance(0.3) ? this.some(1, 12, 6) : [];
    const ranked = freq === "MONTHLY" || (freq === "YEARLY" && months.length > 0);
    const weekday = () => ({
      nth: ranked && this.chance(0.5) ? this.one([1, 2, 3, 4, 5, -1, -2, -3, -4, -5]) : null,
      weekday: this.whole(0, 6),
    });
    const weekdays =
      this.chance(0.4) && (freq !== "YEARLY" || months.length > 0)
        ? Array.from({ length: this.whole(1, 4) }, weekday)
        : [];
    return ruleText({
      freq,
      interval: this.chance(0.5) ? 1 : this.whole(2, 20),
      months,
      monthDays: freq !== "WEEKLY" && this.chance(0.4) ? this.some(-31, 31, 4).filter((n) => n !== 0) : [],
      weekdays,
      hours: this.some(0, 23, 4),
      minutes: this.some(0, 59, 4),
      positions: this.chance(0.2) ? this.some(-4, 8, 3).filter((n) => n !== 0) : [],
      count: this.chance(0.2) ? this.whole(1, 400) : null,
      until: this.chance(0.2) ? start + this.whole(30, 4000) * DAY + this.whole(0, 86_399) * 1000 : null,
    });
  }

  private field(low: number, high: number): string {
    const item = (): string => {
      const [a, b] = [this.whole(low, high), this.whole(low, high)].sort((x, y) => x - y);
      return this.one(["*", `*/${this.whole(1, 20)}`, `${a}`, `${a}`, `${a}-${b}`, `${a}-${b}/${this.whole(1, 5)}`]);
    };
    return Array.from({ length: this.chance(0.7) ? 1 : this.whole(2, 3) }, item).join(",");
  }

  cron(): string {
    const day = this.one([this.field(1, 28), "*", "L", "LW", "15W", "?"]);
    const weekday = this.one([this.field(0, 6), "*", "*", "MON-FRI", "5L", "2#1", "SUN", "MON,WED"]);
    const month = this.one([this.field(1, 12), "*", "*", "JAN,JUL", "MAR-OCT"]);
    return `${this.field(0, 59)} ${this.field(0, 23)} ${day} ${month} ${weekday}`;
  }

  /** Any schedule whatever, as it may be stored. */
  anything(): Schedule {
    const zone = this.one([...ZONES, ...Intl.supportedValuesOf("timeZone")]);
    const until = this.chance(0.3) ? instantText(Date.UTC(2034, 0, 1) + this.whole(0, 90_000_000) * 1000) : null;
    switch (this.whole(0, 4)) {
      case 0:
        return { kind: "cron", expression: this.cron(), zone, from: this.chance(0.3) ? this.instant() : null, until };
      case 1:
        return {
          kind: "interval",
          everySeconds: this.chance(0.5) ? this.whole(60, 90_000) : this.whole(60, 300_000_000),
          anchor: this.instant(),
          zone,
          until,
        };
      case 2:
        return { kind: "once", at: this.instant(), zone };
      case 3: {
        const start = this.wallDay() + (this.chance(0.5) ? this.whole(0, 86_399) * 1000 : 0);
        return {
          kind: "calendar",
          rrule: this.rule(start),
          start: this.chance(0.3) ? OPEN_START : wallText(start),
          zone,
        };
      }
      default:
        return { ...this.calendar(), zone };
    }
  }

  /** An instant of 2027 to 2029, in whole seconds. */
  instant(): string {
    return instantText(Date.UTC(2027, 0, 1) + this.whole(0, 94_000_000) * 1000);
  }

  schedule(): Schedule {
    const zone = this.one(ZONES);
    switch (this.whole(0, 5)) {
      case 0: {
        const expression = this.one([
          "0 9 * * 1-5",
          "*/15 * * * *",
          "0 9 L * *",
          "30 8 * * 5#2",
          "0 0 1,15 * MON",
          "5-59/10 9-17 * JAN,JUL *",
        ]);
        const from = this.chance(0.3) ? this.instant() : null;
        return { kind: "cron", expression, zone, from, until: this.chance(0.3) ? "2033-05-06T07:08:00Z" : null };
      }
      case 1: {
        const everySeconds = this.one([
          60,
          900,
          1800,
          3600,
          5400,
          7200,
          61,
          420,
          86_400,
          43_200,
          this.whole(60, 500_000),
        ]);
        return {
          kind: "interval",
          everySeconds,
          anchor: this.instant(),
          zone,
          until: this.chance(0.4) ? "2033-05-06T07:08:09Z" : null,
        };
      }
      case 2:
        return { kind: "once", at: this.instant(), zone };
      default:
        return this.calendar();
    }
  }
}
