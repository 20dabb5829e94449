import { describe, expect, test } from "vitest";
import type { Command, ParsedLine } from "../../../src/bot/commands/command.ts";
import { parseCommand, parseEdit } from "../../../src/bot/commands/parse.ts";
import { parsePhrase as parseReally } from "../../../src/orchestrator/schedules/phrase/phrase.ts";
import { parsePhrase } from "./phrase.ts";

const parse = (text: string): ParsedLine => parseCommand(text, { parsePhrase });
const command = (text: string): Command => {
  const parsed = parse(text);
  if (parsed.kind !== "command") throw new Error(`${text} is ${JSON.stringify(parsed)}`);
  return parsed.command;
};
const workflow = (name: string) => ({ kind: "workflow", name }) as const;
const remember = (text: string, more: object = {}): Command => ({
  kind: "remember",
  text,
  where: "here",
  isPrivate: false,
  ...more,
});
const run = (number: number) => ({ kind: "run", number }) as const;

describe("a line that is a command as a whole", () => {
  const lines: readonly (readonly [string, Command])[] = [
    ["", { kind: "help", topic: null }],
    ["   \n ", { kind: "help", topic: null }],
    ["/claw", { kind: "help", topic: null }],
    ["/claw list", { kind: "list" }],
    ["LIST", { kind: "list" }],
    ["status", { kind: "status", ref: null }],
    ["status open-prs", { kind: "status", ref: workflow("open-prs") }],
    ["status 41", { kind: "status", ref: run(41) }],
    ["status #41", { kind: "status", ref: run(41) }],
    ["status run 41", { kind: "status", ref: run(41) }],
    ["runs", { kind: "runs", workflow: null }],
    ["runs open-prs", { kind: "runs", workflow: "open-prs" }],
    ["inspect `Open-PRs`", { kind: "inspect", ref: workflow("open-prs") }],
    ["inspect run #41", { kind: "inspect", ref: run(41) }],
    ["run open-prs", { kind: "run", workflow: "open-prs" }],
    ["pause menu", { kind: "pause", workflow: "menu", note: null }],
    ["pause menu too noisy", { kind: "pause", workflow: "menu", note: "too noisy" }],
    ["resume menu", { kind: "resume", workflow: "menu" }],
    ["skip menu", { kind: "skip", workflow: "menu", count: 1 }],
    ["skip menu 3", { kind: "skip", workflow: "menu", count: 3 }],
    ["skip menu next 2 times", { kind: "skip", workflow: "menu", count: 2 }],
    ["skip next menu", { kind: "skip", workflow: "menu", count: 1 }],
    ["skip the next 3 runs of menu", { kind: "skip", workflow: "menu", count: 3 }],
    ["skip next 2 menu", { kind: "skip", workflow: "menu", count: 2 }],
    ["skip next", { kind: "skip", workflow: "next", count: 1 }],
    ["skip next 2", { kind: "skip", workflow: "next", count: 2 }],
    ["skip menu 0", { kind: "skip", workflow: "menu", count: 0 }],
    ["unskip menu", { kind: "skip", workflow: "menu", count: 0 }],
    [
      "backfill menu 2026-11-01 2026-11-03",
      { kind: "backfill", workflow: "menu", from: "2026-11-01", to: "2026-11-03" },
    ],
    [
      "backfill menu from 2026-11-01 9:00 to 2026-11-01T17:30+01:00",
      { kind: "backfill", workflow: "menu", from: "2026-11-01 9:00", to: "2026-11-01T17:30+01:00" },
    ],
    ["backfill menu yesterday", { kind: "backfill", workflow: "menu", from: "yesterday", to: "yesterday" }],
    ["edit menu", { kind: "edit", workflow: "menu", text: null }],
    ["edit menu only vegetarian", { kind: "edit", workflow: "menu", text: "only vegetarian" }],
    [
      "edit open-prs every day at 10 list PRs",
      { kind: "edit", workflow: "open-prs", text: "every day at 10 list PRs" },
    ],
    ["edit menu: list it every day at 10", { kind: "edit", workflow: "menu", text: "list it every day at 10" }],
    ["set menu overlap queue one", { kind: "set", workflow: "menu", text: "overlap queue one" }],
    ["set open-prs time limit 2h", { kind: "set", workflow: "open-prs", text: "time limit 2h" }],
    ["set menu", { kind: "set", workflow: "menu", text: null }],
    ["remember deploys are on Tuesdays", remember("deploys are on Tuesdays")],
    ["remember: water the plants every day at 9", remember("water the plants every day at 9")],
    ["remember the rule: no deploys on Fridays", remember("the rule: no deploys on Fridays")],
    [
      "remember for Open-PRs: drafts do not count",
      remember("drafts do not count", { where: { workflow: "open-prs" } }),
    ],
    ["remember for next time that Bo is away", remember("for next time that Bo is away")],
    ["remember everywhere: ducky is staging", remember("ducky is staging", { where: "everywhere" })],
    ["remember privately: 4711", remember("4711", { isPrivate: true })],
    ["remember everywhere privately: 4711", remember("4711", { where: "everywhere", isPrivate: true })],
    ["memories", { kind: "memories", workflow: null }],
    ["memories open-prs", { kind: "memories", workflow: "open-prs" }],
    ["memories export", { kind: "exportMemories", after: null }],
    ["memories export after 12", { kind: "exportMemories", after: 12 }],
    ["memory 3", { kind: "memory", memory: 3 }],
    ["memory #3 confirm", { kind: "confirm", memory: 3 }],
    ["memory 3 keep for good", { kind: "keep", memory: 3, days: null }],
    ["memory 3 keep", { kind: "keep", memory: 3, days: null }],
    ["memory 3 forget", { kind: "forget", memory: 3 }],
    ["memory 3 keep 30d", { kind: "keep", memory: 3, days: 30 }],
    ["memory 3 keep for 5 days", { kind: "keep", memory: 3, days: 5 }],
    ["correct 3 deploys are on Mondays", { kind: "correct", memory: 3, text: "deploys are on Mondays" }],
    ["correct 3: to be or not", { kind: "correct", memory: 3, text: "to be or not" }],
    ["forget 3", { kind: "forget", memory: 3 }],
    ["forget memory #3", { kind: "forget", memory: 3 }],
    ["policies open-prs", { kind: "policies", workflow: "open-prs" }],
    ["rename open-prs prs", { kind: "rename", workflow: "open-prs", name: "prs" }],
    ["delete menu", { kind: "delete", workflow: "menu" }],
    ["cancel run 41", { kind: "cancel", run: 41 }],
    ["retry #41", { kind: "retry", run: 41, anew: false }],
    ["retry 41 from the start", { kind: "retry", run: 41, anew: true }],
    ["retry run 41 from start", { kind: "retry", run: 41, anew: true }],
    ["ack open-prs", { kind: "ack", ref: workflow("open-prs") }],
    ["ack 41", { kind: "ack", ref: run(41) }],
    ["discard 41", { kind: "discard", run: 41, reason: null }],
    ["discard 41 no longer needed", { kind: "discard", run: 41, reason: "no longer needed" }],
    ["replay 41", { kind: "replay", run: 41, present: false }],
    ["dry-run open-prs-acme-api", { kind: "dryRun", workflow: "open-prs-acme-api" }],
    ["Dry run open-prs-acme-api", { kind: "dryRun", workflow: "open-prs-acme-api" }],
    ["replay run #41 now", { kind: "replay", run: 41, present: true }],
    ["dead", { kind: "dead" }],
    ["approvals", { kind: "approvals" }],
    ["approve 7", { kind: "approve", approval: 7, reason: null }],
    ['approve 7 with {"a": 1}', { kind: "approveWith", approval: 7, arguments: '{"a": 1}' }],
    [
      'approve #7: with { "every": "day at 9" }',
      { kind: "approveWith", approval: 7, arguments: '{ "every": "day at 9" }' },
    ],
    ["approve 7 with {not json", { kind: "approveWith", approval: 7, arguments: "{not json" }],
    ["approve 7 with pleasure", { kind: "approve", approval: 7, reason: "with pleasure" }],
    ["approve #7 ok, but only this one", { kind: "approve", approval: 7, reason: "ok, but only this one" }],
    ["answer 3 the blue one", { kind: "answer", question: 3, text: "the blue one" }],
    ["answer #3: tomorrow at 9", { kind: "answer", question: 3, text: "tomorrow at 9" }],
    ["answer question 3 yes", { kind: "answer", question: 3, text: "yes" }],
    ["deny 7 not this week", { kind: "deny", approval: 7, reason: "not this week" }],
    ["deny 7: ask again tomorrow at 9", { kind: "deny", approval: 7, reason: "ask again tomorrow at 9" }],
    ["cost", { kind: "cost", days: 7 }],
    ["cost 30d", { kind: "cost", days: 30 }],
    ["cost 1 day", { kind: "cost", days: 1 }],
    ["audit", { kind: "audit", ref: null }],
    ["audit menu", { kind: "audit", ref: workflow("menu") }],
    ["why menu", { kind: "why", ref: workflow("menu") }],
    ["why 41", { kind: "why", ref: run(41) }],
    ["timezone europe/paris", { kind: "timezone", zone: "Europe/Paris" }],
    ["timezone new york", { kind: "timezone", zone: "America/New_York" }],
    ["timezone UTC", { kind: "timezone", zone: "UTC" }],
    ["help", { kind: "help", topic: null }],
    ["help Schedules", { kind: "help", topic: "schedules" }],
    ["help dry run", { kind: "help", topic: "dry-run" }],
    ["help dry-run", { kind: "help", topic: "dry-run" }],
    ["help stop everything", { kind: "help", topic: "stop" }],
    ["now list open PRs", { kind: "createNow", instruction: "list open PRs" }],
    ["now: tell me more every day", { kind: "createNow", instruction: "tell me more every day" }],
  ];
  test.each(lines)("%j", (line, expected) => expect(command(line)).toEqual(expected));
});

