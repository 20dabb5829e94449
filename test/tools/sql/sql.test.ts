/** Reads of a real database, as a user who may read only some of it. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InvokeContext, invokeTool, sqlTools, type ToolResult, validateInput } from "../../../src/tools/index.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { toolContext } from "../../support/tool-context.ts";

let database: TestDatabase;
const role = `reader_${randomBytes(4).toString("hex")}`;
let readerUrl: string;

beforeAll(async () => {
  database = await testDatabase({ empty: true });
  await database.sql.unsafe(`
    create table orders (id int primary key, customer text, placed date, note jsonb, total numeric(10, 2));
    insert into orders select n, 'customer ' || n, '2026-11-01', '{"n": 1}', n * 1.5 from generate_series(1, 300) n;
    create table salaries (who text);
    create sequence counter;
    create role ${role} login password 'reads-only';
    grant select, insert, update, delete on orders to ${role};
    grant usage, update on sequence counter to ${role}`);
  const url = new URL(database.url);
  url.username = role;
  url.password = "reads-only";
  readerUrl = url.href;
});
afterAll(async () => {
  await database.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  await database.close();
});

const listed = (url: string) => [{ name: "shop", url, description: "orders" }];

async function call(
  name: string,
  args: object,
  ctx: Partial<InvokeContext> = {},
  url = readerUrl,
): Promise<ToolResult<unknown>> {
  const tool = sqlTools(listed(url)).find((each) => each.name === name);
  if (!tool) throw new Error(`no ${name}`);
  const input = validateInput(tool, JSON.stringify({ database: "shop", ...args }));
  return input.ok ? invokeTool(tool, input.value, toolContext(ctx)) : input;
}
const query = (text: string, ctx?: Partial<InvokeContext>) => call("sql_query", { query: text }, ctx);

describe("sql_query", () => {
  test("reads rows as the database writes them", async () => {
    expect(
      await query("select id, customer, placed, note, total, null as gone from orders order by id limit 2;"),
    ).toEqual({
      ok: true,
      value: {
        columns: ["id", "customer", "placed", "note", "total", "gone"],
        rows: [
          ["1", "customer 1", "2026-11-01", '{"n": 1}', "1.50", null],
          ["2", "customer 2", "2026-11-01", '{"n": 1}', "3.00", null],
        ],
        truncated: false,
      },
    });
  });

  test("keeps columns of the same name apart, and names them where there is no row", async () => {
    expect(await query("select 1 as a, 2 as a")).toMatchObject({ value: { columns: ["a", "a"], rows: [["1", "2"]] } });
    expect(await query("select id from orders where false")).toMatchObject({ value: { columns: ["id"], rows: [] } });
  });

  test("gives at most 200 rows and says that there are more", async () => {
    const result = await query("select id from orders");
    expect(result).toMatchObject({ ok: true, value: { truncated: true, rows: { length: 200 } } });
  });

  test("cuts what is long", async () => {
    const result = await query("select repeat('x', 1000000) as x from generate_series(1, 100)");
    expect(JSON.stringify(result).length).toBeLessThan(25_000);
    expect(result).toMatchObject({ value: { truncated: true } });
  });

  test.each([
    ["delete from orders", "invalid_input"],
    ["insert into orders values (999) returning id", "invalid_input"],
    ["with gone as (delete from orders returning id) select * from gone", "invalid_input"],
    ["select 1; delete from orders", "invalid_input"],
    ["select 1; commit; delete from orders", "invalid_input"],
    ["select set_config('transaction_read_only', 'off', false)", "invalid_input"],
    ["select nextval('counter')", "not_permitted"],
    ["select * into copied from orders", "invalid_input"],
    ["select * from orders for update", "not_permitted"],
    ["select * from salaries", "not_permitted"],
    ["select pg_read_file('/etc/passwd')", "not_permitted"],
    ["select lo_import('/etc/passwd')", "not_permitted"],
    ["copy orders to program 'id'", "invalid_input"],
    ["select nothing from orders", "invalid_input"],
  ])("refuses %s and changes nothing", async (text, code) => {
    expect(await query(text)).toMatchObject({ ok: false, error: { code } });
    expect(await database.sql`select count(*)::int as n from orders`).toEqual([{ n: 300 }]);
  });

  test("says what is wrong with a query as the database says it", async () => {
    expect(await query("select custmer from orders")).toMatchObject({
      error: { message: expect.stringMatching(/column "custmer" does not exist.*customer/) },
    });
  });

  test("stops when it is told to, and the server stops with it", async () => {
    const stop = new AbortController();
    const asked = query("select pg_sleep(60)", { signal: stop.signal });
    const sleeping = () =>
      database.sql`select pid from pg_stat_activity where usename = ${role} and state = 'active' and wait_event = 'PgSleep'`;
    await expect.poll(async () => (await sleeping()).length).toBe(1);
    stop.abort();
    expect(await asked).toMatchObject({ error: { code: "cancelled" } });
    await expect.poll(async () => (await sleeping()).length).toBe(0);
  });

  test("knows only the databases that are listed", async () => {
    expect(await call("sql_query", { database: "other", query: "select 1" })).toMatchObject({
      error: { code: "invalid_input", message: expect.stringContaining("shop") },
    });
    expect(sqlTools([])).toEqual([]);
  });

  test("does not work as a superuser", async () => {
    expect(await call("sql_query", { query: "select 1" }, {}, database.url)).toMatchObject({
      error: { code: "not_permitted", message: expect.stringContaining("superuser") },
    });
  });

  test.each([
    ["a wrong password", { password: "wrong" }, "bad_credentials"],
    ["a server that is not there", { port: "1" }, "service_unavailable"],
  ])("says what is wrong with %s, without the password", async (_name, change, code) => {
    const url = new URL(readerUrl);
    Object.assign(url, change);
    const result = await call("sql_query", { query: "select 1" }, {}, url.href);
    expect(result).toMatchObject({ ok: false, error: { code } });
    expect(JSON.stringify(result)).not.toMatch(/reads-only|wrong/);
  });
});

describe("sql_tables", () => {
  test("lists what the user may read", async () => {
    expect(await call("sql_tables", {})).toEqual({
      ok: true,
      value: {
        tables: [
          {
            name: "orders",
            columns: ["id integer", "customer text", "placed date", "note jsonb", "total numeric"],
          },
        ],
        more: false,
      },
    });
  });
});
