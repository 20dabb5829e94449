/** A run asks people and waits for a time: on the console, in Slack and in Discord, through real processes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { calls, finishes, type ModelServer, startModelServer } from "../support/model-server.ts";
import { until } from "../support/patience.ts";
import { type DiscordCase, discordCase } from "./discord-case.ts";
import { MODEL, type ModelClaw, resultsIn, startModelClaw } from "./model-claw.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

const ask = (question: string, more: object = {}) => calls({ name: "ask", arguments: { question, ...more } });

describe("on the console", { timeout: 120_000 }, () => {
  let set: ModelClaw;
  beforeEach(async () => {
    set = await startModelClaw();
  });
  afterEach(async () => {
    await set.close();
    expect(set.model.complaints).toEqual([]);
  });

  it("one of two clicks counts, through a restart, and both hear what came of theirs", async () => {
    set.script("heron", ask("Which menu?", { choices: ["Soup", "Salad"] }), finishes("report", "Ordered."));
    const story = await set.story("ask us which menu to order, heron");
    const asked = await story.see(/Which menu\?[\s\S]*question \d+ of/);
    expect(asked.words).toMatch(/its owner, an approver or an admin/);
    expect(asked.words).toMatch(/silence is no answer/);
    await story.ends("waiting");
    await set.restart();
    const [lin, ada] = [await set.at("lin"), await set.at("ada")];
    await Promise.all([story.press(asked, "Soup", lin), story.press(asked, "Salad", ada)]);
    await lin.waitFor(/Answered by @(Lin|Ada)/, story.channel, story.root);
    await lin.waitFor(/Ordered\./, story.channel, story.root);
    const [, second] = story.requests();
    expect(resultsIn(second)[0]?.text).toMatch(/"answer":"(Soup|Salad)"/);
    const own = [await lin.see(story.channel, story.root), await ada.see(story.channel, story.root)].map((seen) =>
      seen.map(({ words }) => words).join("\n"),
    );
    expect(own.filter((words) => /Your answer to question \d+/.test(words))).toHaveLength(1);
    expect(own.filter((words) => /Question \d+ was answered by @/.test(words))).toHaveLength(1);
  });

  it("a reply in the thread answers a question for words; a viewer's does not, and a line does it too", async () => {
    set.script(
      "plover",
      ask("What is it *about*? <@U1> @everyone \u202eevil"),
      ask("And who?"),
      finishes("report", "So it is."),
    );
    const story = await set.story("ask me about it, plover", { as: "ada" });
    const asked = await story.see(/What is it[\s\S]*question \d+ of/);
    // Nothing that it shows hides or turns anything around.
    expect(asked.words).not.toMatch(/\u202e/);
    expect(asked.words).toContain("*about*");
    const vic = await set.at("vic");
    await vic.say("about nothing", story.channel, story.root);
    await story.press(asked, "Answer…", vic, "about nothing").catch(() => {});
    await vic.waitFor(/Only its owner, an approver or an admin can answer this/, story.channel, story.root);
    const ada = await set.at("ada");
    await ada.say("about birds", story.channel, story.root);
    await story.see(/Answered by @Ada[\s\S]*about birds/);
    const next = await story.see(/And who\?[\s\S]*question \d+ of/);
    const number = /question (\d+)/.exec(next.words)?.[1];
    await story.ask(`answer ${number} the plovers`, /Your answer to question/, ada);
    await story.see(/So it is\./);
    const [, second, third] = story.requests();
    expect(resultsIn(second)[0]?.text).toContain("about birds");
    expect(resultsIn(third)[0]?.text).toContain("the plovers");
  });

  it("a run waits for a moment, says so, and goes on although its process was lost", async () => {
    set.script(
      "stork",
      calls({ name: "wait", arguments: { minutes: 0.15 } }),
      finishes("report", "The time has come."),
    );
    const story = await set.story("wait a moment, then say so, stork");
    await story.see(/waits until .* because the workflow asked to/);
    await story.ends("waiting");
    await story.ask(`why ${(await story.run()).number}`, /It waits until .*because the workflow asked to/);
    await set.restart();
    await (await set.at("sam")).waitFor(/The time has come\./, story.channel, story.root, 30_000);
    const [, second] = story.requests();
    expect(resultsIn(second)[0]).toMatchObject({ ok: true, text: expect.stringContaining("20") });
  });
});

describe("in Slack", { timeout: 150_000 }, () => {
  let c: SlackCase;
  let model: ModelServer;
  beforeEach(async () => {
    model = await startModelServer();
    c = await slackCase("socket", { OPENAI_BASE_URL: model.url, CLAW_MODEL: MODEL });
  });
  afterEach(async () => {
    await c.close();
    await model.close();
  });

  it("asks with buttons and with a form; an answer in the thread counts as well, and a guest's does not", async () => {
    const { sam, lin, vic } = c.people;
    model.script(
      ask("Which colour for <!channel> & <@U0>?", { choices: ["Red", "Blue & green"] }),
      ask("Why?"),
      ask("Anything else?"),
      finishes("report", "Painted it."),
    );
    await sam.types("/claw now ask us which colour it shall be", { channel: c.eng });
    await sam.presses("Create", await c.sees(sam, /Create this workflow\?/));
    const created = await c.sees(sam, /Created \S+\./);
    const name = /Created (\S+)\./.exec(created.words)?.[1] ?? "";
    const root = await c.sees(sam, new RegExp(`${name} runs`));

    const colour = await c.sees(sam, /Which colour for <!channel> & <@U0>\?/, root);
    expect(colour.buttons).toEqual(["Red", "Blue & green"]);
    expect(colour.pings).toEqual([]);
    await vic.presses("Red", colour);
    await c.sees(vic, /Only its owner, an approver or an admin can answer this/, root);
    await lin.presses("Blue & green", colour);
    const answered = await c.sees(sam, /Answered by @lin[\s\S]*Blue & green/, root);
    expect(answered.buttons).toEqual([]);
    await lin.presses("Red", colour, { stale: true });
    await c.sees(lin, /Question 1 was answered by @lin/, root);

    const why = await c.sees(sam, /Why\?[\s\S]*question 2 of/, root);
    await sam.presses("Answer…", why);
    const form = await c.slack.until("the form", () => sam.modal);
    const [input] = form.controls.filter(({ type }) => type === "plain_text_input");
    await sam.submits(form, { [input?.label ?? ""]: "It is *calm* <@U0>" });
    expect((await c.sees(lin, /Answered by @sam[\s\S]*calm/, root)).pings).toEqual([]);

    await c.sees(sam, /Anything else\?[\s\S]*question 3 of/, root);
    await vic.says("no idea", { channel: c.eng, thread: root });
    await lin.says("Two coats, please", { channel: c.eng, thread: root });
    await c.sees(sam, /Answered by @lin[\s\S]*Two coats, please/, root);
    await c.sees(sam, /Painted it\./, root);
    const [, second, third, fourth] = model.requests;
    expect(resultsIn(second)[0]?.text).toContain("Blue & green");
    expect(resultsIn(third)[0]?.text).toContain("calm");
    expect(resultsIn(fourth)[0]?.text).toContain("Two coats, please");
  });
});

describe("in Discord", { timeout: 150_000 }, () => {
  let c: DiscordCase;
  let model: ModelServer;
  beforeEach(async () => {
    model = await startModelServer();
    c = await discordCase({ OPENAI_BASE_URL: model.url, CLAW_MODEL: MODEL });
  });
  afterEach(async () => {
    await c.close();
    await model.close();
  });

  it("asks with up to ten buttons and with a form; an answer in the thread counts as well", async () => {
    const { sam, lin, vic } = c.people;
    const ten = Array.from({ length: 10 }, (_, at) => `Choice ${at + 1}`);
    model.script(
      ask("Which of them, @everyone?", { choices: ten }),
      ask("Why?"),
      ask("Anything else?"),
      finishes("report", "Chosen."),
    );
    await sam.types("/claw now ask us which it shall be", { channel: c.eng });
    await sam.presses("Create", await c.sees(sam, /Create this workflow\?/));
    const created = await c.sees(sam, /Created \S+\./);
    const name = /Created (\S+)\./.exec(created.words)?.[1] ?? "";
    const root = await c.sees(sam, new RegExp(`${name} runs`));

    const which = await c.sees(sam, /Which of them[\s\S]*question 1 of/);
    expect(which.buttons).toEqual(ten);
    await vic.presses("Choice 1", which);
    await c.sees(vic, /Only its owner, an approver or an admin can answer this/);
    await Promise.all([lin.presses("Choice 10", which), lin.presses("Choice 2", which)]);
    await c.sees(sam, /Answered by @lin/);
    await c.sees(lin, /Question 1 was answered by @lin/);

    const why = await c.sees(sam, /Why\?[\s\S]*question 2 of/);
    await sam.presses("Answer…", why);
    const form = await c.discord.until("the form", () => sam.modal);
    const [input] = form.controls.filter(({ kind }) => kind === "text");
    await sam.submits(form, { [input?.label ?? ""]: "Because of **that**" });
    await c.sees(lin, /Answered by @sam[\s\S]*Because of/);

    await c.sees(sam, /Anything else\?[\s\S]*question 3 of/);
    vic.says("no idea", { channel: c.eng, thread: root });
    await until(async () => (await c.database.sql`select 1 from thread_messages`).length === 1);
    lin.says("Twice, please", { channel: c.eng, thread: root });
    await c.sees(sam, /Answered by @lin[\s\S]*Twice, please/);
    await c.sees(sam, /Chosen\./);
    const [, , third, fourth] = model.requests;
    expect(resultsIn(third)[0]?.text).toContain("Because of");
    expect(resultsIn(fourth)[0]?.text).toContain("Twice, please");
  });
});
