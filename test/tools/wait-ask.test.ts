/** What `wait` and `ask` take, what they give, and which instructions call for them. */
import { describe, expect, it } from "vitest";
import { momentWords, readMoment } from "../../src/orchestrator/schedules/moment.ts";
import { ask, finish, inputSchema, invokeTool, validateInput, waitTool, wantedTools } from "../../src/tools/index.ts";
import { toolContext } from "../support/tool-context.ts";

const wait = waitTool({ moment: readMoment, words: momentWords });
/** A Monday, 12:00 in Paris. */
const NOW = Date.parse("2026-05-04T10:00:00Z");
const PARIS = { now: NOW, zone: "Europe/Paris" };
const waitFor = (input: object, at = PARIS) => wait.waitFor?.(input, at);
const until = (iso: string, isTime = true) => ({
  ok: true,
  value: { kind: "timer", until: Date.parse(iso), isTime },
});

describe("wait", () => {
  it.each([
    [{ minutes: 90 }, until("2026-05-04T11:30:00Z", false)],
    [{ minutes: 0.5 }, until("2026-05-04T10:00:30Z", false)],
    [{ until: "17:00" }, until("2026-05-04T15:00:00Z")],
    // Past today's, so tomorrow's.
    [{ until: "9:30" }, until("2026-05-05T07:30:00Z")],
    [{ until: "2026-05-04 17:00" }, until("2026-05-04T15:00:00Z")],
    [{ until: "2026-05-04T17:00:00" }, until("2026-05-04T15:00:00Z")],
    [{ until: "2026-05-04T17:00:00-05:00" }, until("2026-05-04T22:00:00Z")],
    [{ until: "tomorrow at 9" }, until("2026-05-05T07:00:00Z")],
    [{ until: "Friday at 17:00" }, until("2026-05-08T15:00:00Z")],
  ])("%o is one instant on the clock of the workflow's zone", (input, wanted) => {
    expect(waitFor(input)).toEqual(wanted);
  });

  it("takes the time that a clock change skips right after the gap, and the first of one that comes twice", () => {
    const spring = { now: Date.parse("2026-03-28T12:00:00Z"), zone: "Europe/Paris" };
    expect(waitFor({ until: "2026-03-29 02:30" }, spring)).toEqual(until("2026-03-29T01:00:00Z"));
    const autumn = { now: Date.parse("2026-10-24T12:00:00Z"), zone: "Europe/Paris" };
    expect(waitFor({ until: "2026-10-25 02:30" }, autumn)).toEqual(until("2026-10-25T00:30:00Z"));
  });

  it.each([
    [
      { until: "2026-05-04 09:00" },
      /until is over: Mon 4 May 2026 at 09:00, Europe\/Paris\. It is Mon 4 May 2026 at 12:00/,
    ],
    [{ until: "2026-07-04 09:00" }, /at most 30 days.*finish and say in notes/],
    [{ minutes: 60 * 24 * 31 }, /at most 30 days/],
    [{ until: "2026-02-30 09:00" }, /not a time that I can read.*write 17:00/],
    [{ until: "when it is done" }, /not a time that I can read/],
    [{ until: "every day at 9" }, /not a time that I can read/],
  ])("refuses %o and says what to write instead", (input, message) => {
    expect(waitFor(input)).toMatchObject({
      ok: false,
      error: { code: "invalid_input", message: expect.stringMatching(message) },
    });
  });

  it.each(["{}", '{"minutes":5,"until":"17:00"}', '{"minutes":-1}', '{"until":""}', '{"seconds":5}'])(
    "refuses %s",
    (raw) => {
      expect(validateInput(wait, raw)).toMatchObject({ ok: false, error: { code: "invalid_input" } });
    },
  );

  it("says what time it is when it is over; a dry run does not wait, and hears of a wrong time", async () => {
    const ctx = { now: () => NOW, zone: "Europe/Paris" };
    const now = "Mon 4 May 2026 at 12:00, Europe/Paris";
    const waited = { kind: "timer", since: NOW - 1 } as const;
    expect(await invokeTool(wait, { minutes: 1 }, toolContext({ ...ctx, waited }))).toEqual({
      ok: true,
      value: { now, note: null },
    });
    expect(await invokeTool(wait, { minutes: 1 }, toolContext(ctx))).toMatchObject({
      value: { now, note: expect.stringContaining("dry run") },
    });
    expect(await invokeTool(wait, { until: "2020-01-01 10:00" }, toolContext(ctx))).toMatchObject({ ok: false });
  });
});

