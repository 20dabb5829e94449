import { expect, test } from "vitest";
import { testDatabase } from "../../support/database.ts";

test("every test database has Claw's tables and is nobody else's", async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  await one.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
    values ('w1', 'console', 'local', 'Demo', 'UTC', now())`;
  const count = (sql: typeof one.sql) => sql`select count(*)::int as n from workspaces`.then(([row]) => row?.n);
  expect([await count(one.sql), await count(two.sql)]).toEqual([1, 0]);
  await Promise.all([one.close(), two.close()]);
  await one.close();
  await expect(two.sql`select 1`).rejects.toThrow();
});
