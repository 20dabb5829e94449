/** What PostgreSQL can answer, and what Claw makes of it: waits and goes on, or a bug that somebody must see. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inWork, isPassing, sqlState } from "../../../src/orchestrator/db/work.ts";
import type { Alarms } from "../../../src/orchestrator/ports.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { gate } from "../engine-case.ts";

const PASSING = [
  ["08006", "the connection failed"],
  ["08P01", "a pooler between us gave up"],
  ["25006", "the server became a standby"],
  ["25P03", "the transaction was idle for too long"],
  ["25P04", "the transaction took too long"],
  ["40001", "two transactions met"],
  ["40003", "nobody knows whether it was committed"],
  ["40P01", "a deadlock"],
  ["53100", "the disk is full"],
  ["53200", "memory is short"],
  ["53300", "too many connections"],
  ["55P03", "a lock was not to be had"],
  ["57014", "the statement was cancelled"],
  ["57P01", "an administrator ended the session"],
  ["57P02", "the server crashed"],
  ["57P03", "the server is starting"],
  ["57P05", "the session was idle for too long"],
  ["58030", "the disk failed"],
  ["CONNECTION_CLOSED", "the driver lost its connection"],
  ["CONNECTION_DESTROYED", "the driver lost its connection while it was ending"],
  ["CONNECT_TIMEOUT", "the server does not answer"],
  ["ECONNREFUSED", "nothing listens there"],
  ["ECONNRESET", "the connection was reset"],
  ["EPIPE", "the connection was gone"],
] as const;

const BUGS = [
  ["22P02", "text that is no number"],
  ["23503", "a row that is not there"],
  ["23505", "a key that exists"],
  ["23514", "a check that failed"],
  ["25P02", "a statement after a failed one"],
  ["42601", "bad SQL"],
  ["42703", "an unknown column"],
  ["42P01", "an unknown table"],
  ["XX000", "a server's own bug"],
  ["XX001", "damaged data"],
] as const;

const failed = (code: string): Error => Object.assign(new Error("the statement failed"), { code });
/** As the query builder throws it. */
const wrapped = (code: string): Error => new Error("Failed query: …", { cause: failed(code) });

describe("an answer of the database", () => {
  it.each(PASSING)("%s passes: %s", (code) => {
    expect([isPassing(failed(code)), isPassing(wrapped(code))]).toEqual([true, true]);
  });
  it.each(BUGS)("%s is a bug: %s", (code) => {
    expect([isPassing(failed(code)), isPassing(wrapped(code))]).toEqual([false, false]);
    expect(sqlState(wrapped(code))).toBe(code);
  });
});

describe("a work that meets another", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase({ empty: true });
    await database.sql`create table t (id int primary key, n int not null)`;
    await database.sql`insert into t values (1, 0), (2, 0)`;
  });
  afterEach(() => database.close());

  const wakes: number[] = [];
  const alarms: Alarms = { set: async (_kind, at) => void wakes.push(at) };
  const deps = () => ({ db: database.db, alarms, clock: { now: () => 7 } });

  it("in a deadlock is done again from its beginning: both are done, and each wakes once", async () => {
    wakes.length = 0;
    const both = gate();
    const done = gate();
    // Both hold one row before either asks for the other's. The loser's second try lets the other end first, or it might
    // take its row again before PostgreSQL has woken who waits for it.
    const tries = { made: 0 };
    const add = (first: number, second: number) =>
      inWork(deps(), async (work) => {
        tries.made += 1;
        work.wake("sweep");
        if (tries.made > 2) await done.opened;
        await work.tx.execute(`update t set n = n + 1 where id = ${first}`);
        if (tries.made === 2) both.open();
        await both.opened;
        await work.tx.execute(`update t set n = n + 1 where id = ${second}`);
      });
    await Promise.all([add(1, 2).finally(done.open), add(2, 1).finally(done.open)]);
    expect(await database.sql`select n from t order by id`).toEqual([{ n: 2 }, { n: 2 }]);
    expect(tries.made).toBe(3);
    expect(wakes).toEqual([7, 7]);
  });

  it("that fails leaves nothing behind and wakes nobody", async () => {
    wakes.length = 0;
    const work = inWork(deps(), async ({ tx, wake }) => {
      wake("sweep");
      await tx.execute("update t set n = 5");
      await tx.execute("insert into t values (1, 1)");
    });
    await expect(work).rejects.toMatchObject({ cause: { code: "23505" } });
    expect(await database.sql`select n from t order by id`).toEqual([{ n: 0 }, { n: 0 }]);
    expect(wakes).toEqual([]);
  });
});
