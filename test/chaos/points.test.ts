/** Where a process is killed, and where that would only repeat another kill. */
import { expect, it } from "vitest";
import type { Commit } from "../support/pg-proxy.ts";
import { killEverywhere, Names, type Play, wordsOf } from "./points.ts";

const commit = (n: number, table: string): Commit => ({
  n,
  statements: [`insert into ${table}`],
  tables: [table],
  connection: "claw",
});

/** A story of five commits; the outside is asked between the third and the fourth. */
const story = [
  { table: "inbound_events", outside: 0 },
  { table: "runs", outside: 0 },
  { table: "steps", outside: 0 },
  { table: "attempts", outside: 1 },
  { table: "agenda_jobs", outside: 1 },
  { table: "deliveries", outside: 1 },
];

function played(names: Names): void {
  for (const [at, { table, outside }] of story.entries()) {
    for (const phase of ["before", "after"] as const) names.of(commit(at + 1, table), phase, outside);
  }
}

async function points(quietToo: boolean) {
  const killed: string[] = [];
  const play: Play = async (point) => {
    const names = new Names();
    played(names);
    if (point) killed.push(wordsOf(point));
    return { commits: names.all, killed: point !== null, wrong: null };
  };
  const leaveOut = (name: string) => name.includes("agenda");
  const found = await killEverywhere({ stages: [play, play], leaveOut, quietToo, tries: 1, againAt: () => null });
  return { killed: killed.toSorted(), found };
}

it("is after every commit, and before those that something else came before", async () => {
  const { killed, found } = await points(false);
  expect(killed).toEqual([
    "after insert attempts #1",
    "after insert deliveries #1",
    "after insert inbound_events #1",
    "after insert runs #1",
    "after insert steps #1",
    "before insert attempts #1",
    "before insert deliveries #1",
    "before insert inbound_events #1",
  ]);
  expect(found).toMatchObject({ commits: 5, leftOut: 1, quiet: 2, missed: [], wrong: [] });
});

it("is before and after every commit when all are asked for", async () => {
  expect((await points(true)).killed).toHaveLength(10);
});

it("is before a commit, too, while another was under way", () => {
  const names = new Names();
  const [one, other] = [commit(1, "runs"), commit(2, "steps")];
  names.of(one, "before", 0);
  names.of(other, "before", 0);
  names.of(one, "after", 0);
  names.of(other, "after", 0);
  expect(names.all.map(({ quietAfter }) => quietAfter)).toEqual([null, null]);
});