describe("ask", () => {
  const valid = (input: unknown) => validateInput(ask, JSON.stringify(input)).ok;

  it("takes a question with two to ten different choices, or with none", () => {
    expect(valid({ question: "Which?" })).toBe(true);
    expect(
      valid({ question: "Which?", choices: ["a", "b"], of: ["@leads", "approver", "<@U12345678>"], hours: 2 }),
    ).toBe(true);
    expect(valid({ question: "", choices: ["a", "b"] })).toBe(false);
    expect(valid({ question: "x".repeat(601) })).toBe(false);
    expect(valid({ question: "Which?", choices: ["a"] })).toBe(false);
    expect(valid({ question: "Which?", choices: Array.from({ length: 11 }, (_, at) => `c${at}`) })).toBe(false);
    expect(valid({ question: "Which?", choices: ["a", "b".repeat(71)] })).toBe(false);
    expect(valid({ question: "Which?", hours: 169 })).toBe(false);
    expect(valid({ question: "Which?", of: ["everybody here"] })).toBe(false);
    expect(valid({ question: "Which?", of: [] })).toBe(false);
  });

  it.each([
    ["Yes", "yes"],
    ["Yes", "Y\u200bes"],
    ["Yes", "\u202eYes"],
    ["Yes", " Yes  "],
    ["A  B", "A B"],
    ["ﬁne", "fine"],
  ])("refuses the choices %j and %j, which look the same", (one, two) => {
    expect(valid({ question: "Which?", choices: [one, two] })).toBe(false);
  });

  it.each(["\u200b\u200b", "…", " \u2066 "])("refuses %j, which nobody can read", (text) => {
    expect(valid({ question: text })).toBe(false);
    expect(valid({ question: "Which?", choices: [text, "a"] })).toBe(false);
  });

  it("gives who may answer in one form, and the time that people have", () => {
    expect(ask.waitFor?.({ question: "Which?", of: ["<@!42>", "<!subteam^S1|leads>", "admin"] }, PARIS)).toEqual({
      ok: true,
      value: { kind: "answer", question: "Which?", choices: null, of: ["@42", "@S1", "admin"], forMs: 24 * 3_600_000 },
    });
  });

  it("tells a silence from an answer, and a dry run from both", async () => {
    const said = async (waited?: Parameters<typeof toolContext>[0]) =>
      invokeTool(ask, { question: "Which?" }, toolContext(waited));
    const answer = { text: "blue", by: "Lin", at: NOW };
    expect(await said({ waited: { kind: "answer", answer } })).toEqual({
      ok: true,
      value: { answered: true, answer: "blue", by: "Lin", at: "2026-05-04T10:00:00.000Z" },
    });
    expect(await said({ waited: { kind: "answer", answer: null } })).toMatchObject({
      value: { answered: false, note: expect.stringMatching(/^Nobody answered in time/) },
    });
    expect(await said()).toMatchObject({ value: { answered: false, note: expect.stringContaining("dry run") } });
  });
});

describe("they cost nothing where nobody wants them", () => {
  const given = (instruction: string) => wantedTools(instruction, [wait, ask, finish]);

  it.each([
    "say hi",
    "summarise open PRs in acme/api",
    "check https://example.com and tell us what is new",
    "poll https://example.com/status and report",
    "watch 24/7 and tell #ops",
  ])("%s", (instruction) => {
    expect(given(instruction)).toEqual([]);
  });

  it.each([
    ["start the build, wait 20 minutes and look at it", ["wait"]],
    ["deploy, then check again in 5 min", ["wait"]],
    ["do nothing until 17:00, then post the numbers", ["wait"]],
    ["ask us which menu to order", ["ask"]],
    ["let the team choose a colour", ["ask"]],
    ["draft the note, ask @leads to confirm it, and remind them an hour later", ["wait", "ask"]],
  ])("%s", (instruction, tools) => {
    expect(given(instruction)).toEqual(tools);
  });

  it("keeps their schemas small", () => {
    for (const tool of [wait, ask]) {
      expect(JSON.stringify(inputSchema(tool)).length + tool.description.length).toBeLessThan(900);
    }
  });
});
