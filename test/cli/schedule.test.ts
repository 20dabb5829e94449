import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { runSchedule, runScheduleCommand, type ScheduleArgs } from "../../src/cli/schedule.ts";

const NOW = "2026-11-24T08:00:00Z";

async function run(args: Partial<ScheduleArgs>, stdin = "") {
  let out = "";
  let err = "";
  const exitCode = await runSchedule(
    { phrase: null, lines: false, json: false, zone: "Europe/Paris", now: NOW, ...args },
    {
      stdin: Readable.from([stdin]),
      write: (text) => {
        out += text;
      },
      error: (text) => {
        err += text;
      },
      clock: { now: () => Date.parse(NOW) },
    },
  );
  return { exitCode, out, err };
}

describe("claw schedule", () => {
  test("prints words, zone, next times, clock change and instruction", async () => {
    const { exitCode, out } = await run({
      phrase: "every day at 2:30 back up",
      now: "2026-03-27T12:00:00Z",
      count: "2",
    });
    expect(exitCode).toBe(0);
    expect(out).toBe(
      [
        "Every day at 02:30, Europe/Paris",
        "zone   Europe/Paris",
        "next   Sat 28 Mar 2026 at 02:30",
        "       Sun 29 Mar 2026 at 03:00",
        "clock  On Sun 29 Mar 2026 clocks go forward 1 h; the 02:30 slot runs at 03:00.",
        "does   back up",
        "",
      ].join("\n"),
    );
  });

  test("--json prints one object with instants", async () => {
    const { exitCode, out } = await run({ phrase: "every weekday at 9 summarise open PRs", json: true, count: "2" });
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toEqual({
      kind: "scheduled",
      words: "Every weekday at 09:00, Europe/Paris",
      zone: "Europe/Paris",
      schedule: {
        kind: "calendar",
        rrule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0",
        start: "2020-01-01T00:00:00",
        zone: "Europe/Paris",
      },
      instruction: "summarise open PRs",
      next: ["2026-11-25T08:00:00Z", "2026-11-26T08:00:00Z"],
    });
  });

  test("a schedule alone is an answer by itself", async () => {
    const { exitCode, out } = await run({ phrase: "every weekday at 9", json: true, count: "1" });
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kind: "scheduled", instruction: "", next: ["2026-11-25T08:00:00Z"] });
  });

  test("each reading of a question says when it would run", async () => {
    const { exitCode, out } = await run({ phrase: "every Monday", json: true, count: "1" });
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      kind: "question",
      readings: [
        { label: "Every Monday at 09:00, Europe/Paris", next: ["2026-11-30T08:00:00Z"] },
        { label: "Every Monday at 18:00, Europe/Paris", next: ["2026-11-30T17:00:00Z"] },
      ],
    });
  });

  test("a question shows its readings and exits with 1", async () => {
    const { exitCode, out } = await run({ phrase: "every day check Bob's site" });
    expect(exitCode).toBe(1);
    expect(out).toContain("? At what time?");
    expect(out).toContain("claw schedule 'Every day at 09:00, Europe/Paris: check Bob'\\''s site'");
    const asked = await run({ phrase: "every day check", json: true });
    expect(JSON.parse(asked.out)).toMatchObject({
      kind: "question",
      readings: [{ label: expect.any(String), phrase: expect.any(String) }, {}],
    });
  });

  test("a refusal says why, shows what works and exits with 1", async () => {
    const { exitCode, out } = await run({ phrase: "every 10 seconds check" });
    expect(exitCode).toBe(1);
    expect(out).toContain("one minute");
    expect(out).toContain("try: every minute: check");
    const refused = await run({ phrase: "every 10 seconds check", json: true });
    expect(JSON.parse(refused.out)).toMatchObject({
      kind: "refused",
      reason: expect.any(String),
      try: "every minute: check",
    });
  });

  test("a city is a zone", async () => {
    const { out } = await run({ phrase: "every day at 9 check", zone: "tokyo", json: true });
    expect(JSON.parse(out)).toMatchObject({ zone: "Asia/Tokyo" });
  });

  test.each<[string, Partial<ScheduleArgs>, string]>([
    ["an unknown zone", { zone: "Europe/Pariss" }, "Europe/Paris"],
    ["a zone like nothing", { zone: "Nowhere" }, "type an IANA name such as Europe/Paris"],
    ["a now that is no instant", { now: "yesterday" }, "2026-11-24T08:00:00Z"],
    ["a now without offset", { now: "2026-11-24T08:00:00" }, "2026-11-24T08:00:00Z"],
    ["a count that is no number", { count: "many" }, "whole number"],
    ["a count of none", { count: "0" }, "whole number"],
    ["an empty count", { count: "" }, "whole number"],
    ["too large a count", { count: "1000000" }, "whole number"],
    ["no phrase", { phrase: null }, "type a phrase"],
    ["an empty phrase", { phrase: "  " }, "type a phrase"],
  ])("%s is wrong usage and says what to type", async (_, args, advice) => {
    const { exitCode, out, err } = await run({ phrase: "every day at 9 check", ...args });
    expect(exitCode).toBe(2);
    expect(err).toContain(advice);
    expect(out).toBe("");
  });

  test("--lines answers each line on its own and always exits with 0", async () => {
    const lines = [
      JSON.stringify({ phrase: "every day at 9 check", zone: "Asia/Tokyo", now: "2026-01-01T00:00:00Z", count: 1 }),
      "",
      JSON.stringify({ phrase: "every day check" }),
      "no json",
      JSON.stringify({ phrase: 5 }),
      JSON.stringify({ phrase: "every day at 9 check", zone: "Nowhere" }),
      JSON.stringify({ phrase: "status" }),
    ];
    const { exitCode, out } = await run({ lines: true }, lines.join("\n"));
    expect(exitCode).toBe(0);
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { kind: "scheduled", zone: "Asia/Tokyo", next: ["2026-01-02T00:00:00Z"] },
      { kind: "question" },
      { kind: "error", reason: "that line is not JSON" },
      { kind: "error", reason: expect.stringContaining("phrase") },
      { kind: "error", reason: expect.stringContaining("Nowhere") },
      { kind: "refused" },
    ]);
  });
});

describe("its arguments", () => {
  async function command(...args: string[]) {
    let out = "";
    let err = "";
    const exitCode = await runScheduleCommand(args, {
      env: {},
      cwd: "/",
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      events: process,
    });
    return { exitCode, out, err };
  }

  test("may stand on both sides of the phrase, which needs no quotes", async () => {
    const { exitCode, out } = await command(
      "--zone",
      "UTC",
      "every",
      "day",
      "at",
      "9",
      "check",
      "--json",
      "--now=2026-01-01T00:00:00Z",
      "--count",
      "1",
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ instruction: "check", next: ["2026-01-01T09:00:00Z"] });
  });

  test("that do not exist are wrong usage", async () => {
    const { exitCode, err } = await command("every day at 9 check", "--zoom", "UTC");
    expect(exitCode).toBe(2);
    expect(err).toContain("--zoom");
    expect(err).toContain("--zone");
  });

  test("--help shows them", async () => {
    const { exitCode, out } = await command("--help");
    expect(exitCode).toBe(0);
    expect(out).toContain("--lines");
  });
});
