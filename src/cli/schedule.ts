/** `claw schedule`: shows how a phrase is understood, without a database. */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readConfigFile } from "../config/file.ts";
import { partsOfDayOf, type SetParts } from "../config/parts-of-day.ts";
import { clockChangeNote } from "../orchestrator/schedules/clock-change.ts";
import { parsePhrase } from "../orchestrator/schedules/phrase/phrase.ts";
import type { PhraseResult, Reading } from "../orchestrator/schedules/phrase/result.ts";
import type { Schedule } from "../orchestrator/schedules/schedule.ts";
import { nextSlots } from "../orchestrator/schedules/slots.ts";
import { instantWords } from "../orchestrator/schedules/words.ts";
import { nearestZones, zoneFor } from "../orchestrator/schedules/zone.ts";
import type { CliIo } from "./io.ts";

export interface ScheduleArgs {
  readonly phrase: string | null;
  /** Read one JSON object a line from standard input. */
  readonly lines: boolean;
  readonly zone?: string;
  /** ISO 8601 with an offset; without it the clock is asked. */
  readonly now?: string;
  readonly count?: string;
  readonly json: boolean;
}

export interface ScheduleIo {
  readonly stdin: NodeJS.ReadableStream;
  readonly write: (text: string) => void;
  readonly error: (text: string) => void;
  readonly clock: { readonly now: () => number };
  /** What the configuration sets for parts of the day. */
  readonly partsOfDay?: SetParts;
}

interface Asked {
  readonly phrase: string;
  readonly zone: string;
  readonly now: number;
  readonly count: number;
  readonly partsOfDay: SetParts;
}

const MAX_COUNT = 1000;
const EXIT = { understood: 0, notUnderstood: 1, usage: 2 } as const;

const Instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

function instantOf(text: string): number | null {
  return Instant.safeParse(text).success ? Date.parse(text) : null;
}

type Checked = { readonly ok: true; readonly asked: Asked } | { readonly ok: false; readonly problem: string };

function checked(
  input: { phrase: string; zone?: string | undefined; now?: string | undefined; count?: string | number | undefined },
  { clock, partsOfDay = {} }: Pick<ScheduleIo, "clock" | "partsOfDay">,
): Checked {
  const said = input.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = zoneFor(said);
  if (zone === null) {
    const near = nearestZones(said);
    const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "type an IANA name such as Europe/Paris";
    return { ok: false, problem: `unknown zone "${said}": ${hint}` };
  }
  const now = input.now === undefined ? clock.now() : instantOf(input.now);
  if (now === null)
    return { ok: false, problem: `"${input.now}" is no instant: type one such as 2026-11-24T08:00:00Z` };
  const count = Number(input.count ?? 5);
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT || input.count === "") {
    return { ok: false, problem: `"${input.count}" is no count: type a whole number from 1 to ${MAX_COUNT}` };
  }
  return { ok: true, asked: { phrase: input.phrase, zone, now, count, partsOfDay } };
}

const slotsOf = (schedule: Schedule, { now, count }: Asked): string[] =>
  nextSlots(schedule, now, count).map((slot) => slot.toISOString().replace(".000Z", "Z"));

/** A reading with what it would be, so that a script need not ask again. */
function asReading(reading: Reading, asked: Asked): Record<string, unknown> {
  const result = parsePhrase(reading.phrase, { ...asked, needs: "schedule" });
  if (result.kind !== "scheduled") return { ...reading };
  const { schedule } = result;
  return { ...reading, zone: schedule.zone, schedule, next: slotsOf(schedule, asked) };
}

/** The result as issue and scripts read it: slots as instants. */
function asJson(result: PhraseResult, asked: Asked): Record<string, unknown> {
  switch (result.kind) {
    case "scheduled": {
      const { words, schedule, instruction } = result;
      return { kind: "scheduled", words, zone: schedule.zone, schedule, instruction, next: slotsOf(schedule, asked) };
    }
    case "question":
      return {
        kind: "question",
        question: result.question,
        readings: result.readings.map((one) => asReading(one, asked)),
      };
    case "refused":
      return { kind: "refused", code: result.code, reason: result.reason, try: result.try };
  }
}

