import { expect, test } from "vitest";
import { choices } from "../../../src/bot/commands/choices.ts";
import { nextOf } from "../../../src/orchestrator/schedules/phrase/next.ts";

const now = Date.parse("2026-11-23T10:00:00Z");
const offered = (typed: string) =>
  choices(typed, {
    workflows: ["open-prs", "stand-up"],
    runs: [
      { number: 41, words: "open-prs, waiting" },
      { number: 40, words: "open-prs, succeeded" },
      { number: 7, words: "stand-up, dead" },
    ],
    zones: ["Europe/Berlin", "Europe/Paris", "America/Paramaribo", "UTC"],
    nextOf: (line) => nextOf(line, { now, zone: "Europe/Paris" }),
  });
const lines = (typed: string) => offered(typed).map(({ line }) => line);

test("a verb is completed, and then by the names of workflows", () => {
  expect(lines("pau")).toEqual(["pause "]);
  expect(lines("pause ")).toEqual(["pause open-prs", "pause stand-up"]);
  expect(lines("pause")).toEqual(["pause open-prs", "pause stand-up", "pause "]);
  expect(lines("pause st")).toEqual(["pause stand-up"]);
});

test("runs are offered by their numbers, with what they are", () => {
  expect(offered("inspect 4").slice(0, 2)).toEqual([
    { line: "inspect 41", hint: "open-prs, waiting" },
    { line: "inspect 40", hint: "open-prs, succeeded" },
  ]);
  expect(lines("retry ")).toEqual(expect.arrayContaining(["retry 41", "retry 7"]));
});

test("time zones are offered by city and by area", () => {
  expect(lines("timezone par")).toEqual(["timezone Europe/Paris", "timezone America/Paramaribo"]);
  expect(lines("timezone europe/b")).toEqual(["timezone Europe/Berlin"]);
});

test("a line that says when shows its next time, and asks for what to do while that is missing", () => {
  expect(offered("every weekday at 9 remind us of the stand-up")).toEqual([
    { line: "every weekday at 9 remind us of the stand-up", hint: "next Tue 24 Nov 2026 at 09:00" },
  ]);
  expect(offered("every weekday at 9")[0]).toEqual({
    line: "every weekday at 9",
    hint: "next Tue 24 Nov 2026 at 09:00; go on with what to do",
  });
  expect(offered("every w").every(({ hint }) => hint.startsWith("next "))).toBe(true);
});

test("nothing is offered for what is neither, and never more than 25", () => {
  expect(offered("frobnicate the thing")).toEqual([]);
  expect(offered("").length).toBeLessThanOrEqual(25);
});
