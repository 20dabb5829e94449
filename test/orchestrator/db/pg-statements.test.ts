import { expect, test } from "vitest";
import { changedRows, kindOf, splitStatements, tablesOf } from "../../support/pg-statements.ts";

test.each([
  ["begin", "begin"],
  ["START TRANSACTION isolation level serializable", "begin"],
  ["commit", "commit"],
  ["rollback", "rollback"],
  ["rollback to s1", "other"],
  ["  -- why\n /* and how */ insert into a values (1)", "write"],
  ['update "a" set b = 1', "write"],
  ["with x as (select 1) delete from a using x", "write"],
  ["with x as (select * from a for update skip locked) select * from x", "other"],
  ["select 'insert into a'", "other"],
  ["with x as (select 'update a set') select 1", "other"],
])("%s is a %s", (statement, kind) => {
  expect(kindOf(statement)).toBe(kind);
});

test("tables are those written to, once, without what only looks like one", () => {
  const text = `with due as (select * from public.runs for no key update skip locked), gone as (delete from only "steps")
    insert into runs values (1) on conflict (id) do update set n = 1`;
  expect(tablesOf(text)).toEqual(["steps", "runs"]);
});

test("statements are cut at their own semicolons only", () => {
  expect(splitStatements("a; b ';' \"; \"; $x$ ; $x$ -- ;\n; /* ; */ c;")).toEqual([
    "a",
    "b ';' \"; \"",
    "$x$ ; $x$ -- ;",
    "/* ; */ c",
  ]);
});

test("changed rows are read from the tag", () => {
  expect(changedRows("INSERT 0 2", "insert into a")).toBe(2);
  expect(changedRows("UPDATE 0", "update a")).toBe(0);
  expect(changedRows("SELECT 3", "select 1")).toBe(0);
  expect(changedRows("SELECT 3", "with x as (update a set b = 1 returning *) select * from x")).toBe(3);
  expect(changedRows("BEGIN", "begin")).toBe(0);
});
