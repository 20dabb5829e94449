import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inWork } from "../../../src/orchestrator/db/work.ts";
import type { Failure } from "../../../src/orchestrator/errors.ts";
import { ensureWorkspace } from "../../../src/orchestrator/members/store.ts";
import {
  type Admitted,
  createServices,
  type PutOff,
  type ServiceCall,
  type Services,
} from "../../../src/orchestrator/services/service.ts";
import type { ServiceLimits } from "../../../src/orchestrator/services/service-name.ts";
import { pruneServices, readBreaker } from "../../../src/orchestrator/services/store.ts";
import { quietLog, type TestDatabase, testDatabase } from "../../support/database.ts";

const WORKSPACE = "console:test";
const API: ServiceCall = { workspaceId: WORKSPACE, service: "http:api.example.com" };
const DOWN: Failure = { code: "service_unavailable", message: "api.example.com cannot be reached" };
const START = Date.parse("2026-05-04T10:00:10.000Z");

let database: TestDatabase;
let now: number;
const clock = { now: () => now };

beforeEach(async () => {
  now = START;
  database = await testDatabase();
  for (const id of [WORKSPACE, "console:other"]) {
    const team = id.slice(8);
    await ensureWorkspace(database.db, {
      id,
      platform: "console",
      team,
      name: team,
      timezone: "UTC",
      createdAt: new Date(now),
    });
  }
});
afterEach(() => database.close());

/** What one process has; several of them share the database. */
interface Process {
  readonly services: Services;
  readonly admit: (call?: ServiceCall) => Promise<Admitted | PutOff>;
  /** Asks, calls, and hears. @returns whether the call was made */
  readonly call: (failure: Failure | null, call?: ServiceCall) => Promise<boolean>;
}

function aProcess(limits: ServiceLimits = {}): Process {
  const deps = { db: database.db, alarms: { set: async () => {} }, clock, log: quietLog, limits };
  const services = createServices(deps);
  const admit = (call = API) => inWork(deps, (work) => services.admit(work, call));
  return {
    services,
    admit,
    async call(failure, call = API) {
      const admitted = await admit(call);
      if (admitted.kind === "go") await services.heard(call, admitted, failure);
      return admitted.kind === "go";
    },
  };
}

const breaker = () => readBreaker(database.db, { workspaceId: WORKSPACE, service: API.service ?? "" });
const times = async (count: number, act: () => Promise<unknown>) => {
  for (let n = 0; n < count; n++) await act();
};
const rows = async (table: string) =>
  Number((await database.sql`select count(*)::int as n from ${database.sql(table)}`)[0]?.n);
const states = (all: readonly (Admitted | PutOff)[]) =>
  all.map((each) => (each.kind === "go" && each.probe ? "probe" : each.kind));