describe("a line that only begins like a command is a workflow", () => {
  test.each([
    ["list open PRs every weekday at 9", "every weekday at 9", "list open PRs"],
    ["every weekday at 9 list open PRs", "every weekday at 9", "list open PRs"],
    ["status page check every hour", "every hour", "status page check"],
    ["pause all the music every day at 9", "every day at 9", "pause all the music"],
    ["edit the newsletter every friday at 9", "every friday at 9", "edit the newsletter"],
    ["rename files hourly", "hourly", "rename files"],
    ["skip the intro every day at 9", "every day at 9", "skip the intro"],
    ["skip menu 3 every day at 9", "every day at 9", "skip menu 3"],
    ["unskip the ads hourly", "hourly", "unskip the ads"],
    ["backfill the database every day at 9", "every day at 9", "backfill the database"],
    ["run the tests every hour", "every hour", "run the tests"],
    ["every minute cancel 41", "every minute", "cancel 41"],
    ["audit the logs every day at 9", "every day at 9", "audit the logs"],
    ["help me plan tomorrow at 9", "tomorrow at 9", "help me plan"],
  ])("%j", (line, words, instruction) =>
    expect(command(line)).toMatchObject({ kind: "create", words, instruction, schedule: { kind: "cron" } }),
  );

  test("also when its schedule is refused", () => {
    expect(parse("pause all the music every second")).toMatchObject({
      kind: "unclear",
      reason: "At most once a minute.",
    });
    expect(command("deny 7 not every second")).toMatchObject({ kind: "deny", reason: "not every second" });
  });

  test("a known workflow's name decides", () => {
    const deps = { parsePhrase, workflows: new Set(["menu"]) };
    expect(parseCommand("pause menu until tomorrow at 9", deps)).toEqual({
      kind: "command",
      command: { kind: "pause", workflow: "menu", note: "until tomorrow at 9" },
    });
    expect(parseCommand("pause all until tomorrow at 9", deps)).toMatchObject({ command: { kind: "create" } });
    expect(parseCommand("edit the newsletter every friday at 9", deps)).toMatchObject({ command: { kind: "create" } });
  });
});

