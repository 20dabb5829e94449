import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { migrate } from "../../../src/orchestrator/db/migrate.ts";
import { compiled } from "../../support/compiled.ts";
import { quietLog, testDatabase } from "../../support/database.ts";

const MIGRATE = fileURLToPath(new URL("../../../src/orchestrator/db/migrate.ts", import.meta.url));

const tables =
  "select count(*)::int as n from information_schema.tables where table_name in ('runs', 'steps', 'workflows')";
const applied = "select count(*)::int as n, count(distinct hash)::int as different from drizzle.__drizzle_migrations";

test("eight processes may migrate one database at once", async () => {
  const { sql, url, close } = await testDatabase({ empty: true });
  const migrates = await compiled(`
    import { migrate } from ${JSON.stringify(MIGRATE)};
    const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
    await migrate(process.argv[2], { log });`);
  const ends = await Promise.all(
    Array.from({ length: 8 }, () => {
      const child = spawn(process.execPath, [migrates, url], { stdio: "inherit" });
      return new Promise((resolve) => child.once("exit", resolve));
    }),
  );
  expect(ends).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  const [row] = await sql.unsafe(applied);
  expect(row?.n).toBe(row?.different);
  expect((await sql.unsafe(tables))[0]?.n).toBe(3);
  await close();
});

test("what is prepared beside the migrations never runs twice at the same time", async () => {
  const { sql, url, close } = await testDatabase({ empty: true });
  let inside = 0;
  let most = 0;
  const prepare: NonNullable<Parameters<typeof migrate>[1]["prepare"]> = async (on) => {
    inside += 1;
    most = Math.max(most, inside);
    await on`select pg_sleep(0.02)`;
    await on.unsafe("create table if not exists prepared (n int)");
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => migrate(url, { log: quietLog, prepare })));
  expect(most).toBe(1);
  expect((await sql.unsafe(tables))[0]?.n).toBe(3);
  expect((await sql`select count(*)::int as n from prepared`)[0]?.n).toBe(0);
  await close();
});

test("a failure lets the next one in", async () => {
  const { url, close } = await testDatabase({ empty: true });
  const prepare = async () => {
    throw new Error("out of luck");
  };
  await expect(migrate(url, { log: quietLog, prepare })).rejects.toThrow("out of luck");
  await migrate(url, { log: quietLog });
  await close();
});
