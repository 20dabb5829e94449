/** The main job with the `openai` model: a real client in a real Claw, an endpoint that refuses what OpenAI refuses. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { html, json } from "../support/http-server.ts";
import { calls, empty, finishes, says } from "../support/model-server.ts";
import { MODEL, type ModelClaw, resultsIn, startModelClaw } from "./model-claw.ts";

let set: ModelClaw;
beforeAll(async () => {
  set = await startModelClaw();
});
afterAll(async () => {
  await set?.close();
  expect(set.model.complaints).toEqual([]);
});

const posted = (path: string) =>
  set.site.requests.filter((request) => request.method === "POST" && request.path === path);
const got = (path: string) => set.site.requests.filter((request) => request.method === "GET" && request.path === path);

test("it reads a page, asks before it writes, writes once after the yes, and reports", async () => {
  set.site.page("/status", html("<title>Status</title><p>Queue length is 912</p>"));
  set.site.page("/tickets", json({ id: 7 }));
  const url = set.site.url;
  set.script(
    "albatross",
    calls({ name: "http_get", arguments: { url: `${url}/status` } }),
    calls({ name: "http_request", arguments: { method: "POST", url: `${url}/tickets`, body: "queue is 912" } }),
    finishes("report", "**Ticket 7 is open.** The queue is at 912.", "ticket 7"),
  );
  const story = await set.story(`read ${url}/status and open a ticket at ${url}/tickets, albatross`);
  const asked = await story.see(/May I send POST to 127\.0\.0\.1/);
  expect(asked.words).toMatch(/queue is 912/);
  expect(asked.words).toMatch(/it changes something/);
  expect(posted("/tickets")).toHaveLength(0);
  await story.press(asked, "Approve", await set.at("lin"));
  const report = await story.see(/Ticket 7 is open/);
  expect(report.words).toMatch(/contains text from outside/);
  expect(await story.ends("succeeded")).toMatchObject({ verdict: { kind: "report" } });
  expect(posted("/tickets").map(({ body }) => body)).toEqual(["queue is 912"]);
  expect(got("/status")).toHaveLength(1);

  const [first, second, third, ...more] = story.requests();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ body: { model: MODEL, stream: true }, tools: expect.arrayContaining(["finish"]) });
  expect(resultsIn(second)).toEqual([{ ok: true, text: expect.stringContaining("Queue length is 912") }]);
  expect(resultsIn(third)).toEqual([{ ok: true, text: expect.stringContaining('"status":200') }]);
  await story.see(/Approved by @Lin/);
});

test("of two calls of one turn, one waits for a yes and the other goes on; the model hears of both, in its order", async () => {
  set.site.page("/orders", json({ id: 1 }));
  set.site.page("/stock", "12 left");
  const url = set.site.url;
  set.script(
    "bittern",
    calls(
      { name: "http_request", arguments: { method: "POST", url: `${url}/orders`, body: "two more" } },
      { name: "http_get", arguments: { url: `${url}/stock` } },
    ),
    finishes("report", "Ordered two, 12 were left."),
  );
  const story = await set.story(`order from ${url}/orders and read ${url}/stock, bittern`);
  const asked = await story.see(/May I send POST/);
  await story.ends("waiting");
  expect(got("/stock")).toHaveLength(1);
  expect(posted("/orders")).toHaveLength(0);
  expect(story.requests()).toHaveLength(1);

  await set.restart();
  await story.press(asked, "Approve", await set.at("lin"));
  await story.ends("succeeded");
  expect(posted("/orders")).toHaveLength(1);
  expect(got("/stock")).toHaveLength(1);
  const results = resultsIn(story.requests()[1]);
  expect(results.map(({ ok }) => ok)).toEqual([true, true]);
  expect(results[1]?.text).toContain("12 left");
});

test("malformed and wrong arguments are told to the model, which corrects itself", async () => {
  set.site.page("/c", "page c");
  const url = `${set.site.url}/c`;
  set.script(
    "cormorant",
    calls({ name: "http_get", arguments: '{"url":"http' }, { name: "http_get", arguments: { address: url } }),
    calls({ name: "http_get", arguments: { url } }),
    finishes("report", "Page c says page c."),
  );
  const story = await set.story(`read ${url}, cormorant`);
  await story.ends("succeeded");
  const [, second, third] = story.requests();
  const told = resultsIn(second);
  expect(told.map(({ ok }) => ok)).toEqual([false, false]);
  expect(told[0]?.text).toMatch(/malformed_arguments.*not JSON/);
  expect(told[1]?.text).toMatch(/invalid_input.*url/i);
  expect(resultsIn(third)).toEqual([{ ok: true, text: expect.stringContaining("page c") }]);
  expect(got("/c")).toHaveLength(1);
});

test("an unknown tool, whatever its name, is refused with the names there are", async () => {
  set.script(
    "dunlin",
    calls({ name: "github_merge", arguments: { pr: 1 } }, { name: "finish_", arguments: "" }),
    finishes("report", "There is no such tool here."),
  );
  const story = await set.story("merge it, dunlin");
  await story.ends("succeeded");
  const told = resultsIn(story.requests()[1]);
  expect(told.map(({ ok }) => ok)).toEqual([false, false]);
  expect(told[0]?.text).toMatch(/no tool \\"github_merge\\".*http_get.*finish/);
});

test("names and arguments that no database can store are told back, and do not break the run", async () => {
  const halfOfAnEmoji = `${"x".repeat(1_999)}😀 and more`;
  set.script(
    "egret",
    calls(
      { name: "no\u0000such\ud800tool", arguments: "{}" },
      { name: `${"y".repeat(79)}😀`, arguments: "{}" },
      { name: "http_request", arguments: `{"method":"POST","url":"${set.site.url}/e","body":"nul \\u0000"}` },
      { name: "http_get", arguments: `{"url":"\u0000` },
      { name: "http_get", arguments: halfOfAnEmoji },
    ),
    says("I tried \u0000 that."),
    finishes("report", "Nothing could be sent."),
  );
  const story = await set.story("send it, egret");
  await story.see(/Nothing could be sent/);
  await story.ends("succeeded");
  const told = resultsIn(story.requests()[1]);
  expect(told.map(({ ok }) => ok)).toEqual([false, false, false, false, false]);
  expect(told[2]?.text).toMatch(/without NUL/);
  expect(posted("/e")).toEqual([]);
});

test("finish beside other calls does not end the run; alone it does", async () => {
  set.site.page("/f", "page f");
  const url = `${set.site.url}/f`;
  set.script(
    "fulmar",
    calls(
      { name: "http_get", arguments: { url } },
      { name: "finish", arguments: { verdict: "report", text: "Done before it was read." } },
    ),
    finishes("report", "Read it: page f."),
  );
  const story = await set.story(`read ${url}, fulmar`);
  await story.see(/Read it: page f/);
  await story.ends("succeeded");
  expect(await story.all()).not.toMatch(/Done before it was read/);
  expect(resultsIn(story.requests()[1]).map(({ ok }) => ok)).toEqual([true, false]);
});

test("an empty answer is nudged, then finish is asked for by name", async () => {
  set.script("gannet", empty(), finishes("nothing_to_report", ""));
  const story = await set.story("look around, gannet");
  await story.ends("succeeded");
  const [first, second] = story.requests();
  expect(first?.body.tool_choice ?? "auto").toBe("auto");
  expect(second?.messages.at(-1)).toMatchObject({ role: "user", content: expect.stringMatching(/finish/) });
  expect(second?.body.tool_choice).toEqual({ type: "function", function: { name: "finish" } });
});

test("a text without finish is no report: it is asked for", async () => {
  set.script("heron", says("All is well, I think."), finishes("report", "All is well."));
  const story = await set.story("say how it is, heron");
  await story.see(/All is well\./);
  await story.ends("succeeded");
  expect(await story.all()).not.toMatch(/I think/);
});

test("three answers that end nothing fail the run and say so", async () => {
  set.script("ibis", empty(), says("Hm."), says("I am still thinking."));
  const story = await set.story("decide something, ibis");
  const card = await story.see(/did not say how the run ended/);
  expect(card.words).toMatch(/I am still thinking/);
  expect(card.buttons.map(({ label }) => label)).toContain("Run again");
  expect(await story.ends("failed")).toMatchObject({ failure: { code: "no_verdict" } });
});

test("a report that ends in a question is not taken; the model says what it knows", async () => {
  set.script("jacana", finishes("report", "Shall I go on?"), finishes("blocked", "I need to know which branch."));
  const story = await set.story("clean up, jacana");
  const card = await story.see(/I need to know which branch/);
  expect(card.words).toMatch(/failed/);
  expect(await story.all()).not.toMatch(/Shall I go on/);
  expect(resultsIn(story.requests()[1])).toEqual([{ ok: false, text: expect.stringMatching(/Nobody answers/) }]);
  expect(await story.ends("failed")).toMatchObject({ failure: { code: "blocked" } });
});

test("the prompt of a trivial workflow, tools and all, has at most 4,000 characters", async () => {
  set.script("kestrel", finishes("report", "Stretched."));
  const story = await set.story("say that it is time to stretch, kestrel");
  await story.ends("succeeded");
  const [request] = story.requests();
  const said = (request?.messages ?? []).map(({ content }) => content ?? "").join("");
  const characters = said.length + JSON.stringify(request?.body.tools).length;
  expect(request?.tools.length).toBeGreaterThan(2);
  expect(characters).toBeLessThanOrEqual(4_000);
});

test("inspect shows what went into a model call", async () => {
  set.site.page("/l", "page l");
  const url = `${set.site.url}/l`;
  set.script("lapwing", calls({ name: "http_get", arguments: { url } }), finishes("report", "Page l."));
  const story = await set.story(`read ${url}, lapwing`);
  const { number } = await story.ends("succeeded");
  const card = await story.ask(`inspect ${number}`, new RegExp(`run ${number}: succeeded`));
  expect(card.words).toMatch(/sent: prompt \d+, instruction \d+/);
  expect(card.words).toMatch(/result of http_get \(step 1\.1\) \d+/);
  expect(card.words).toContain(MODEL);
  expect(card.words).toMatch(/100 in, 10 out/);
});
