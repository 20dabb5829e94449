import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { phrasesOf } from "../../src/bot/commands/phrases.ts";
import { runScheduleCommand } from "../../src/cli/schedule.ts";
import { ConfigError, loadConfig } from "../../src/config.ts";

const NOW = "2026-11-24T08:00:00Z";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "claw-parts-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (yaml: string) => writeFileSync(path.join(cwd, "claw.config.yaml"), yaml);
const load = (yaml: string) => {
  write(yaml);
  return loadConfig({ env: {}, cwd }).partsOfDay;
};

const problemsOf = (yaml: string): Record<string, string> => {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((each) => [each.key, each.problem]));
    throw error;
  }
  throw new Error("the configuration was accepted");
};

async function schedule(...args: string[]) {
  let out = "";
  let err = "";
  const exitCode = await runScheduleCommand([...args, "--zone", "Europe/Paris", "--now", NOW, "--json"], {
    env: {},
    cwd,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    events: process,
  });
  return { exitCode, out: out === "" ? null : JSON.parse(out), err };
}

describe("the parts of the day", () => {
  test("are those of the file, the others the usual ones", () => {
    expect(load("schedules: { morning: 08:30, night: 23:00 }")).toEqual({ morning: 510, night: 1380 });
    expect(load("schedules:\n")).toEqual({});
    expect(load("")).toEqual({});
  });

  test("lie where their names say", () => {
    const problems = problemsOf("schedules: { morning: 14:00, lunch: 9, evening: 08:00, tea: 16:00 }");
    expect(problems["schedules.morning"]).toMatch(/time of the morning, such as 09:00/);
    expect(problems["schedules.lunch"]).toMatch(/such as 12:00/);
    expect(problems["schedules.evening"]).toMatch(/such as 18:00/);
    expect(problems["schedules.tea"]).toMatch(/is not known/);
  });

  test("decide when a phrase without an hour runs, and its words keep the clock's time", async () => {
    write("schedules: { morning: 08:30, lunch: 12:15, evening: 19:00 }");
    const { out } = await schedule("every morning check the site");
    expect(out).toMatchObject({
      words: "Every day at 08:30, Europe/Paris",
      instruction: "check the site",
      next: expect.arrayContaining(["2026-11-25T07:30:00Z"]),
    });
    expect((await schedule("every Monday afternoon check")).out.words).toBe("Every Monday at 15:00, Europe/Paris");
    expect((await schedule("tomorrow evening check")).out.words).toBe(
      "Once, on Wed 25 Nov 2026 at 19:00, Europe/Paris",
    );
    // With an hour they only say which half of the day it is.
    expect((await schedule("every evening at half past six check")).out.words).toBe("Every day at 18:30, Europe/Paris");
    expect((await schedule("every day at lunch check")).out.words).toBe("Every day at 12:15, Europe/Paris");
  });

  test("that are wrong stop claw schedule with the line to mend", async () => {
    write("schedules:\n  night: noon\n");
    const { exitCode, out, err } = await schedule("every night check");
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: null });
    expect(err).toMatch(/schedules\.night must be a time of the night.*line 2/);
  });

  test("hold for what people write in chat", () => {
    const work = { now: new Date(NOW) };
    const said = phrasesOf({ zone: "UTC", work, deps: { partsOfDay: { morning: 510 } } })("every morning check");
    expect(said).toMatchObject({ kind: "scheduled", words: "Every day at 08:30, UTC" });
    const usual = phrasesOf({ zone: "UTC", work, deps: {} })("every morning check");
    expect(usual).toMatchObject({ kind: "scheduled", words: "Every day at 09:00, UTC" });
  });
});
