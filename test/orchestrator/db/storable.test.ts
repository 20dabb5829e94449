import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storable, storableText } from "../../../src/orchestrator/db/storable.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const ODD: readonly unknown[] = [
  undefined,
  null,
  -0,
  Number.NaN,
  "a\u0000b",
  "\ud83d half, \ud83d\ude00 whole, half \ude00",
  new Date(0),
  [undefined, () => 1, Symbol("x"), new Map([[1, 2]])],
  { second: 1, first: undefined, aa: { é: 1, ab: 2, z: 3, "\ud83d\ude00": 4, zzzzz: 5 } },
  { "a\u0000": 1, "a\ufffd": 2 },
  JSON.parse('{"__proto__":{"a":1},"b":2}'),
  { toJSON: () => ({ text: "b\u0000" }) },
  new String("boxed"),
];

describe("what is stored as jsonb", () => {
  it.each(ODD.map((value) => [value]))("%o is afterwards what the database gives back, key by key", async (value) => {
    const kept = storable(value);
    const [row] = await database.sql<{ back: string }[]>`select ${JSON.stringify(kept)}::text::jsonb::text as back`;
    expect(JSON.stringify(kept)).toBe(JSON.stringify(JSON.parse(row?.back ?? "")));
  });
  it("a text that PostgreSQL takes stays as it is", () => {
    expect(storableText("plain, é, \ud83d\ude00")).toBe("plain, é, \ud83d\ude00");
  });
  it("refuses what JSON cannot say", () => {
    expect(() => storable({ big: 1n })).toThrow(TypeError);
  });
});
