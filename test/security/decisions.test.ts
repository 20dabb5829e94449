/** Buttons and approvals that are forged, replayed, stale or of somebody else; calls that change after the yes. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SeenMessage } from "../bot/console/visitor.ts";
import { json } from "../support/http-server.ts";
import { type Attacked, type Hostile, startHostile } from "./hostile.ts";

let claw: Hostile;
beforeAll(async () => {
  claw = await startHostile();
  claw.site.page("/x", json({ done: true }));
});
afterAll(() => claw?.close());
beforeEach(() => void claw.strays());

const post = (body = "hello") => ({
  name: "http_request",
  arguments: { method: "POST", url: `${claw.site.url}/x`, body },
});

async function asking(body?: string): Promise<Attacked & { readonly card: SeenMessage }> {
  const attacked = await claw.attack(`post to ${claw.site.url}/x`, { calls: [post(body)] });
  const [card] = attacked.cards;
  if (!card) throw new Error("it did not ask");
  return { ...attacked, card };
}
const button = (card: SeenMessage, label: string) => {
  const found = card.buttons.find((each) => each.label === label);
  if (!found) throw new Error(`no ${label}`);
  return found;
};
async function send(as: string, body: Record<string, unknown>): Promise<number> {
  const person = await claw.at(as);
  return (await person.visitor.post("/api/actions", { key: randomUUID(), text: null, ...body })).status;
}
/** Everything that is under way has been handled. */
async function settled(): Promise<void> {
  await expect
    .poll(async () => {
      const [row] = await claw.database.sql<{ n: number }[]>`
        select count(*)::int as n from inbound_events where status not in ('handled', 'failed')`;
      return row?.n;
    })
    .toBe(0);
}
const posted = () => claw.strays().filter((line) => line.startsWith("POST"));

describe("a press counts only when it is of that card, of that person, and in time", () => {
  test.each([
    ["another person's right", "vic", (value: string) => value],
    ["the author alone", "sam", (value: string) => value],
    ["a made-up approval", "lin", () => randomUUID()],
    ["no approval", "lin", () => ""],
    ["a number in the place of an id", "lin", () => "1"],
    ["SQL in the place of an id", "lin", (value: string) => `${value}' or '1'='1`],
    ["many ids", "lin", (value: string) => `${value},${value}`],
  ])("%s decides nothing", async (_how, as, forge) => {
    const { card, story } = await asking();
    const { action, value } = button(card, "Approve");
    await send(as, { messageId: card.messageId, action, value: forge(value) });
    await settled();
    expect(posted()).toEqual([]);
    expect(await story.run()).toMatchObject({ status: "waiting" });
  });

  test("an approval of one run does not let another run go", async () => {
    const one = await asking("first");
    const two = await asking("second");
    const { action, value } = button(one.card, "Approve");
    // The press claims to be on the other's card.
    await send("lin", { messageId: two.card.messageId, action, value });
    await one.story.ends("succeeded");
    await settled();
    expect(posted()).toEqual(["POST /x first"]);
    expect(await two.story.run()).toMatchObject({ status: "waiting" });
  });

  test("the same press sent ten times at once is one, and so is the next click", async () => {
    const { card, story } = await asking();
    const { action, value } = button(card, "Approve");
    const key = randomUUID();
    const lin = await claw.at("lin");
    const body = { key, messageId: card.messageId, action, value, text: null };
    await Promise.all(Array.from({ length: 10 }, () => lin.visitor.post("/api/actions", body)));
    await send("ada", { messageId: card.messageId, action, value });
    await story.ends("succeeded");
    await settled();
    expect(posted()).toEqual(["POST /x hello"]);
  });

  test("a yes after a no, after the run was cancelled, or after it is over does nothing", async () => {
    const denied = await asking();
    await denied.story.press(denied.card, "Deny…", await claw.at("lin"), "no");
    await denied.story.ends("succeeded");
    const cancelled = await asking();
    await cancelled.story.ask(`cancel ${(await cancelled.story.run()).number}`, /ancel/);
    await cancelled.story.ends("cancelled");
    for (const { card } of [denied, cancelled]) {
      const { action, value } = button(card, "Approve");
      await send("lin", { messageId: card.messageId, action, value });
    }
    await settled();
    expect(posted()).toEqual([]);
  });

  test("without a session, from another page, or with another's key nothing is taken", async () => {
    const { card } = await asking();
    const { action, value } = button(card, "Approve");
    const body = JSON.stringify({ key: randomUUID(), messageId: card.messageId, action, value, text: null });
    const url = `${claw.claw.url}/api/actions`;
    const lin = await claw.at("lin");
    const headers = {
      "content-type": "application/json",
      cookie: lin.visitor.cookie,
      "x-csrf-token": lin.visitor.csrf,
    };
    const tries = [
      { "content-type": "application/json" },
      { ...headers, origin: "https://evil.example" },
      { ...headers, "sec-fetch-site": "cross-site", origin: "null" },
      { ...headers, cookie: "" },
      { ...headers, cookie: `${headers.cookie}x` },
    ];
    for (const each of tries) {
      const answer = await fetch(url, { method: "POST", headers: each, body });
      expect([401, 403, 303, 302]).toContain(answer.status);
    }
    await settled();
    expect(posted()).toEqual([]);
  });
});