describe("an edit of a workflow that there is not", () => {
  const deps = { parsePhrase, workflows: new Set(["menu", "open-prs", "prs-of-acme"]) };
  test.each([
    ["edit nope every day at 10", ["every day at 10 edit nope", "list"]],
    ["edit nope", ["list"]],
    ["edit nope only vegetarian", ["list"]],
    ["edit manu every day at 10 list it", ["edit menu every day at 10 list it", "list"]],
    ["edit prs: shorter", ["edit open-prs: shorter", "edit prs-of-acme: shorter", "list"]],
    ["edit follow-up notes every friday at 9", ["every friday at 9 edit follow-up notes", "list"]],
  ])("%j is no preview: the answer says so and what to type", (line, suggested) => {
    const parsed = parseCommand(line, deps);
    expect(parsed).toMatchObject({ kind: "unclear", reason: expect.stringContaining("There is no workflow") });
    if (parsed.kind !== "unclear") throw new Error("not unclear");
    expect(parsed.suggestions.map((suggestion) => suggestion.line)).toEqual(suggested);
    for (const { line: tried } of parsed.suggestions) expect(parseCommand(tried, deps).kind).toBe("command");
  });
});

describe("a line that can mean two things is a question, and each reading means one", () => {
  test.each([
    [
      "deny 7 try again tomorrow at 9",
      { kind: "deny", approval: 7, reason: "try again tomorrow at 9" },
      "deny 7 try again",
    ],
    ["approve 7 PRs every day at 9", { kind: "approve", approval: 7, reason: "PRs every day at 9" }, "approve 7 PRs"],
    ["answer 3 mails every day at 9", { kind: "answer", question: 3, text: "mails every day at 9" }, "answer 3 mails"],
    ["discard 41 files every hour", { kind: "discard", run: 41, reason: "files every hour" }, "discard 41 files"],
    [
      "now check the page every hour",
      { kind: "createNow", instruction: "check the page every hour" },
      "check the page",
    ],
  ])("%j", (line, asCommand, instruction) => {
    const parsed = parse(line);
    if (parsed.kind !== "question") throw new Error("no question");
    const meanings = parsed.readings.map(({ phrase }) => command(phrase));
    expect(meanings).toEqual([asCommand, expect.objectContaining({ kind: "create", instruction })]);
  });

  // With days and no time, the schedule would be a question of its own.
  test.each([
    ["correct 3 deploys are on Mondays", { kind: "correct", memory: 3, text: "deploys are on Mondays" }],
    ["answer 3 on monday", { kind: "answer", question: 3, text: "on monday" }],
    ["deny 7 not on Fridays", { kind: "deny", approval: 7, reason: "not on Fridays" }],
  ])("but not %j, with the grammar of phrases that there is", (line, meant) => {
    const options = { now: Date.parse("2026-11-23T09:00:00.000Z"), zone: "UTC", partsOfDay: {} };
    const parsed = parseCommand(line, { parsePhrase: (text) => parseReally(text, options) });
    expect(parsed).toEqual({ kind: "command", command: meant });
  });

  test("of something to remember that says when", () => {
    const parsed = parse("remember to water the plants every day at 9");
    if (parsed.kind !== "question") throw new Error(JSON.stringify(parsed));
    expect(parsed.readings.map(({ phrase }) => command(phrase))).toEqual([
      remember("to water the plants every day at 9"),
      expect.objectContaining({ kind: "create" }),
    ]);
  });

  test("of the phrase grammar itself", () => {
    expect(parse("bi-weekly check the page")).toMatchObject({
      kind: "question",
      readings: [{ phrase: "every 2 weeks check the page" }, { phrase: "twice a week check the page" }],
    });
  });
});

