import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { runStart, type StartClaw } from "../../src/cli/start.ts";
import { ClawError } from "../../src/orchestrator/errors.ts";
import { type SampleIo, sampleIo } from "./sample-io.ts";

type Options = Parameters<StartClaw>[0];

const never = new Promise<never>(() => {});

/** Starts in the background; `begun` resolves when Claw was asked to start, with what it was given. */
function start(io: SampleIo, begin: (options: Options) => ReturnType<StartClaw>, stopLimitMs = 10_000) {
  let tell: (options: Options) => void = () => {};
  const begun = new Promise<Options>((resolve) => {
    tell = resolve;
  });
  const startClaw: StartClaw = async (options) => {
    tell(options);
    return await begin(options);
  };
  return { ended: runStart(io, { startClaw, stopLimitMs }), begun };
}

const running =
  (stop: (reason: string) => Promise<void> = async () => {}) =>
  async () => ({ stop, url: null });

describe("starting", () => {
  test("hands over the configuration, and lines for people go to the output while the log goes to the errors", async () => {
    const io = sampleIo({ CLAW_CONSOLE_PORT: "4000" });
    const { ended, begun } = start(io, running());
    const { config, write, log } = await begun;
    expect(config.console.port).toBe(4_000);
    write("console  http://127.0.0.1:4000");
    log.info({ runId: "r1" }, "run started");
    expect(io.out()).toBe("console  http://127.0.0.1:4000\n");
    expect(JSON.parse(io.err())).toMatchObject({ runId: "r1", msg: "run started" });
    io.events.emit("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("a bad configuration ends with 2 and lists every bad key, without a stack", async () => {
    const io = sampleIo({ CLAW_CONSOLE_PORT: "http", LOG_LEVEL: "loud" });
    const begin = vi.fn(running());
    expect(await start(io, begin).ended).toBe(2);
    expect(io.err()).toContain("CLAW_CONSOLE_PORT");
    expect(io.err()).toContain("LOG_LEVEL");
    expect(io.err()).not.toMatch(/^\s+at /m);
    expect(begin).not.toHaveBeenCalled();
  });

  const inUse = Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE", address: "127.0.0.1", port: 3141 });
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  test.each([
    [inUse, /Port 3141 on 127\.0\.0\.1 is in use[\s\S]*CLAW_CONSOLE_PORT/],
    [new Error("listening failed", { cause: inUse }), /Port 3141/],
    [new ClawError("database_unavailable", "the database is away. Start it."), /^The database is away\. Start it\.\n$/],
    [new AggregateError([refused]), /db\.example:5432 cannot be reached[\s\S]*DATABASE_URL/],
    [Object.assign(new Error("EACCES"), { code: "EACCES", path: "/data/claw" }), /\/data\/claw[\s\S]*CLAW_DATA_DIR/],
    [new TypeError("x is not a function"), /x is not a function[\s\S]*LOG_LEVEL=debug/],
    ["just a text", /just a text/],
  ])("what fails says what is wrong and what to do: %s", async (error, expected) => {
    const io = sampleIo({ DATABASE_URL: "postgres://claw:a-very-long-password@db.example:5432/claw" });
    expect(await start(io, async () => Promise.reject(error)).ended).toBe(1);
    expect(io.err()).toMatch(expected);
    expect(io.err()).not.toMatch(/^\s+at /m);
    expect(io.err()).not.toContain("a-very-long-password");
  });

  test("how a URL of a database looks is said whole", async () => {
    const io = sampleIo({ DATABASE_URL: "mysql://claw" });
    expect(await start(io, async () => Promise.reject(new Error("never begun"))).ended).toBe(2);
    expect(io.err()).toContain("postgres://user:password@host:5432/database");
  });

  test("the stack is there with LOG_LEVEL=debug, and still no secret", async () => {
    const io = sampleIo({ LOG_LEVEL: "debug", CLAW_CONSOLE_TOKEN: "a-token-of-the-console" });
    const { ended } = start(io, async () => Promise.reject(new Error("failed with a-token-of-the-console")));
    expect(await ended).toBe(1);
    expect(io.err()).toMatch(/^\s+at .*start\.test\.ts/m);
    expect(io.err()).not.toContain("a-token-of-the-console");
  });
});

describe("stopping", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s stops in order and ends with 0", async (signal) => {
    const io = sampleIo();
    const stop = vi.fn(async () => {});
    const { ended, begun } = start(io, running(stop));
    await begun;
    io.events.emit(signal);
    expect(await ended).toBe(0);
    expect(stop).toHaveBeenCalledExactlyOnceWith(signal);
    expect(io.err()).toContain("Stopping in order");
    expect(io.events.eventNames()).toEqual([]);
  });

  test("while it still waits for the database ends without a word of a mistake", async () => {
    const io = sampleIo();
    const { ended, begun } = start(io, async ({ signal }) => {
      await sleep(60_000, undefined, { signal });
      return await never;
    });
    await begun;
    io.events.emit("SIGINT");
    expect(await ended).toBe(0);
    expect(io.out() + io.err()).not.toMatch(/abort|given up/i);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("a second %s ends at once with %i", async (signal, exitCode) => {
    const io = sampleIo();
    const { ended, begun } = start(
      io,
      running(() => never),
    );
    await begun;
    io.events.emit("SIGINT");
    io.events.emit(signal);
    expect(await ended).toBe(exitCode);
  });

  test("what does not stop within the limit is ended with 1 and said so", async () => {
    const io = sampleIo();
    const { ended, begun } = start(
      io,
      running(() => never),
      20,
    );
    await begun;
    io.events.emit("SIGTERM");
    expect(await ended).toBe(1);
    expect(io.err()).toContain("Not stopped after 0.02 s");
  });

  test("a stop that fails ends with 1 and says why", async () => {
    const io = sampleIo();
    const { ended, begun } = start(
      io,
      running(async () => Promise.reject(new Error("the pool would not close"))),
    );
    await begun;
    io.events.emit("SIGTERM");
    expect(await ended).toBe(1);
    expect(io.err()).toContain("the pool would not close");
  });

  test("a signal before the start is done ends the start", async () => {
    const io = sampleIo();
    const { ended, begun } = start(
      io,
      ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    await begun;
    io.events.emit("SIGINT");
    expect(await ended).toBe(0);
  });

  test("a start that does not heed the signal is stopped once it is done", async () => {
    const io = sampleIo();
    let finish = () => {};
    const stop = vi.fn(async () => {});
    const { ended, begun } = start(
      io,
      () =>
        new Promise((resolve) => {
          finish = () => resolve({ stop, url: null });
        }),
    );
    await begun;
    io.events.emit("SIGINT");
    finish();
    expect(await ended).toBe(0);
    expect(stop).toHaveBeenCalledOnce();
  });
});

describe("crashing", () => {
  test.each(["uncaughtException", "unhandledRejection"])(
    "%s is logged with its stack and ends with 1",
    async (event) => {
      const io = sampleIo();
      const { ended, begun } = start(io, running());
      await begun;
      io.events.emit(event, new Error("out of the blue"));
      expect(await ended).toBe(1);
      const line = JSON.parse(io.err()) as { level: string; err: { message: string; stack: string } };
      expect(line.level).toBe("error");
      expect(line.err.message).toBe("out of the blue");
      expect(line.err.stack).toContain("start.test.ts");
    },
  );

  test("is told even when there is no log", async () => {
    const io = sampleIo({ LOG_LEVEL: "silent" });
    const { ended, begun } = start(io, running());
    await begun;
    io.events.emit("uncaughtException", new Error("out of the blue"));
    expect(await ended).toBe(1);
    expect(io.err()).toContain("out of the blue");
  });
});
