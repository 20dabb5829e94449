import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, lex } from "./lexer.ts";
import { check, type Rule } from "./rules.ts";

const root = path.join(import.meta.dirname, "..", "..");

function sources(): Map<string, string> {
  const files = readdirSync(path.join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => [path.relative(root, file).split(path.sep).join("/"), readFileSync(file, "utf8")]),
  );
}

const specifiersOf = (source: string) => importsOf(lex(source)).map(({ specifier }) => specifier);

describe("the lexer", () => {
  test.each([
    ['import { a } from "./a.ts";', ["./a.ts"]],
    ["import a, * as b from './a.ts'", ["./a.ts"]],
    ['import "./effect.ts";', ["./effect.ts"]],
    ['import type { A } from "./a.ts";', ["./a.ts"]],
    ['import {\n  type A,\n  b, // with a remark\n} from "./a.ts";', ["./a.ts"]],
    ['export * from "./a.ts"; export * as b from "./b.ts";', ["./a.ts", "./b.ts"]],
    ['export { a as b } from "./a.ts"; export type { C } from "./c.ts";', ["./a.ts", "./c.ts"]],
    ['import data from "./a.json" with { type: "json" };', ["./a.json"]],
    ['const a = await import("./a.ts"); type B = typeof import("./b.ts");', ["./a.ts", "./b.ts"]],
    ['const a = require("a"); const b = createRequire(import.meta.url)("b");', ["a", "b"]],
    ["const a = await import(name);", [null]],
    [
      "const a = await import(`./$" + "{name}.ts`); const t = `$" + '{await import("./b.ts")} and }`;',
      [null, "./b.ts"],
    ],
    ["const a = `$" + '{ { b: { c: 1 } } }import("./no.ts")`; import("./yes.ts");', ["./yes.ts"]],
    ['const a = /["\'`/]/; const b = a / 2; import("./a.ts");', ["./a.ts"]],
    ["return <p>It's {x} / {y}</p>; }\nimport('./a.ts');", ["./a.ts"]],
    ["const s = 'it\\'s'; import('./a.ts')", ["./a.ts"]],
  ])("finds what %j imports", (source, expected) => expect(specifiersOf(source)).toEqual(expected));

  test.each([
    '// import "./a.ts"',
    '/* import "./a.ts";\n import("./b.ts") */',
    'const a = "import \\"./a.ts\\"";',
    "const a = `import './a.ts'; import('./b.ts')`;",
    'const a = /import "x"/;',
    "const url = import.meta.url; loader.import(name); export const from = 1;",
    'const a = "http://x"; const b = "// import";',
  ])("finds no import in %j", (source) => expect(specifiersOf(source)).toEqual([]));

  test("tells types from values", () => {
    const source = `import type { A } from "a"; import { type B, type C as D } from "b"; import { type E, f } from "c"; export type { G } from "d"; import {} from "e";`;
    expect(importsOf(lex(source)).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
      ["a", true],
      ["b", true],
      ["c", false],
      ["d", true],
      ["e", false],
    ]);
  });
});