describe("what can be seen and stored stays as it was typed", () => {
  test.each([
    ["emoji", "every day at 9 post 👨‍👩‍👧 ❤️"],
    ["right to left", "every day at 9 אמור שלום‏ בבקשה"],
    ["SQL", "every day at 9 say '); drop table workflows; --"],
    ["markup", "every day at 9 say <script>alert(1)</script> *b* {t:2026-01-01T00:00:00Z|time}"],
    ["lines", "every day at 9 check:\n- one\n- two"],
  ])("%s", (_, line) => {
    expect(command(line)).toMatchObject({ kind: "create", instruction: line.slice("every day at 9 ".length) });
  });

  test("control characters, halves of characters and blanks around it go", () => {
    expect(command("\u200b/claw \u0000now che\u0000ck\u001b[31m it\r\nthen \ud83d stop\u0007 \ufeff")).toEqual({
      kind: "createNow",
      instruction: "check[31m it\nthen \ufffd stop",
    });
  });
});

describe("limits", () => {
  test("an instruction of 4,000 characters is taken, emoji counted as people do", () => {
    expect(command(`now ${"x".repeat(4_000)}`)).toMatchObject({ kind: "createNow" });
    expect(command(`every day at 9 ${"🎉".repeat(4_000)}`)).toMatchObject({ kind: "create" });
  });
  test.each([
    ["now", `now ${"x".repeat(4_001)}`, "4,001"],
    ["a phrase", `every day at 9 ${"x".repeat(4_001)}`, "4,001"],
    ["much too long", "y".repeat(20_000), "20,000"],
    ["blanks", `a${" ".repeat(19_998)}b`, "20,000"],
  ])("more is told with its length: %s", (_, line, length) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: "unclear", suggestions: [] });
    expect(parsed.kind === "unclear" && parsed.reason).toMatch(
      new RegExp(`at most 4,000 characters; this has ${length}`),
    );
  });
  test("a reason too", () => {
    expect(parse(`deny 7 ${"x".repeat(1_001)}`)).toMatchObject({
      kind: "unclear",
      reason: expect.stringContaining("A reason may have at most 1,000 characters; this has 1,001"),
    });
  });
});

