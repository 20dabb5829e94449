/** Limits of tools, whatever place they go to; and answers that say that their service is down. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { advance } from "../../../src/orchestrator/runs/engine.ts";
import { closeDueWaits } from "../../../src/orchestrator/runs/resume.ts";
import { unknownTools } from "../../../src/orchestrator/services/service-name.ts";
import { createEgressGuard, createRegistry, httpTools } from "../../../src/tools/index.ts";
import { type HttpServer, httpServer, send } from "../../support/http-server.ts";
import { type EngineCase, engineCase } from "../engine-case.ts";
import { calls, reports } from "../scripted-model.ts";

const MINUTE = 60_000;
let c: EngineCase;
afterEach(() => c.close());

const minutes = async () =>
  (await c.sql`select service, calls from service_minutes order by service, minute`).map((row) => [
    row.service,
    row.calls,
  ]);

describe("a limit of a tool", () => {
  it("holds for all its calls together, whatever the place, and they wait without an attempt", async () => {
    c = await engineCase({ limits: { "tool:browse": 2 } });
    c.model.says(
      calls(["browse", { what: "a.test" }], ["browse", { what: "b.test" }], ["browse", { what: "c.test" }]),
      reports("Done"),
    );
    const run = await c.start(
      await c.workflow({ instruction: "look at https://a.test/ https://b.test/ https://c.test/" }),
    );
    await c.work();
    expect(c.called).toHaveLength(2);
    expect(await c.waits(run)).toMatchObject([
      { kind: "service", detail: { service: "tool:browse", why: "limit", perMinute: 2 } },
    ]);
    c.clock.pass(MINUTE);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
    expect((await c.journal(run)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(await minutes()).toEqual([
      ["tool:browse", 2],
      ["tool:browse", 1],
    ]);
  });

  it("holds for a tool that goes nowhere outside", async () => {
    c = await engineCase({ limits: { "tool:look": 1 } });
    c.model.says(calls(["look", { what: "a" }], ["look", { what: "b" }]), reports("Done"));
    const run = await c.start(await c.workflow());
    await c.work();
    expect(c.called).toHaveLength(1);
    c.clock.pass(MINUTE);
    await c.work();
    expect(await c.run(run)).toMatchObject({ status: "succeeded" });
  });

  it("holds beside the limit of the place, and what it refuses is not counted there", async () => {
    c = await engineCase({ limits: { "tool:browse": 1, "a.test": 5 } });
    c.model.says(calls(["browse", { what: "a.test" }]), calls(["browse", { what: "a.test" }]), reports("Done"));
    await c.start(await c.workflow({ instruction: "look at https://a.test/" }));
    await c.work();
    expect(await minutes()).toEqual([
      ["http:a.test", 1],
      ["tool:browse", 1],
    ]);
    c.clock.pass(MINUTE);
    await c.work();
    expect(c.called).toHaveLength(2);
  });

  it("of a tool that nobody has is found out", async () => {
    c = await engineCase();
    expect(unknownTools({ "tool:http_get": 1, "tool:htp_get": 2, model: 3, "tool.example": 4 }, ["http_get"])).toEqual([
      "tool:htp_get",
    ]);
  });
});

describe("a page that answers 503", () => {
  let server: HttpServer;
  beforeEach(async () => {
    c = await engineCase();
    server = await httpServer();
  });
  afterEach(() => server.close());

  it("is read as it is, and counts as its host being down: after five, calls wait for it, and one tries", async () => {
    const guard = createEgressGuard({ allow: ["127.0.0.1"] });
    const registry = createRegistry([...httpTools({ guard, userAgent: "Claw/test" }), ...c.deps.registry.list()]);
    const deps = { ...c.deps, registry };
    const url = `${server.url}/page`;
    const host = new URL(url).host;
    const state = { status: 503 };
    server.page("/page", (request, response) => send("x", { status: state.status })(request, response));
    const work = async () => {
      await closeDueWaits(deps);
      for (let held = await c.claim(); held.length > 0; held = await c.claim()) {
        for (const run of held) await advance(deps, run, new AbortController().signal, () => false);
      }
    };
    const workflow = await c.workflow({ instruction: `look at ${url}`, policies: { concurrency: 1 } });
    await c.sql`update revisions set tools = '{http_get}'`;
    const runs: string[] = [];
    const start = async () => {
      const id = await c.start(workflow);
      await c.sql`update runs set pins = jsonb_set(pins, '{tools}', ${JSON.stringify({ http_get: registry.contractHash("http_get") })}::text::jsonb) where id = ${id}`;
      runs.push(id);
      return id;
    };
    for (let n = 0; n < 5; n++) {
      c.model.says(calls(["http_get", { url }]), reports(`It said 503, ${n}`));
      await start();
      await work();
    }
    for (const run of runs) {
      expect(await c.run(run)).toMatchObject({ status: "succeeded" });
      expect((await c.journal(run))[1]).toMatchObject({ status: "succeeded", output: { status: 503 } });
    }
    const [breaker] = await c.sql`select service, status, failure from breakers`;
    expect(breaker).toMatchObject({
      service: `http:${host}`,
      status: "open",
      failure: { code: "service_unavailable", message: `${host} answers 503` },
    });
    c.model.says(calls(["http_get", { url }]));
    const sixth = await start();
    await work();
    expect(await c.waits(sixth)).toMatchObject([{ kind: "service", detail: { service: `http:${host}` } }]);
    const asked = server.requests.length;
    state.status = 200;
    c.model.says(reports("It is back"));
    c.clock.pass(31_000);
    await work();
    expect(await c.run(sixth)).toMatchObject({ status: "succeeded" });
    expect(server.requests).toHaveLength(asked + 1);
    expect((await c.sql`select status from breakers`)[0]).toMatchObject({ status: "closed" });
  });
});
