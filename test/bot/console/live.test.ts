import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import type { ConsoleDeps } from "../../../src/bot/console/deps.ts";
import { channelIdOf } from "../../../src/bot/console/places.ts";
import { insertMessage } from "../../../src/bot/console/store.ts";
import type { Inbox, PostTarget } from "../../../src/orchestrator/ports.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { freePort } from "../../support/ports.ts";
import { ADA, consoleOn, LIN, WORKSPACE } from "./console-harness.ts";
import { Follower, Visitor, wordsOf } from "./visitor.ts";

const INBOX: Inbox = { receive: async () => "stored" };

let database: TestDatabase;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await database.sql`truncate console_messages`;
});
afterAll(() => database.close());

async function started(parts: Partial<ConsoleDeps> = {}) {
  const console = consoleOn(database, parts);
  await console.start(INBOX);
  ends.push(() => console.stop());
  return console;
}
type Started = Awaited<ReturnType<typeof started>>;

const target = (parts: Partial<PostTarget> = {}): PostTarget => ({
  workspaceId: WORKSPACE,
  channelId: channelIdOf(WORKSPACE, "general"),
  threadId: null,
  privateTo: null,
  replyToken: null,
  ...parts,
});

async function post(console: Started, title: string, to = target()) {
  const outcome = await console.post(
    to,
    { kind: "reply", card: card({ title }) },
    `d-${title}`,
    AbortSignal.timeout(60_000),
  );
  if (outcome.kind !== "posted") throw new Error("not posted");
  return outcome;
}

async function visitorOf(console: Started): Promise<Visitor> {
  const visitor = new Visitor(console.url());
  await visitor.signIn(console.loginUrl());
  return visitor;
}

async function follow(console: Started, visitor: Visitor, after: number, headers: Record<string, string> = {}) {
  const url = `${console.url()}/events?channel=general&after=${after}`;
  const follower = await Follower.open(url, { cookie: visitor.cookie, ...headers });
  ends.push(() => follower.close());
  return follower;
}

const versionOf = (html: string): number => Number(/data-version="(\d+)"/.exec(html)?.[1]);
const words = (follower: Follower) => follower.events.map((event) => wordsOf(String(event.data.html)));
const shows = (follower: Follower, text: string) => () => words(follower).some((w) => w.includes(text));

