import { describe, expect, test } from "vitest";
import type { Unclear } from "../../../src/bot/commands/command.ts";
import { completions } from "../../../src/bot/commands/complete.ts";
import { nearest } from "../../../src/bot/commands/meant.ts";
import { knownTo, parseCommand } from "../../../src/bot/commands/parse.ts";
import { noWorkflow } from "../../../src/bot/commands/suggest.ts";
import { parsePhrase } from "./phrase.ts";

const unclear = (text: string): Unclear => {
  const parsed = parseCommand(text, { parsePhrase });
  if (parsed.kind !== "unclear") throw new Error(`${text} is ${JSON.stringify(parsed)}`);
  return parsed;
};
const lines = (text: string): string[] => unclear(text).suggestions.map(({ line }) => line);

describe("a slip of the fingers", () => {
  test("is named, and the rest of the line kept", () => {
    expect(unclear("pasue open-prs-acme-api")).toEqual({
      kind: "unclear",
      reason: 'I don\'t know "pasue". Did you mean /claw pause open-prs-acme-api ?',
      suggestions: [
        { label: "Pause open-prs-acme-api", line: "pause open-prs-acme-api" },
        { label: "Help", line: "help" },
      ],
    });
  });
  test.each([
    ["lsit", "list"],
    ["staus 41", "status 41"],
    ["approval 7", "approve 7"],
    ["aprove 7 ok", "approve 7 ok"],
    ["cnacel #41", "cancel #41"],
    ["inpsect run 41", "inspect run 41"],
    ["list?", "list"],
    ["timezon Europe/Paris", "timezone Europe/Paris"],
  ])("%j", (typed, meant) => expect(lines(typed)[0]).toBe(meant));

  test("is not seen where the line would still be none", () => {
    expect(unclear("lits open PRs of acme").reason).toBe(
      'When should I do this? Put a time before or after it, or "now" before it.',
    );
    expect(lines("hello")).not.toContain("help");
  });
  test("of something very long costs nothing", () => expect(nearest("x".repeat(20_000), ["list"])).toBe(null));
});

describe("in other words", () => {
  const known = { parsePhrase, workflows: new Set(["open-prs-acme-api", "menu", "menu-2"]) };
  const offered = (text: string, here: string | null = null): readonly string[] => {
    const parsed = parseCommand(text, { ...known, here });
    if (parsed.kind !== "unclear") throw new Error(`${text} is ${JSON.stringify(parsed)}`);
    for (const { line } of parsed.suggestions) {
      expect(parseCommand(line, known).kind, `${line} can be done`).toBe("command");
    }
    return parsed.suggestions.map(({ line }) => line);
  };

  test.each([
    ["stop menu", ["pause menu", "help"]],
    ["stop 41", ["cancel 41", "help"]],
    ["start menu", ["run menu", "resume menu", "help"]],
    ["Remove menu", ["delete menu", "help"]],
    ["logs 41", ["inspect 41", "help"]],
    ["ls", ["list", "help"]],
    ["?", ["help"]],
    ["yes 7", ["approve 7", "help"]],
    ["no 7 not this week", ["deny 7 not this week", "help"]],
    ["menu", ["status menu", "help"]],
    ["stop acme", ["pause open-prs-acme-api", "help"]],
    ["pasue acme", ["pause open-prs-acme-api", "help"]],
  ])("%j", (text, expected) => expect(offered(text)).toEqual(expected));

  test("says what was not known and what was meant", () =>
    expect(parseCommand("start menu", known)).toMatchObject({
      reason: 'I don\'t know "start". Did you mean /claw run menu ?',
    }));

  test.each(["stop", "stop that", "update the docs", "show me everything", "start over"])(
    "%j is none of a workflow that there is",
    (text) => expect(offered(text).join()).not.toMatch(/pause|edit|status|run /),
  );

  test.each([
    ["pause", "pause menu-2"],
    ["pause it", "pause menu-2"],
    ["stop that", "pause menu-2"],
    ["stop it!", "pause menu-2"],
    ["why", "why menu-2"],
    ["run", "run menu-2"],
    ["skip", "skip menu-2"],
  ])("in a workflow's thread, %j is about that workflow", (text, expected) => {
    const parsed = parseCommand(text, { ...known, here: "menu-2" });
    const answer =
      parsed.kind === "command" ? noWorkflow(text, "it", knownTo({ ...known, here: "menu-2" }), null) : parsed;
    expect(answer).toMatchObject({ kind: "unclear", suggestions: [{ line: expected }, {}] });
  });
});

describe("a workflow that there is not", () => {
  const known = knownTo({ workflows: new Set(["open-prs-acme-api", "menu", "menu-2", "lunch-menu", "menu-for-all"]) });
  const offered = (line: string, name: string) =>
    noWorkflow(line, name, known, null).suggestions.map((each) => each.line);

  test.each([
    ["pause menü please", "menü", ["pause menu please", "pause menu-2 please", "pause lunch-menu please"]],
    ["pause acme over Christmas", "acme", ["pause open-prs-acme-api over Christmas"]],
    ["why opne-prs-acme-api", "opne-prs-acme-api", ["why open-prs-acme-api"]],
    ["run prs-ac", "prs-ac", ["run open-prs-acme-api"]],
    ["run lunch", "lunch", ["run lunch-menu"]],
    ["run lunhc", "lunhc", ["run lunch-menu"]],
    ["runs men", "men", ["runs menu", "runs menu-2", "runs lunch-menu"]],
    ["runs m", "m", []],
    ["pause it", "it", []],
    ["pause everything", "everything", ["stop everything"]],
    ['pause "Lunch" today', "lunch", ['pause "lunch-menu" today']],
  ])("%j", (line, name, expected) => expect(offered(line, name)).toEqual([...expected, "list"]));
});

