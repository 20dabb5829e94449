/** The watchdog outside, with a real HTTP server as the check elsewhere. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPinger, failUrl, type Pinger } from "../../../src/orchestrator/watchdog/ping.ts";
import { quietLog } from "../../support/database.ts";
import { type HttpServer, httpServer } from "../../support/http-server.ts";
import { until as holds, PATIENCE_MS } from "../../support/patience.ts";

let server: HttpServer;
let pinger: Pinger;
const state = { well: true, stuck: 0 };
const start = (more: { url?: string; limitMs?: number; probe?: () => Promise<unknown> } = {}): void => {
  pinger = createPinger({
    url: `${server.url}/check`,
    log: quietLog,
    probe: async () => {
      if (!state.well) throw new Error("the database is away");
    },
    uptime: () => performance.now() + state.stuck,
    everyMs: 20,
    limitMs: PATIENCE_MS,
    ...more,
  });
  pinger.start();
};
const paths = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
const until = (condition: () => boolean): Promise<void> =>
  holds(
    async () => condition(),
    async () => `requests: ${paths().join(", ")}`,
  );

beforeEach(async () => {
  Object.assign(state, { well: true, stuck: 0 });
  server = await httpServer();
  for (const page of ["/check", "/check/fail"]) server.page(page, "OK");
});
afterEach(async () => {
  await pinger.stop();
  await server.close();
});

describe("a process that is well", () => {
  it("pings at once, again and again, and not any more when it stops", async () => {
    start();
    await until(() => paths().length >= 3);
    await pinger.stop();
    const count = paths().length;
    expect(new Set(paths())).toEqual(new Set(["GET /check"]));
    await sleep(100);
    expect(paths()).toHaveLength(count);
  });
});

describe("a process that is not well", () => {
  it("says so once, and pings again when it is", async () => {
    state.well = false;
    start();
    await until(() => paths().length >= 1);
    await sleep(150);
    expect(paths()).toEqual(["GET /check/fail"]);
    state.well = true;
    await until(() => paths().length >= 2);
    expect(paths()[1]).toBe("GET /check");
  });

  it("counts a database that does not answer", async () => {
    start({ limitMs: 300, probe: () => new Promise(() => {}) });
    await until(() => paths().length >= 1);
    expect(paths()).toEqual(["GET /check/fail"]);
  });

  it("counts a loop that was stuck", async () => {
    start();
    await until(() => paths().length >= 1);
    await until(() => {
      state.stuck += 60_000;
      return paths().includes("GET /check/fail");
    });
  });
});

describe("a check that is away", () => {
  it("does no harm, and hears of a failure when it is back", async () => {
    state.well = false;
    const refusals = { left: 2 };
    server.page("/check/fail", (_, response) => {
      if (refusals.left-- > 0) response.destroy();
      else response.end("OK");
    });
    start();
    await until(() => paths().length >= 3);
    await sleep(100);
    expect(paths()).toEqual(["GET /check/fail", "GET /check/fail", "GET /check/fail"]);
  });

  it("that hangs does not hold up the shutdown", async () => {
    server.page("/check", () => {});
    start();
    await until(() => paths().length >= 1);
    await pinger.stop();
    expect(paths()).toEqual(["GET /check"]);
  });
});

it("the address of a failure ends with /fail, its query stays", () => {
  expect(failUrl("https://hc-ping.com/8d1c")).toBe("https://hc-ping.com/8d1c/fail");
  expect(failUrl("https://kuma.example/api/push/x?msg=OK")).toBe("https://kuma.example/api/push/x/fail?msg=OK");
});