describe("the new text of a workflow", () => {
  const edit = (text: string) => parseEdit(text, { parsePhrase });
  test("both, only when, or only what", () => {
    expect(edit("every day at 10 list PRs")).toMatchObject({
      kind: "edit",
      schedule: { words: "every day at 10", schedule: { kind: "cron" } },
      instruction: "list PRs",
    });
    expect(edit("every day at 10")).toMatchObject({ schedule: { words: "every day at 10" }, instruction: null });
    const really = (text: string) =>
      parseEdit(text, { parsePhrase: (phrase) => parseReally(phrase, { now: 1_764_000_000_000, zone: "UTC" }) });
    expect(really("every day at 10")).toMatchObject({ kind: "edit", schedule: {}, instruction: null });
    expect(really("every day at 10 list PRs")).toMatchObject({ kind: "edit", instruction: "list PRs" });
    expect(really("bi-weekly on monday at 9")).toMatchObject({ kind: "question" });
    expect(edit("list only my PRs")).toEqual({ kind: "edit", schedule: null, instruction: "list only my PRs" });
  });
  test("what is not understood is said", () => {
    expect(edit("every day at 99 x")).toMatchObject({ kind: "unclear", reason: "There is no 99 o'clock." });
    expect(edit(" ")).toMatchObject({ kind: "unclear" });
    expect(edit("z".repeat(4_001))).toMatchObject({ kind: "unclear", reason: expect.stringContaining("4,001") });
  });
});
