/**
 * What Claw sends to the model: the prompt of a trivial workflow, tools included, and what a workflow sends and costs on
 * its second run and a year later. The workflows are created in the console as a person creates them; their slots are made
 * to come one after the other. A token is four characters here.
 * Run: npm run bench:context. BENCH_DAYS: runs of the year (365).
 */
import { Person } from "../test/support/claw-process.ts";
import { openAlarms } from "./support/alarms.ts";
import { bench, machine, note, size } from "./support/bench.ts";
import { startClaw, YAML } from "./support/claw.ts";
import { startServer } from "./support/database.ts";
import { shown, table, verdict } from "./support/numbers.ts";
import { overTheWire, type Seen, startOutside } from "./support/outside.ts";
import { comeDue, type Ended, latestWorkflow, runEnded } from "./support/slot.ts";

const DAYS = size("BENCH_DAYS", 365);
const TARGETS = { characters: 4_000, growth: 1.1 } as const;
/** Dollars for a million tokens. */
const PRICES = `model: { price: { input: 0.25, output: 2 } }\nbudget: { dayCeiling: 1000 }\n`;
const YEARS = [
  { id: "year", what: "notes of a line" },
  { id: "adds", what: "a model that only adds to its notes" },
] as const;

interface Day extends Ended {
  /** Characters of all its requests, tools included. */
  readonly characters: number;
}

const characters = ({ messages, tools }: Seen): number => messages + tools;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

await bench(async (later) => {
  if (DAYS < 3) throw new Error("BENCH_DAYS must be at least 3");
  const server = await startServer();
  later(() => server.close());
  const outside = await startOutside();
  later(() => outside.stop());
  const database = await server.createForClaw("claw_bench");
  const claw = await startClaw({ databaseUrl: database.url, env: overTheWire(outside), yaml: `${YAML}${PRICES}` });
  later(() => claw.stop());
  const alarms = openAlarms(database);
  later(() => alarms.stop());
  const person = await Person.at(claw.url, "ada");

  await person.create("every day at 9 say hi", "general");
  const trivial = await latestWorkflow(database);
  await comeDue(database, alarms, [trivial]);
  await runEnded(database, trivial, 1);
  const [prompt] = await outside.take();
  if (!prompt) throw new Error("the model was not asked to say hi");

  await person.create(`every day at 9 check ${outside.site}/status and say what changed, bench-year`, "ops");
  const year = await latestWorkflow(database);
  await person.create(`every day at 9 keep-notes of ${outside.site}/status and say what changed, bench-adds`, "eng");
  const ids = { year, adds: await latestWorkflow(database) };
  const days = { year: [] as Day[], adds: [] as Day[] };
  for (let day = 1; day <= DAYS; day += 1) {
    if (day % 50 === 0) note(`day ${day}`);
    await comeDue(database, alarms, Object.values(ids));
    const [ended, added] = await Promise.all([runEnded(database, ids.year, day), runEnded(database, ids.adds, day)]);
    const requests = await outside.take();
    const sent = (id: string) => sum(requests.filter((each) => each.id === id).map(characters));
    days.year.push({ ...ended, characters: sent("year") });
    days.adds.push({ ...added, characters: sent("adds") });
  }

  const all = characters(prompt);
  console.log(`\n${machine()}\n`);
  console.log(
    table(
      ["characters sent to the model", "messages", "tools", "together", "target"],
      [
        [
          '"say hi", first request',
          shown(prompt.messages, 0),
          shown(prompt.tools, 0),
          shown(all, 0),
          verdict(all <= TARGETS.characters, `at most ${shown(TARGETS.characters, 0)}`),
        ],
      ],
    ),
  );
  const times: number[] = [];
  const rows = YEARS.flatMap(({ id, what }) => {
    const [second, last] = [days[id].at(1), days[id].at(-1)];
    if (!second || !last) throw new Error(`no runs of ${id}`);
    const row = (of: string, a: number, b: number, places: number) => {
      if (id === "year") times.push(b / a);
      return [`${what}: ${of}`, shown(a, places), shown(b, places), `${shown(b / a)} times`];
    };
    return [
      row("characters of all requests", second.characters, last.characters, 0),
      row("input tokens", second.inputTokens, last.inputTokens, 0),
      row("cost in millionths of a dollar", second.costMicros, last.costMicros, 0),
    ];
  });
  console.log(`\n${table(["a run of one workflow", "2nd run", `${DAYS}th run`, "growth"], rows)}`);
  console.log(`\nGrowth: ${verdict(Math.max(...times) <= TARGETS.growth, `at most ${TARGETS.growth} times`)}.`);
});