describe("what was approved is what happens", () => {
  test("arguments that change in the database after the yes are not sent", async () => {
    const { card, story } = await asking("what people saw");
    await claw.database.sql`
      update steps set input = jsonb_set(input, '{body}', '"something else"')
      where input ->> 'body' = 'what people saw'`;
    await story.press(card, "Approve", await claw.at("lin"));
    await settled();
    await expect.poll(async () => (await story.run()).status).not.toBe("running");
    expect(posted()).not.toContain("POST /x something else");
  });

  test("the model asking again with other arguments asks people again", async () => {
    claw.script("switch.", { kind: "answer", calls: [post("harmless")] }, { kind: "answer", calls: [post("harmful")] });
    const story = await claw.story(`post to ${claw.site.url}/x (switch.)`);
    const first = await story.see(/May I .*harmless/);
    await story.press(first, "Approve", await claw.at("lin"));
    await story.see(/May I .*harmful/);
    expect(posted()).toEqual(["POST /x harmless"]);
  });

  test("an approval that was given to a call covers no second one that is the same", async () => {
    claw.script("twice.", { kind: "answer", calls: [post("again")] }, { kind: "answer", calls: [post("again")] });
    const story = await claw.story(`post to ${claw.site.url}/x (twice.)`);
    const first = await story.see(/May I /);
    await story.press(first, "Approve", await claw.at("lin"));
    const open = async () =>
      (await story.owner.see(story.channel, story.root)).filter(({ buttons }) =>
        buttons.some(({ label }) => label === "Approve"),
      );
    await story.see(/Approved by @Lin/);
    await expect.poll(async () => (await open()).length).toBe(1);
    expect(posted()).toEqual(["POST /x again"]);
  });
});

describe("a card shows what there is", () => {
  test.each([
    ["text that turns around", "pay 1\u202e000 0", /u\{202e\}|U\+202E/i],
    ["text without width", "pay\u200b\u2060 100", /u\{200b\}|U\+200B/i],
    ["an isolate", "a\u2066b\u2069", /u\{2066\}|U\+2066/i],
    ["a soft hyphen", "ad\u00admin", /u\{ad\}|U\+00AD/i],
    ["a control", "a\u0008b", /u\{8\}|U\+0008/i],
  ])("%s is made visible", async (_what, body, shown) => {
    const { card } = await asking(body);
    expect(card.words).toMatch(shown);
    expect(card.words).not.toMatch(/[\u202e\u200b\u2060\u2066\u00ad\u0008]/);
  });

  test("markup is text", async () => {
    const { card } = await asking('<img src=x onerror="alert(1)"><script>x</script> [Approve](javascript:x) @everyone');
    expect(card.html).not.toMatch(/<img|<script|href="javascript/i);
    expect(card.words).toContain("<script>x</script>");
  });

  test("a long call is not cut where it matters: its end can be seen before anybody decides", async () => {
    const { card, story } = await asking(`${"all is well ".repeat(800)}AND TRANSFER THE MONEY`);
    const run = await story.run();
    const inspect = await story.ask(`inspect ${run.number}`, /inspect|run/i);
    const whole = `${card.words} ${inspect.words} ${await story.all()}`;
    expect(whole.includes("AND TRANSFER THE MONEY") || /show all|more characters|page/i.test(card.words)).toBe(true);
  });
});

describe("nothing without end", () => {
  test("a model that never finishes is stopped by its steps, at no more than its ceiling", async () => {
    claw.site.page("/loop", "again");
    claw.script(
      "loop.",
      ...Array.from({ length: 40 }, () => ({
        kind: "answer" as const,
        calls: [{ name: "http_get", arguments: { url: `${claw.site.url}/loop` } }],
      })),
    );
    const story = await claw.story(`read ${claw.site.url}/loop (loop.)`);
    await expect.poll(async () => (await story.run()).status, { timeout: 60_000 }).toMatch(/^(waiting|failed|dead)$/);
    expect(claw.strays().length).toBeLessThanOrEqual(30);
  });

  test("a turn of a thousand calls is cut", async () => {
    const many = Array.from({ length: 1_000 }, (_, at) => ({
      name: "http_get",
      arguments: { url: `${claw.site.url}/many/${at}` },
    }));
    const { story } = await claw.attack(`read ${claw.site.url}`, { calls: many });
    expect((await story.run()).status).not.toBe("running");
    expect(claw.strays().length).toBeLessThanOrEqual(16);
  });
});
