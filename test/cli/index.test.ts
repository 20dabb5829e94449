import { describe, expect, test } from "vitest";
import { runCli } from "../../src/cli/index.ts";
import { version } from "../../src/package-root.ts";
import { testDatabase } from "../support/database.ts";
import { sampleIo } from "./sample-io.ts";

async function run(args: string[], env: Record<string, string> = {}) {
  const io = sampleIo(env);
  const exitCode = await runCli(args, io);
  return { exitCode, out: io.out(), err: io.err() };
}

async function withDatabase<T>(options: { empty?: boolean }, use: (url: string) => Promise<T>): Promise<T> {
  const database = await testDatabase(options);
  try {
    return await use(database.url);
  } finally {
    await database.close();
  }
}

describe("usage", () => {
  test("--version prints the version and nothing else", async () => {
    expect(await run(["--version"])).toEqual({ exitCode: 0, out: `${version()}\n`, err: "" });
  });

  test("--help lists every command", async () => {
    const { exitCode, out } = await run(["--help"]);
    expect(exitCode).toBe(0);
    for (const command of ["start", "migrate", "doctor", "schedule", "audit"]) {
      expect(out).toMatch(new RegExp(`^ +${command}\\b`, "m"));
    }
  });

  test("no command at all prints the help and is an error", async () => {
    const { exitCode, out, err } = await run([]);
    expect(exitCode).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("Usage: claw");
  });

  test.each([
    ["strat", "start"],
    ["doctr", "doctor"],
  ])("claw %s asks whether %s was meant", async (typed, meant) => {
    const { exitCode, err } = await run([typed]);
    expect(exitCode).toBe(2);
    expect(err).toContain(`Did you mean ${meant}?`);
  });

  test.each([
    ["doctor", "--jsn"],
    ["audit", "verfy"],
    ["migrate", "now"],
  ])("claw %s %s is refused", async (...args) => {
    const { exitCode, err } = await run(args);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/unknown|too many/);
  });
});

describe("commands", () => {
  test("migrate brings an empty database up to date, and again does no harm", async () => {
    await withDatabase({ empty: true }, async (url) => {
      const env = { DATABASE_URL: url, LOG_LEVEL: "error" };
      for (const _time of ["first", "second"]) {
        expect(await run(["migrate"], env)).toEqual({ exitCode: 0, out: "The database is up to date.\n", err: "" });
      }
      const { exitCode, out } = await run(["doctor"], { ...env, CLAW_CONSOLE_PORT: "0" });
      expect(exitCode).toBe(0);
      expect(out).toContain("none pending");
    });
  });

  test("migrate with a bad configuration ends with 2 and names what is bad", async () => {
    const { exitCode, err } = await run(["migrate"], { DATABASE_URL: "mysql://x/y" });
    expect(exitCode).toBe(2);
    expect(err).toContain("DATABASE_URL");
  });

  test("audit verify and head look at the configured database", async () => {
    await withDatabase({}, async (url) => {
      expect(await run(["audit", "verify"], { DATABASE_URL: url })).toMatchObject({ exitCode: 0, err: "" });
      expect((await run(["audit", "head", "--json"], { DATABASE_URL: url })).out).toBe("{}\n");
    });
  });

  test("audit on a database without tables says what makes them", async () => {
    await withDatabase({ empty: true }, async (url) => {
      const { exitCode, err } = await run(["audit", "verify"], { DATABASE_URL: url });
      expect(exitCode).toBe(1);
      expect(err).toContain("claw migrate");
    });
  });

  test("schedule reads its own options and needs no database", async () => {
    const args = ["schedule", "every day at 9 check", "--zone", "UTC", "--now", "2026-01-01T00:00:00Z", "--count", "2"];
    const { exitCode, out } = await run(args);
    expect(exitCode).toBe(0);
    expect(out).toContain("09:00");
  });
});