describe("a breaker in the database", () => {
  test("five failures in a row open it, also when two processes share them", async () => {
    const [one, two] = [aProcess(), aProcess()];
    await times(2, () => one.call(DOWN));
    await times(2, () => two.call(DOWN));
    expect(await breaker()).toMatchObject({ status: "closed", failures: 4 });
    const admitted = await one.admit();
    expect(admitted).toMatchObject({ kind: "go" });
    expect(await one.services.heard(API, admitted as Admitted, DOWN)).toMatchObject({
      service: API.service,
      since: new Date(START),
      until: new Date(START + 30_000),
      probe: false,
    });
    expect(await one.admit()).toMatchObject({
      kind: "wait",
      until: new Date(START + 30_000),
      why: { kind: "breaker", failure: DOWN },
    });
    // What a process has seen is believed for a second.
    now += 1_000;
    expect(await two.admit()).toMatchObject({ kind: "wait" });
  });

  test("failures heard at the same time are all counted", async () => {
    const processes = [aProcess(), aProcess(), aProcess()];
    const admitted: Admitted = { kind: "go", probe: false, failing: false };
    await Promise.all(Array.from({ length: 4 }, (_, n) => processes[n % 3]?.services.heard(API, admitted, DOWN)));
    expect(await breaker()).toMatchObject({ status: "closed", failures: 4 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => processes[n % 3]?.services.heard(API, admitted, DOWN)));
    expect(await breaker(), "it opens once").toMatchObject({ status: "open", failures: 5, opens: 1 });
  });

  test("all is well: nothing is written, and a second's calls read once", async () => {
    const one = aProcess();
    await times(5, () => one.call(null));
    expect(await rows("breakers")).toBe(0);
    expect(await one.services.glance(API)).toEqual({ kind: "go", probe: false, failing: false });
    await database.sql`insert into breakers (workspace_id, service, status, probe_at, updated_at)
      values (${WORKSPACE}, ${API.service}, 'open', now() + interval '1 year', now())`;
    expect(await one.services.glance(API), "believed").toMatchObject({ kind: "go" });
    now += 1_000;
    expect(await one.services.glance(API), "looked at anew").toBe(null);
  });

  test("a success between failures starts the count again", async () => {
    const one = aProcess();
    await times(4, () => one.call(DOWN));
    await one.call(null);
    await times(4, () => one.call(DOWN));
    expect(await breaker()).toMatchObject({ status: "closed", failures: 4 });
  });

  test("a service that only has enough for now, or refuses, is not down", async () => {
    const one = aProcess();
    await times(8, () => one.call({ code: "rate_limited", message: "429" }));
    await times(8, () => one.call({ code: "bad_credentials", message: "401" }));
    expect(await rows("breakers")).toBe(0);
  });

  test("exactly one of twenty that ask at once, over three processes, is the probe", async () => {
    const processes = [aProcess(), aProcess(), aProcess()];
    const [first] = processes;
    await times(5, () => first?.call(DOWN) ?? Promise.resolve());
    now += 30_000;
    const admitted = await Promise.all(Array.from({ length: 20 }, (_, n) => processes[n % 3]?.admit()));
    const seen = states(admitted.filter((each) => each !== undefined));
    expect(seen.filter((state) => state === "probe")).toHaveLength(1);
    expect(seen.filter((state) => state === "wait")).toHaveLength(19);
  });

  test("a failed probe opens it again for twice as long; one that goes well closes it for everybody", async () => {
    const [one, two] = [aProcess(), aProcess()];
    await times(5, () => one.call(DOWN));
    const pauses: number[] = [];
    for (let n = 0; n < 5; n++) {
      now = (await breaker())?.probeAt?.getTime() ?? 0;
      expect(await (n % 2 === 0 ? one : two).call(DOWN)).toBe(true);
      pauses.push(((await breaker())?.probeAt?.getTime() ?? 0) - now);
    }
    expect(pauses).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
    expect((await breaker())?.openedAt).toEqual(new Date(START));
    now += 300_000;
    expect(await two.call(null)).toBe(true);
    expect(await breaker()).toMatchObject({ status: "closed", failures: 0, opens: 0, openedAt: null, failure: null });
    now += 1_000;
    expect(states(await Promise.all([one.admit(), one.admit(), two.admit()]))).toEqual(["go", "go", "go"]);
  });

  test("a probe that was not made after all, or was cancelled, leaves its turn to the next", async () => {
    const one = aProcess();
    await times(5, () => one.call(DOWN));
    now += 30_000;
    const first = await one.admit();
    expect(states([first])).toEqual(["probe"]);
    expect(await one.services.heard(API, first as Admitted, { code: "cancelled", message: "stopped" })).toBe(null);
    expect(states([await one.admit(), await one.admit()])).toEqual(["probe", "wait"]);
    expect(await breaker()).toMatchObject({ opens: 1 });
  });

  test("one that opens and closes is in the audit", async () => {
    const one = aProcess();
    await times(5, () => one.call(DOWN));
    now += 30_000;
    await one.call(null);
    const said = await database.sql`select action, detail->>'service' as service from audit_events order by id`;
    expect(said.map((row) => `${row.action} ${row.service}`)).toEqual([
      "service.suspended http:api.example.com",
      "service.resumed http:api.example.com",
    ]);
  });

  test("another workspace's and another service's calls go on", async () => {
    const one = aProcess();
    await times(5, () => one.call(DOWN));
    expect(await one.admit({ ...API, workspaceId: "console:other" })).toMatchObject({ kind: "go" });
    expect(await one.admit({ ...API, service: "http:www.example.com" })).toMatchObject({ kind: "go" });
    expect(await one.admit({ ...API, service: null })).toMatchObject({ kind: "go" });
  });

  test("a database that is away while a call is heard loses no result", async () => {
    const one = aProcess();
    await database.sql`alter table breakers rename to breakers_gone`;
    expect(await one.services.heard(API, { kind: "go", probe: false, failing: false }, DOWN)).toBe(null);
  });
});

describe("calls a minute", () => {
  const limits = { "api.example.com": 30, model: 3 };

  test("are never exceeded by processes that ask at once, and the next minute begins anew", async () => {
    const processes = [aProcess(limits), aProcess(limits), aProcess(limits)];
    const ask = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => processes[n % 3]?.admit()));
    const admitted = (await ask(50)).filter((each) => each !== undefined);
    expect(states(admitted).filter((state) => state === "go")).toHaveLength(30);
    expect(admitted.find((each) => each.kind === "wait")).toMatchObject({
      until: new Date("2026-05-04T10:01:00Z"),
      why: { kind: "limit", perMinute: 30 },
    });
    expect((await database.sql`select calls from service_minutes`)[0]?.calls).toBe(30);
    now = Date.parse("2026-05-04T10:01:00Z");
    expect(states((await ask(40)).filter((each) => each !== undefined)).filter((state) => state === "go")).toHaveLength(
      30,
    );
  });

  test("hold for the model whatever its host, and for no other service", async () => {
    const one = aProcess(limits);
    const model = { workspaceId: WORKSPACE, service: "model:llm.example.com" };
    const asked = await Promise.all([1, 2, 3, 4].map(() => one.admit(model)));
    expect(states(asked).sort()).toEqual(["go", "go", "go", "wait"]);
    expect(await one.services.glance(model), "a limit must be asked").toBe(null);
    await times(5, () => one.admit({ ...API, service: "http:www.example.com" }));
    expect(await rows("service_minutes")).toBe(1);
  });

  test("a call that its breaker puts off does not count", async () => {
    const one = aProcess(limits);
    await times(5, () => one.call(DOWN));
    await times(5, () => one.admit());
    expect((await database.sql`select calls from service_minutes`)[0]?.calls).toBe(5);
  });

  test("old minutes, and breakers that were quiet for a week, are forgotten", async () => {
    const one = aProcess(limits);
    await times(5, () => one.call(DOWN));
    await pruneServices(database.db, new Date(now + 60_000));
    expect(await rows("service_minutes")).toBe(1);
    await pruneServices(database.db, new Date(now + 30 * 86_400_000));
    expect(await rows("service_minutes")).toBe(0);
    expect(await rows("breakers"), "one that is open stays").toBe(1);
    now += 30_000;
    await one.call(null);
    await pruneServices(database.db, new Date(now + 30 * 86_400_000));
    expect(await rows("breakers")).toBe(0);
  });
});