function asText(result: PhraseResult, asked: Asked): string {
  switch (result.kind) {
    case "scheduled": {
      const { schedule } = result;
      const next = nextSlots(schedule, asked.now, asked.count);
      const note = clockChangeNote(schedule, asked.now);
      const rows = [
        result.words,
        `zone   ${schedule.zone}`,
        ...next.map((slot, at) => `${at === 0 ? "next " : "     "}  ${instantWords(schedule.zone, slot.getTime())}`),
        ...(note === null ? [] : [`clock  ${note}`]),
        ...(result.instruction === "" ? [] : [`does   ${result.instruction}`]),
      ];
      return rows.join("\n");
    }
    case "question":
      return [
        `? ${result.question}`,
        ...result.readings.map(({ label, phrase }) => `  ${label}\n    claw schedule ${quoted(phrase)}`),
      ].join("\n");
    case "refused":
      return `✕ ${result.reason}\n  try: ${result.try}`;
  }
}

/** As a shell takes it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Other keys are the asker's own. */
const Line = z.object({
  phrase: z.string(),
  zone: z.string().nullish(),
  now: z.string().nullish(),
  count: z.number().nullish(),
});

function answerLine(line: string, args: ScheduleArgs, io: ScheduleIo): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: "error", reason: "that line is not JSON" };
  }
  const read = Line.safeParse(value);
  if (!read.success)
    return { kind: "error", reason: `a line is {"phrase","zone","now","count"}: ${z.prettifyError(read.error)}` };
  const { phrase, zone, now, count } = read.data;
  const input = checked({ phrase, zone: zone ?? args.zone, now: now ?? args.now, count: count ?? args.count }, io);
  if (!input.ok) return { kind: "error", reason: input.problem };
  return asJson(parsePhrase(phrase, { ...input.asked, needs: "schedule" }), input.asked);
}

/**
 * Runs `claw schedule "<phrase>" [--zone Z] [--now ISO] [--count N] [--json]` or `claw schedule --lines`.
 * @returns the exit code: 0 understood (always with `--lines`), 1 a question or a refusal, 2 wrong usage
 */
export async function runSchedule(args: ScheduleArgs, io: ScheduleIo): Promise<number> {
  if (args.lines) {
    for await (const line of createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== "") io.write(`${JSON.stringify(answerLine(line, args, io))}\n`);
    }
    return EXIT.understood;
  }
  if (args.phrase === null || args.phrase.trim() === "") {
    io.error(`type a phrase: claw schedule "every weekday at 9 summarise open PRs"\n`);
    return EXIT.usage;
  }
  const input = checked({ phrase: args.phrase, zone: args.zone, now: args.now, count: args.count }, io);
  if (!input.ok) {
    io.error(`${input.problem}\n`);
    return EXIT.usage;
  }
  const result = parsePhrase(args.phrase, { ...input.asked, needs: "schedule" });
  io.write(`${args.json ? JSON.stringify(asJson(result, input.asked)) : asText(result, input.asked)}\n`);
  return result.kind === "scheduled" ? EXIT.understood : EXIT.notUnderstood;
}

const USAGE = `claw schedule "<phrase>" [--zone Z] [--now ISO] [--count N] [--json]
claw schedule --lines [--zone Z] [--now ISO] [--count N]   one JSON object a line on standard input
`;

/**
 * `claw schedule` as the command line calls it.
 * @param args what stands after `schedule`; words without quotes round them count as one phrase
 */
export async function runScheduleCommand(args: readonly string[], io: CliIo): Promise<number> {
  const error = (text: string): void => void io.stderr.write(text);
  const write = (text: string): void => void io.stdout.write(text);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        zone: { type: "string" },
        now: { type: "string" },
        count: { type: "string" },
        json: { type: "boolean", default: false },
        lines: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      write(USAGE);
      return EXIT.understood;
    }
    const { zone, now, count, json, lines } = values;
    const phrase = positionals.length === 0 ? null : positionals.join(" ");
    const optional = {
      ...(zone === undefined ? {} : { zone }),
      ...(now === undefined ? {} : { now }),
      ...(count === undefined ? {} : { count }),
    };
    const file = readConfigFile(io.cwd, io.env.CLAW_CONFIG ?? null);
    if (file.problems.length > 0) {
      error(file.problems.map(({ key, problem }) => `${key} ${problem}\n`).join(""));
      return EXIT.usage;
    }
    const asked = { phrase, lines, json, ...optional };
    const partsOfDay = partsOfDayOf(file.content);
    return await runSchedule(asked, { stdin: process.stdin, write, error, clock: Date, partsOfDay });
  } catch (cause) {
    if (!(cause instanceof TypeError && "code" in cause && String(cause.code).startsWith("ERR_PARSE_ARGS")))
      throw cause;
    error(`${cause.message}\n${USAGE}`);
    return EXIT.usage;
  }
}
