/** Policies in the words people set and read them in. Pure. */
import { distance } from "fastest-levenshtein";
import { ClawError } from "../errors.ts";
import { dollarWords, durationWords, parseDollars, parseDuration } from "./amounts.ts";
import { CONCURRENCY, concurrencyOf, type Policies } from "./workflow.ts";

export const POLICY_NAMES = [
  "overlap",
  "catch-up",
  "report",
  "retries",
  "pause after",
  "time limit",
  "idle limit",
  "approval expiry",
  "steps",
  "cost a run",
  "concurrency",
  "quiet hours",
] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

interface Term {
  /** Other ways to name it. */
  readonly also: readonly string[];
  /** What it may be, in a sentence that begins with its name. */
  readonly takes: string;
  /** Values worth offering while somebody types. */
  readonly offers: readonly string[];
  /** What the words set; null when they say none of what it may be. The words are lower-case, blanks are single. */
  readonly read: (words: string) => Partial<Policies> | null;
  /** What is set, in words that `read` reads as the same again. */
  readonly say: (policies: Policies) => string;
}

const OVERLAP = {
  skip: "skip",
  "queue one": "queue_one",
  "cancel running": "cancel_running",
  allow: "allow",
} as const satisfies Record<string, Policies["overlap"]>;
const REPORT = {
  always: "always",
  "on change": "on_change",
  "only when wrong": "when_wrong",
} as const satisfies Record<string, Policies["report"]>;
const OVERLAP_ALSO = {
  queue: "queue_one",
  cancel: "cancel_running",
  "cancel the running one": "cancel_running",
} as const;
const REPORT_ALSO = { "when wrong": "when_wrong", changes: "on_change", "only on change": "on_change" } as const;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const MOST_RETRIES = 6;

const named = <T>(values: Readonly<Record<string, T>>, words: string): T | null =>
  Object.hasOwn(values, words) ? (values[words] ?? null) : null;
const nameOf = (values: Readonly<Record<string, string>>, value: string): string =>
  Object.keys(values).find((name) => values[name] === value) ?? value;
const durationIn = (words: string, least: number, most: number): number | null => {
  const ms = parseDuration(words, most);
  return ms !== null && ms >= least ? ms : null;
};
const wholeIn = (words: string, unit: RegExp, most: number): number | null => {
  const count = /^\d{1,6}$/.test(words.replace(unit, "")) ? Number(words.replace(unit, "")) : 0;
  return count >= 1 && count <= most ? count : null;
};
const set = <T>(value: T | null, change: (value: T) => Partial<Policies>): Partial<Policies> | null =>
  value === null ? null : change(value);

function readRetries(words: string): Partial<Policies> | null {
  if (/^(?:off|none|no|never)$/.test(words)) return { retryDelaysMs: [] };
  const delays = words.split(/ ?(?:,|;| and ) ?/).map((part) => durationIn(part, SECOND, DAY));
  if (delays.length > MOST_RETRIES) return null;
  const known = delays.filter((delay) => delay !== null);
  return known.length === delays.length ? { retryDelaysMs: known } : null;
}

function readCatchUp(words: string): Partial<Policies> | null {
  const [, mode, within] = /^(none|latest|all)(?: within (.+))?$/.exec(words) ?? [];
  if (mode !== "none" && mode !== "latest" && mode !== "all") return null;
  if (within === undefined) return { catchUp: { mode, windowMs: null } };
  const windowMs = mode === "none" ? null : durationIn(within, MINUTE, 366 * DAY);
  return windowMs === null ? null : { catchUp: { mode, windowMs } };
}