describe("an open page", () => {
  test("is told of posts, edits and answers as they happen, by whichever process", async () => {
    const [first, second] = [await started(), await started()];
    const visitor = await visitorOf(first);
    const follower = await follow(first, visitor, versionOf((await visitor.get("/")).text));
    const root = await post(second, "from the other process");
    await follower.until(shows(follower, "from the other process"));
    await post(first, "an answer", target({ threadId: root.threadId }));
    await follower.until(shows(follower, "an answer"));
    expect(follower.events.at(-1)?.data).toMatchObject({ root: root.messageId, replies: 1 });
    await second.edit(
      target(),
      root.messageId,
      { kind: "reply", card: card({ title: "changed" }) },
      "edited",
      AbortSignal.timeout(60_000),
    );
    await follower.until(shows(follower, "changed"));
    expect(follower.events.at(-1)?.data).toMatchObject({ id: root.messageId, root: null, replies: 1 });
  });

  test("shows after a reconnect what it missed, once and in its newest form", async () => {
    const port = await freePort();
    const before = await started({ port });
    const visitor = await visitorOf(before);
    await post(before, "seen");
    const follower = await follow(before, visitor, 0);
    await follower.until(shows(follower, "seen"));
    const last = follower.events.at(-1)?.id ?? 0;
    await before.stop();
    await follower.until(() => follower.closed);

    const away = await started();
    const missed = await post(away, "missed");
    await away.edit(
      target(),
      missed.messageId,
      { kind: "reply", card: card({ title: "missed, then changed" }) },
      "edited",
      AbortSignal.timeout(60_000),
    );
    const after = await started({ port });
    const again = await follow(after, visitor, 0, { "last-event-id": String(last) });
    await again.until(shows(again, "missed, then changed"));
    await post(after, "new");
    await again.until(shows(again, "new"));
    expect(words(again).map((w) => w.replace(/^.*UTC /, ""))).toEqual(["missed, then changed Reply", "new Reply"]);
  });

  test("catches up with more than one batch, in order", async () => {
    const console = await started();
    const visitor = await visitorOf(console);
    const titles = Array.from({ length: 120 }, (_, i) => `message ${i}.`);
    for (const title of titles) await post(console, title);
    const follower = await follow(console, visitor, 0);
    await follower.until(() => follower.events.length >= titles.length);
    expect(words(follower).map((w) => /message \d+\./.exec(w)?.[0])).toEqual(titles);
  });

  test("misses nothing when many post at once", async () => {
    const console = await started();
    const visitor = await visitorOf(console);
    const follower = await follow(console, visitor, 0);
    await Promise.all(Array.from({ length: 100 }, (_, i) => post(console, `at once ${i}.`)));
    await follower.until(() => follower.events.length >= 100);
    const ids = follower.events.map((event) => event.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(follower.events.map((event) => event.data.id)).size).toBe(100);
  });

  test("is not ahead of a change that is still being stored", async () => {
    const console = await started();
    const visitor = await visitorOf(console);
    const follower = await follow(console, visitor, 0);
    const waits = async () => {
      for (;;) {
        const [row] = await database.sql`select count(*)::int as n from pg_locks where locktype = 'advisory'
          and not granted and database = (select oid from pg_database where datname = current_database())`;
        if (row?.n > 0) return;
      }
    };
    await database.db.transaction(async (tx) => {
      await insertMessage(tx, {
        workspaceId: WORKSPACE,
        id: "slow",
        seq: null,
        channelId: target().channelId,
        threadId: null,
        author: { id: ADA.memberId, name: ADA.name },
        text: "stored slowly",
        card: null,
        key: "slow",
        privateTo: null,
        at: new Date(),
      });
      const later = post(console, "stored later").then(() => follower.until(shows(follower, "stored later")));
      await Promise.race([later, waits()]);
    });
    await follower.until(() => follower.events.length >= 2);
    expect(words(follower).map((w) => /stored \w+/.exec(w)?.[0])).toEqual(["stored slowly", "stored later"]);
  });

  test("hears nothing that is private to another person, nor answers under it", async () => {
    const console = await started();
    const visitor = await visitorOf(console);
    const follower = await follow(console, visitor, 0);
    const hidden = await post(console, "for Lin", target({ privateTo: LIN.memberId }));
    await post(console, "under it", target({ threadId: hidden.threadId }));
    await post(console, "for Ada", target({ privateTo: ADA.memberId }));
    await follower.until(shows(follower, "for Ada"));
    expect(follower.events).toHaveLength(1);
    expect((await visitor.get(`/channels/general/${hidden.messageId}`)).status).toBe(404);
    const body = { key: "12345678", channel: "general", thread: hidden.messageId, text: "hello" };
    expect((await visitor.post("/api/messages", body)).status).toBe(404);
    const press = { key: "12345678", messageId: hidden.messageId, action: "a", value: "b", text: null };
    expect((await visitor.post("/api/actions", press)).status).toBe(404);
  });

  test("is told when its person becomes another, and hears no more", async () => {
    const console = await started();
    const visitor = await visitorOf(console);
    const follower = await follow(console, visitor, 0);
    await visitor.actAs(LIN.memberId);
    await post(console, "for Ada", target({ privateTo: ADA.memberId }));
    await follower.until(() => follower.closed);
    expect(follower.events.map((event) => event.name)).toEqual(["someone_else"]);
  });

  test("does not keep the console from stopping", async () => {
    const console = await started();
    const visitor = await visitorOf(console);
    const followers = await Promise.all([1, 2, 3].map(() => follow(console, visitor, 0)));
    await console.stop();
    for (const follower of followers) await follower.until(() => follower.closed);
    await expect(fetch(console.url())).rejects.toThrow();
  }, 3_000);
});

test("what was not recorded is not shown as said, and is once when it is tried again", async () => {
  const answers: ("not_recorded" | "stored")[] = ["not_recorded", "stored"];
  const console = consoleOn(database);
  await console.start({ receive: async () => answers.shift() ?? "stored" });
  ends.push(() => console.stop());
  const visitor = await visitorOf(console);
  const { messageId } = await post(console, "root");
  const body = { key: "12345678", channel: "general", thread: messageId, text: "did you hear?" };
  expect((await visitor.post("/api/messages", body)).status).toBe(503);
  expect(await visitor.see("general", messageId)).toEqual([]);
  expect((await visitor.post("/api/messages", body)).status).toBe(200);
  expect((await visitor.see("general", messageId)).map((m) => m.words)).toEqual([expect.stringContaining("did you")]);
});

describe("a database that is away", () => {
  test("what a person typed is not recorded, and what Claw posts may be tried again", async () => {
    const own = await testDatabase();
    const console = consoleOn(own);
    await console.start(INBOX);
    ends.push(() => console.stop());
    const visitor = await visitorOf(console);
    await own.close();
    const answer = await visitor.post("/api/messages", {
      key: "12345678",
      channel: "general",
      thread: null,
      text: "x",
    });
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toEqual({ status: "not_recorded", message: "Not recorded, try again." });
    expect((await visitor.get("/")).status).toBe(503);
    const outcome = await console.post(
      target(),
      { kind: "reply", card: card({ title: "x" }) },
      "k",
      AbortSignal.timeout(60_000),
    );
    expect(outcome).toMatchObject({ kind: "retry", failure: { code: "platform_unavailable" } });
    expect(await console.find(target(), "k", AbortSignal.timeout(60_000))).toMatchObject({ kind: "unavailable" });
  });
});