describe("each rule finds what breaks it", () => {
  const planted: [Rule, string, string][] = [
    [
      "bot knows only the index of the orchestrator",
      "src/bot/cards/x.ts",
      'import type { A } from "../../orchestrator/events.ts";',
    ],
    [
      "bot knows only the index of the orchestrator",
      "src/bot/slack/x.ts",
      'export * from "../../orchestrator/runs/run.ts";',
    ],
    ["bot knows only the index of the orchestrator", "src/bot/x.ts", 'await import("../orchestrator/ports.ts");'],
    [
      "the orchestrator knows no platform",
      "src/orchestrator/runs/x.ts",
      'import { card } from "../../bot/cards/card.ts";',
    ],
    ["the orchestrator knows no platform", "src/orchestrator/x.ts", 'import type { Block } from "@slack/types";'],
    ["the orchestrator knows no platform", "src/orchestrator/x.ts", 'import { Client } from "discord.js";'],
    ["one adapter does not know another", "src/bot/discord/x.ts", 'import { inTime } from "../slack/x.ts";'],
    ["one adapter does not know another", "src/bot/slack/x.ts", 'import type { X } from "../discord/x.ts";'],
    ["one adapter does not know another", "src/bot/console/pages/x.tsx", 'export * from "../../slack/x.ts";'],
    ["one adapter does not know another", "src/bot/chat/x.ts", 'import { LIMITS } from "../slack/limits.ts";'],
    ["one adapter does not know another", "src/bot/slack/x.ts", 'await import("../console/x.tsx");'],
    ["tools know only themselves", "src/tools/x.ts", 'import type { Log } from "../log.ts";'],
    ["tools know only themselves", "src/tools/deep/x.ts", 'import { x } from "../../orchestrator/index.ts";'],
    ["tools know only themselves", "src/tools/x.ts", 'import { distance } from "fastest-levenshtein";'],
    [
      "tools are known by their index",
      "src/orchestrator/runs/x.ts",
      'import type { T } from "../../tools/contract.ts";',
    ],
    ["a vendor has one home", "src/bot/console/x.ts", 'import postgres from "postgres";'],
    ["a vendor has one home", "src/orchestrator/runs/service.ts", 'import { eq } from "drizzle-orm";'],
    ["a vendor has one home", "src/orchestrator/runs/x.ts", 'import OpenAI from "openai/resources";'],
    ["a vendor has one home", "src/orchestrator/schedules/x.ts", 'import { Agenda } from "agenda";'],
    ["a vendor has one home", "src/main.ts", 'import { App } from "@slack/bolt";'],
    ["a vendor has one home", "src/bot/slack/x.ts", 'import { Client } from "discord.js";'],
    ["a vendor has one home", "src/main.ts", 'import { pino } from "pino";'],
    ["a vendor has one home", "src/main.ts", 'import { sum } from "left-pad";'],
    [
      "pure files know no service, store or vendor",
      "src/orchestrator/runs/run.ts",
      'import { find } from "./store.ts";',
    ],
    [
      "pure files know no service, store or vendor",
      "src/orchestrator/runs/step.ts",
      'export { find } from "./service.ts";',
    ],
    [
      "pure files know no service, store or vendor",
      "src/orchestrator/budget/budget.ts",
      'import { x } from "../db/schema.ts";',
    ],
    [
      "pure files know no service, store or vendor",
      "src/orchestrator/schedules/phrase/x.ts",
      'import fs from "node:fs";',
    ],
    [
      "pure files know no service, store or vendor",
      "src/orchestrator/runs/other.ts",
      '/** Decides. Pure. */\nimport { x } from "./engine.ts";',
    ],
    ...(
      [
        "const a = Date.now();",
        "const a = new Date();",
        "const a = new Date;",
        "const a = Date();",
        "const a = Math.random();",
        "const a = performance.now();",
        "const a = { now: Date.now };",
        "const a = `at $" + "{new Date()}`;",
        "const a = process.env.HOME;",
        "const a = Temporal.Now.instant();",
        "const a = randomUUID();",
      ] as const
    ).map((code): [Rule, string, string] => [
      "pure files have no clock, chance or environment",
      "src/bot/cards/x.ts",
      code,
    ]),
    ["only the entry knows the composition root", "src/orchestrator/x.ts", 'import { startClaw } from "../main.ts";'],
    ["only the entry knows the composition root", "src/main.ts", 'import { runCli } from "./cli/index.ts";'],
    ["the environment is read in one place", "src/config.ts", "const a = process.env.HOME;"],
    ["the environment is read in one place", "src/tools/x.ts", "const a = process?.env;"],
    ["the environment is read in one place", "src/logger.ts", 'const a = process["env"];'],
    ["the environment is read in one place", "src/cli/doctor.ts", "const { env } = process;"],
    ["an import says what it imports", "src/orchestrator/x.ts", "await import(name);"],
    ["a file is named by its noun", "src/orchestrator/utils.ts", ""],
    ["a file is named by its noun", "src/bot/helpers/x.ts", ""],
    ["a file is named by its noun", "src/bot/helper.tsx", ""],
    ["a file is short", "src/orchestrator/x.ts", "\n".repeat(300).concat("export {};\n")],
    ["no module-level variable", "src/orchestrator/x.ts", "const a = 1;\nexport let count = 0;"],
    ["no module-level variable", "src/orchestrator/x.ts", "let cache: string | null = null;"],
  ];
  test.each(planted)("%s: %s", (rule, file, source) => {
    expect(check(new Map([[file, source]])).map((violation) => violation.rule)).toContain(rule);
  });

  test("and nothing in what keeps them", () => {
    const fine = new Map([
      ["src/bot/cards/x.ts", 'import type { Notice } from "../../orchestrator/index.ts";\nconst at = new Date(0);'],
      ["src/bot/slack/x.ts", 'import { App } from "@slack/bolt";\nimport { inTime } from "../chat/waiting.ts";'],
      ["src/bot/slack/y.ts", 'import { x } from "./x.ts";'],
      ["src/orchestrator/x.ts", 'import { defineTool } from "../tools/index.ts";\nimport { z } from "zod";'],
      [
        "src/orchestrator/db/x.ts",
        'import { drizzle } from "drizzle-orm/postgres-js";\nimport postgres from "postgres";',
      ],
      ["src/orchestrator/runs/store.ts", 'import { eq } from "drizzle-orm";\nexport const now = () => Date.now();'],
      ["src/orchestrator/runs/run.ts", 'import type { Row } from "./store.ts";\nimport { Step } from "./step.ts";'],
      ["src/tools/x.ts", 'import { lookup } from "node:dns/promises";\nimport { Agent } from "undici";'],
      ["src/main.ts", 'import { x } from "./orchestrator/runs/service.ts";\nconst env = process.env;'],
      ["src/bot/commands/parse.ts", '// Never Date.now() here.\nconst text = "new Date() and process.env";'],
      ["src/orchestrator/long.ts", "export {};\n".repeat(300)],
    ]);
    expect(check(fine)).toEqual([]);
  });
});

test("every source keeps every rule", () => {
  const all = sources();
  // A checker that reads nothing finds nothing.
  expect(all.size).toBeGreaterThan(50);
  expect(all.has("src/orchestrator/ports.ts")).toBe(true);
  const violations = check(all).map(({ rule, file, detail }) => `${file}: ${rule} (${detail})`);
  expect(violations).toEqual([]);
});