export const POLICY_TERMS = {
  overlap: {
    also: ["overlaps", "overlapping"],
    takes: "overlap is skip, queue one, cancel running or allow",
    offers: Object.keys(OVERLAP),
    read: (words) => set(named({ ...OVERLAP, ...OVERLAP_ALSO }, words), (overlap) => ({ overlap })),
    say: ({ overlap }) => nameOf(OVERLAP, overlap),
  },
  "catch-up": {
    also: ["catch up", "catchup"],
    takes: "catch-up is none, latest or all, and may end with a window such as within 2h",
    offers: ["none", "latest", "all", "latest within 2h"],
    read: readCatchUp,
    say: ({ catchUp: { mode, windowMs } }) =>
      windowMs === null || mode === "none" ? mode : `${mode} within ${durationWords(windowMs)}`,
  },
  report: {
    also: ["reports"],
    takes: "report is always, on change or only when wrong",
    offers: Object.keys(REPORT),
    read: (words) => set(named({ ...REPORT, ...REPORT_ALSO }, words), (report) => ({ report })),
    say: ({ report }) => nameOf(REPORT, report),
  },
  retries: {
    also: ["retry", "retry delays"],
    takes: `retries are the delays before each next try, at most ${MOST_RETRIES}, such as 30s, 1m, 5m, each 1 s to 24 h; or off`,
    offers: ["30s, 1m, 5m, 15m, 1h", "off"],
    read: readRetries,
    say: ({ retryDelaysMs }) => (retryDelaysMs.length === 0 ? "off" : retryDelaysMs.map(durationWords).join(", ")),
  },
  "pause after": {
    also: ["pause", "pause on failure", "pause after failures"],
    takes: "pause after is a number of failed runs in a row from 1 to 1000, such as 5 failures",
    offers: ["3 failures", "5 failures"],
    read: (words) =>
      set(wholeIn(words, / ?(?:failures?|failed runs?|fails)$/, 1_000), (n) => ({ pauseAfterFailures: n })),
    say: ({ pauseAfterFailures: n }) => `${n} ${n === 1 ? "failure" : "failures"}`,
  },
  "time limit": {
    also: ["run time limit", "timeout", "time"],
    takes: "time limit is a duration from 10 s to 7 d, such as 30 min or 2h; waits do not count",
    offers: ["10 min", "30 min", "2 h"],
    read: (words) => set(durationIn(words, 10 * SECOND, 7 * DAY), (ms) => ({ runTimeLimitMs: ms })),
    say: ({ runTimeLimitMs }) => durationWords(runTimeLimitMs),
  },
  "idle limit": {
    also: ["idle"],
    takes: "idle limit is a duration from 10 s to 7 d, such as 10 min",
    offers: ["5 min", "10 min", "30 min"],
    read: (words) => set(durationIn(words, 10 * SECOND, 7 * DAY), (ms) => ({ idleLimitMs: ms })),
    say: ({ idleLimitMs }) => durationWords(idleLimitMs),
  },
  "approval expiry": {
    also: ["approvals expire", "approval expires", "approvals expire after", "expiry", "approval"],
    takes: "approval expiry is a duration from 1 min to 30 d, such as 24h or 3 d",
    offers: ["4 h", "24 h", "3 d"],
    read: (words) => set(durationIn(words, MINUTE, 30 * DAY), (ms) => ({ approvalExpiryMs: ms })),
    say: ({ approvalExpiryMs }) => durationWords(approvalExpiryMs),
  },
  steps: {
    also: ["step", "steps a run", "max steps"],
    takes: "steps is a number from 1 to 10000, such as 30",
    offers: ["30", "60"],
    read: (words) => set(wholeIn(words, / ?steps?$/, 10_000), (maxSteps) => ({ maxSteps })),
    say: ({ maxSteps }) => String(maxSteps),
  },
  "cost a run": {
    also: ["cost per run", "cost", "ceiling", "run ceiling"],
    takes: "cost a run is an amount of dollars, such as $0.50",
    offers: ["$0.50", "$2"],
    read: (words) => set(parseDollars(words), (runCeilingMicros) => ({ runCeilingMicros })),
    say: ({ runCeilingMicros }) => dollarWords(runCeilingMicros),
  },
  concurrency: {
    also: ["runs at once", "at once"],
    takes: `concurrency is a number of runs at once from 1 to 1000; by itself ${CONCURRENCY.alone}, and ${CONCURRENCY.overlapping} where overlap is allow`,
    offers: ["1", "3", "5"],
    read: (words) => set(wholeIn(words, / ?(?:runs?)?(?: at once)?$/, 1_000), (concurrency) => ({ concurrency })),
    say: (policies) => String(concurrencyOf(policies)),
  },
  "quiet hours": {
    also: ["quiet", "holidays", "calendar", "quiet hours and holidays"],
    takes: "quiet hours is respect or ignore; it holds for holidays as well",
    offers: ["respect", "ignore"],
    read: (words) => (words === "respect" || words === "ignore" ? { calendar: words } : null),
    // What was stored before there was a choice has none.
    say: ({ calendar }) => (calendar === "ignore" ? "ignore" : "respect"),
  },
} as const satisfies Record<PolicyName, Term>;

