/**
 * How many of the phrases in Claw's open corpus each library understands. Claw reads the phrase as a person types it, with
 * the instruction; the others get the schedule alone. Right: the next twelve instants are the ones in the corpus; of a
 * distance ("every 90 minutes") the others may choose the beginning. Silently wrong: others, and nothing was said; for a
 * phrase that can mean two things, or none, any instant at all.
 * Run: npm run bench:phrases. BENCH_ROUNDS: rounds of the clock (20); BENCH_SHOW: a name, whose mistakes are listed.
 */
import { parsePhrase } from "../src/orchestrator/schedules/phrase/phrase.ts";
import { nextSlots } from "../src/orchestrator/schedules/slots.ts";
import { SCHEDULED, type Scheduled, UNCLEAR, type Unclear } from "../test/orchestrator/schedules/corpus/entries.ts";
import { bench, machine, note, size } from "./support/bench.ts";
import { median, shown, table } from "./support/numbers.ts";
import { type Kind, type Question, READERS, type Reader, type Reading } from "./support/phrase-readers.ts";

const ROUNDS = size("BENCH_ROUNDS", 20);
const SHOWN = process.env.BENCH_SHOW ?? "";

type Outcome = "right" | "asked" | "refused" | "wrong";
type Entry = Scheduled | Unclear;

/** A phrase whose only fault is that it says nothing to do is no fault to a library that knows no instructions. */
const DOUBTFUL = UNCLEAR.filter((entry) => entry.do !== undefined);

const claw: Reader = {
  name: "Claw",
  kinds: ["calendar", "interval", "once", "cron"],
  read: (text, { now, zone }) => parsePhrase(text, { now, zone }),
  next: (text, { now, zone, count }) => {
    const result = parsePhrase(text, { now, zone });
    if (result.kind === "refused") return null;
    if (result.kind === "question") return "asked";
    return nextSlots(result.schedule, now, count).map((at) => at.getTime());
  },
};

const kindOf = ({ phrase, plan }: Scheduled): Kind => {
  if (/cron|\* \*/.test(phrase)) return "cron";
  return "once" in plan ? "once" : "step" in plan ? "interval" : "calendar";
};

const MARKS = /^[\s,.:;–—-]+|[\s,.:;–—-]+$/g;

/** The phrase without what is to be done, which stands at one end or round the schedule. */
function scheduleOf({ phrase, do: instruction = "" }: Entry): string {
  if (phrase.includes(instruction)) return phrase.replace(instruction, " ").replace(MARKS, "");
  const words = instruction.split(" ");
  for (let at = 1; at < words.length; at++) {
    const [head, tail] = [words.slice(0, at).join(" "), words.slice(at).join(" ")];
    if (phrase.startsWith(head) && phrase.endsWith(tail))
      return phrase.slice(head.length, phrase.length - tail.length).replace(MARKS, "");
  }
  return phrase;
}

const questionOf = (entry: Entry): Question => ({ zone: entry.zone, now: Date.parse(entry.now), count: 12 });
const textFor = (reader: Reader, entry: Entry): string => (reader === claw ? entry.phrase : scheduleOf(entry));

function readingOf(reader: Reader, entry: Entry): Reading {
  try {
    return reader.next(textFor(reader, entry), questionOf(entry));
  } catch {
    return null;
  }
}

function isSame(reading: readonly number[], entry: Scheduled, reader: Reader): boolean {
  const wanted = entry.next.map((at) => Date.parse(at));
  const anywhere = reader !== claw && "step" in entry.plan && !("until" in entry.plan || "count" in entry.plan);
  const apart = (all: readonly number[]) => all.slice(1).map((at, index) => at - (all[index] ?? 0));
  return anywhere ? apart(reading).join() === apart(wanted).join() : reading.join() === wanted.join();
}

function outcomeOf(reader: Reader, entry: Entry): Outcome {
  const reading = readingOf(reader, entry);
  if (reading === null || reading.length === 0) return "refused";
  if (reading === "asked") return "asked";
  const same = "next" in entry && isSame(reading, entry, reader);
  if (!same && reader.name === SHOWN) note(`${entry.phrase} → ${new Date(reading[0] ?? 0).toISOString()} …`);
  return same ? "right" : "wrong";
}

/** Microseconds of a core to read a phrase, the median of the rounds; what throws has read too. */
function clocked(reader: Reader): number {
  const asked = SCHEDULED.map((entry) => ({ text: textFor(reader, entry), question: questionOf(entry) }));
  const rounds = Array.from({ length: ROUNDS }, () => {
    const began = process.cpuUsage();
    for (const { text, question } of asked) {
      try {
        reader.read(text, question);
      } catch {}
    }
    const { user, system } = process.cpuUsage(began);
    return (user + system) / asked.length;
  });
  return median(rounds);
}

const count = (outcomes: readonly Outcome[], wanted: Outcome): string =>
  String(outcomes.filter((one) => one === wanted).length);

function rowOf(reader: Reader): readonly string[] {
  note(reader.name);
  const clear = SCHEDULED.map((entry) => outcomeOf(reader, entry));
  const doubtful = DOUBTFUL.map((entry) => outcomeOf(reader, entry));
  const own = SCHEDULED.flatMap((entry, at) => (reader.kinds.includes(kindOf(entry)) ? [clear[at] ?? "wrong"] : []));
  return [
    reader.name,
    ...(["right", "asked", "refused", "wrong"] as const).map((one) => count(clear, one)),
    `${count(own, "right")} of ${own.length}`,
    String(doubtful.filter((one) => one === "asked" || one === "refused").length),
    count(doubtful, "wrong"),
    `${shown(clocked(reader))} µs`,
  ];
}

await bench(async () => {
  const rows = [claw, ...READERS].map(rowOf);
  const head = [
    `of ${SCHEDULED.length} phrases with one meaning`,
    "right",
    "asked",
    "refused",
    "silently wrong",
    "right of its own kinds",
    `of ${DOUBTFUL.length} others: asked or refused`,
    "silently guessed",
    "a phrase",
  ];
  console.log(`${machine().replace(/, embedded.*/, "")}\n\n${table(head, rows)}`);
});