describe("a text without a time", () => {
  test.each(["summarise open PRs in acme/api", "🎉", "'; drop table runs; --", "אמור שלום"])("%s", (text) => {
    expect(lines(text)).toEqual([`every weekday at 9 ${text}`, `now ${text}`]);
    for (const line of lines(text)) {
      expect(parseCommand(line, { parsePhrase })).toMatchObject({ kind: "command", command: { instruction: text } });
    }
  });
  test("that begins with a command's word is told both", () => {
    expect(unclear("list open PRs in acme")).toEqual({
      kind: "unclear",
      reason: '"list" takes nothing after it. If this is something to do, say when.',
      suggestions: [
        { label: "List", line: "list" },
        { label: "Every weekday at 9", line: "every weekday at 9 list open PRs in acme" },
        { label: "Once, now", line: "now list open PRs in acme" },
      ],
    });
  });
});

describe("a command that lacks something", () => {
  test.each([
    ["inspect", '"inspect" takes <workflow or run>, for example /claw inspect 41', ["list"]],
    ["approve", '"approve" takes <number> [reason, or with {arguments}], for example /claw approve 7', ["approvals"]],
    [
      "approve seven",
      '"approve" takes <number> [reason, or with {arguments}], for example /claw approve 7',
      ["approvals"],
    ],
    ["cancel open-prs", '"cancel" takes <run>, for example /claw cancel 41', ["status"]],
    ["retry 0", '"retry" takes <run> [from the start], for example /claw retry 41', ["dead"]],
    ["run 41", '"run" takes <workflow>, for example /claw run open-prs-acme-api', ["status 41", "retry 41"]],
    ["cost 900d", '"cost" takes [7d], for example /claw cost 7d', ["cost 7d"]],
    ["now", '"now" takes <instruction>, for example /claw now check https://example.com', ["help"]],
    ["pause Ünïcode", '"pause" takes <workflow> [note], for example /claw pause open-prs-acme-api', ["list"]],
  ])("%j", (text, reason, suggested) => {
    expect(unclear(text).reason).toBe(reason);
    expect(lines(text)).toEqual(suggested);
  });

  test("a zone that does not exist is named, with those that were meant", () => {
    expect(unclear("timezone Mars/Olympus").reason).toContain('I know no time zone "Mars/Olympus"');
    expect(lines("timezone Europe/Pariss")).toEqual(["timezone Europe/Paris"]);
    expect(lines("timezone new yorkk")).toContain("timezone America/New_York");
  });
});

describe("a phrase that is refused", () => {
  test("says why and offers what would do", () => {
    expect(unclear("every day at 99 x")).toEqual({
      kind: "unclear",
      reason: "There is no 99 o'clock.",
      suggestions: [{ label: "every day at 9 x", line: "every day at 9 x" }],
    });
    expect(unclear("every day at 9").reason).toBe("And do what?");
  });
  test("hides nothing in what it repeats", () => {
    expect(unclear("lsit\u202e").reason).not.toContain("\u202e");
  });
});

describe("completions", () => {
  const context = { workflows: ["menu", "open-prs", "open-issues"] };
  test.each([
    ["pa", ["pause "]],
    ["PA", ["pause "]],
    [
      "/claw re",
      ["/claw resume ", "/claw rename ", "/claw retry ", "/claw replay ", "/claw revoke ", "/claw remember "],
    ],
    ["memor", ["memories", "memory "]],
    ["memories o", ["memories open-prs", "memories open-issues"]],
    ["remember for open-i", ["remember for open-issues: "]],
    ["memory 3 k", ["memory 3 keep for good", "memory 3 keep 30d"]],
    ["pause ", ["pause menu", "pause open-prs", "pause open-issues"]],
    ["why open-i", ["why open-issues"]],
    ["pause open-prs", []],
    ["approve ", []],
    ["approve 7 ", ["approve 7 with {"]],
    ["approve 7 wi", ["approve 7 with {"]],
    ["approve 7 ok", []],
    ["summarise o", []],
    ["every w", ["every weekday at 9 "]],
    ["set me", ["set menu"]],
    ["set menu ov", ["set menu overlap "]],
    ["set menu overlap q", ["set menu overlap queue one"]],
    ["/claw set menu overlap d", ["/claw set menu overlap default"]],
    ["set nothing-like-it ", []],
  ])("%j", (text, expected) => expect(completions(text, context)).toEqual(expected));

  test("at most 25, and something for nothing", () => {
    const many = { workflows: Array.from({ length: 100 }, (_, index) => `w-${index}`) };
    expect(completions("run ", many)).toHaveLength(25);
    expect(completions("", context)).toContain("list");
  });
});