/** The fields of `Policies` that a policy is made of. */
export const fieldsOf = (name: PolicyName, policies: Policies): Partial<Policies> => {
  const keys = {
    overlap: "overlap",
    "catch-up": "catchUp",
    report: "report",
    retries: "retryDelaysMs",
    "pause after": "pauseAfterFailures",
    "time limit": "runTimeLimitMs",
    "idle limit": "idleLimitMs",
    "approval expiry": "approvalExpiryMs",
    steps: "maxSteps",
    "cost a run": "runCeilingMicros",
    concurrency: "concurrency",
    "quiet hours": "calendar",
  } as const satisfies Record<PolicyName, keyof Policies>;
  return { [keys[name]]: policies[keys[name]] };
};

export const sayPolicy = (name: PolicyName, policies: Policies): string => POLICY_TERMS[name].say(policies);

export interface PolicySet {
  readonly name: PolicyName;
  readonly change: Partial<Policies>;
}

/**
 * Reads `overlap queue one`, `time limit 2h`, `cost a run: $2`; `default` as a value is what a new workflow gets.
 * @throws ClawError `invalid_input` that says what to type instead
 */
export function readPolicy(text: string, defaults: Policies): PolicySet {
  const words = text.trim().toLowerCase().replace(/\s+/gu, " ");
  const found = policyIn(words);
  if (!found) throw new ClawError("invalid_input", unknownPolicy(words));
  const { name, value } = found;
  if (/^defaults?$/.test(value)) return { name, change: fieldsOf(name, defaults) };
  const change = value === "" ? null : POLICY_TERMS[name].read(value);
  if (change) return { name, change };
  const { takes } = POLICY_TERMS[name];
  throw new ClawError("invalid_input", `${takes.charAt(0).toUpperCase()}${takes.slice(1)}. Or type default.`);
}

/** The longest name that the words begin with, and what follows it. */
function policyIn(words: string): { readonly name: PolicyName; readonly value: string } | null {
  let best: { readonly name: PolicyName; readonly said: string } | null = null;
  for (const name of POLICY_NAMES) {
    for (const said of [name, ...POLICY_TERMS[name].also]) {
      const next = words.charAt(said.length);
      if (words.startsWith(said) && /^[ :=]?$/.test(next) && said.length > (best?.said.length ?? 0))
        best = { name, said };
    }
  }
  if (!best) return null;
  const value = words
    .slice(best.said.length)
    .replace(/^ ?[:=]/, "")
    .trim();
  return { name: best.name, value: value.replace(/^(?:to|is) /, "") };
}

function unknownPolicy(words: string): string {
  const all = `Policies are ${POLICY_NAMES.slice(0, -1).join(", ")} and ${POLICY_NAMES.at(-1)}.`;
  const [first = "", second = ""] = words.split(" ");
  const near = POLICY_NAMES.find(
    (name) =>
      distance(first, name) <= 2 ||
      distance(`${first} ${second}`, name) <= 2 ||
      distance(first, name.split(" ")[0] ?? "") <= 1,
  );
  return `There is no policy "${words.slice(0, 40)}". ${near === undefined ? all : `Did you mean ${near}? ${all}`}`;
}

/** What differs between two sets of policies, as lines of a diff. */
export const policyDiff = (from: Policies, to: Policies): string[] =>
  POLICY_NAMES.flatMap((name) => {
    const [was, is] = [sayPolicy(name, from), sayPolicy(name, to)];
    return was === is ? [] : [`- ${name}: ${was}`, `+ ${name}: ${is}`];
  });
