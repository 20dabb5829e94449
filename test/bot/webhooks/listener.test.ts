/** Webhooks over raw HTTP: what is signed well is stored once and answered; everything else is refused, and says why. */
import { createHmac, randomBytes } from "node:crypto";
import { connect as dial } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { createWebhookListener, type WebhookListener } from "../../../src/bot/webhooks/listener.ts";
import { createInbox, type InboxService } from "../../../src/orchestrator/inbox/service.ts";
import { insertEvents } from "../../../src/orchestrator/inbox/store.ts";
import { secretKey } from "../../../src/orchestrator/secrets/secrets.ts";
import type { WebhookSetup } from "../../../src/orchestrator/triggers/webhook.ts";
import {
  createWebhookInbox,
  PER_MINUTE,
  type WebhookInbox,
} from "../../../src/orchestrator/triggers/webhooks/inbox.ts";
import {
  hideOldSecrets,
  hideSecret,
  revealed,
  rotateWebhook,
  SHOWN_MS,
} from "../../../src/orchestrator/triggers/webhooks/service.ts";
import { deleteWorkflow, editWorkflow, pauseWorkflow } from "../../../src/orchestrator/workflows/service.ts";
import { type EngineCase, engineCase, WORKSPACE } from "../../orchestrator/engine-case.ts";
import { created, firingsOf, outcomes, runsOf } from "../../orchestrator/triggers/trigger-case.ts";
import { quietLog } from "../../support/database.ts";

const KEY = secretKey(randomBytes(32).toString("base64"));
const SETUP: WebhookSetup = { kind: "on", url: "https://claw.example", key: KEY };

let c: EngineCase;
let inbox: InboxService;
let hooks: WebhookInbox;
const listeners: WebhookListener[] = [];

async function listen(using: WebhookInbox = hooks, requestMs = 2_000): Promise<string> {
  const listener = createWebhookListener({
    inbox: using,
    clock: c.clock,
    log: quietLog,
    host: "127.0.0.1",
    port: 0,
    requestMs,
  });
  await listener.start();
  listeners.push(listener);
  return listener.url() ?? "";
}

const inboxOf = (): InboxService =>
  createInbox({
    ...c.deps,
    urgent: c.db,
    platforms: new Map(),
    reach: new Map(),
    handler: { handle: async () => [], explain: () => ({}) },
  });

/** Stores an event as the inbox does, and does nothing with it. */
async function storeOnly(event: Parameters<InboxService["receive"]>[0]): Promise<"stored"> {
  await insertEvents(c.db, [{ id: c.deps.ids.next(), event, receivedAt: new Date(c.clock.now()) }]);
  return "stored";
}

beforeEach(async () => {
  const plain = await engineCase();
  const deps = { ...plain.deps, webhooks: SETUP };
  c = { ...plain, deps };
  c.act = (member, use) => plain.act(member, (caller) => use({ ...caller, deps: { ...caller.deps, webhooks: SETUP } }));
  inbox = inboxOf();
  hooks = createWebhookInbox({ ...c.deps, inbox, webhooks: SETUP });
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((each) => each.stop()));
  await inbox.settled();
  await c.close();
});

/** A workflow that waits for webhooks: what its owner is told once. */
async function waiting(): Promise<{ id: string; path: string; secret: string }> {
  const id = await created(c, { kind: "webhook" });
  return { id, ...(await told()) };
}

/** What the newest private message shows, as it leaves. */
async function told(): Promise<{ path: string; secret: string }> {
  const notices = await c.notice("webhookSecret");
  const shown = revealed(notices.at(-1) ?? { kind: "reply", card: null }, WORKSPACE, SETUP);
  if (shown.kind !== "webhookSecret" || shown.secret.kind !== "shown") throw new Error("no secret is shown");
  return { path: new URL(shown.url).pathname, secret: shown.secret.value };
}

interface Sent {
  readonly id?: string;
  readonly at?: number;
  readonly body?: string | Buffer;
  readonly type?: string;
  readonly secret?: string;
  readonly headers?: Record<string, string>;
}

function standard(secret: string, { id = "msg_1", at = c.clock.now(), body = "{}" }: Sent): Record<string, string> {
  const seconds = String(Math.floor(at / 1_000));
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

const github = (secret: string, body: string, delivery = "d-1"): Record<string, string> => ({
  "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  "x-github-delivery": delivery,
  "x-github-event": "push",
});

async function post(url: string, secret: string, sent: Sent = {}): Promise<Response> {
  const { body = '{"ref":"main"}', type = "application/json" } = sent;
  return fetch(url, {
    method: "POST",
    headers: { "content-type": type, ...standard(sent.secret ?? secret, { ...sent, body }), ...sent.headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}

describe("a webhook that is signed well", () => {
  it("is stored, answered, and starts one run that is told of it, marked as of outsiders", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    const answer = await post(`${base}${path}`, secret);
    expect([answer.status, await answer.json()]).toEqual([202, { message: "Accepted." }]);
    await inbox.settled();
    const [firing] = await firingsOf(c, id);
    expect(firing).toMatchObject({
      kind: "webhook",
      outcome: "ran",
      payload: { body: { ref: "main" }, deliveryId: "msg_1" },
    });
    expect(await runsOf(c, id)).toHaveLength(1);
  });

  it("by GitHub starts one, whatever its delivery is called when it comes again", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    const body = '{"zen":"Keep it logically awesome."}';
    const send = (delivery: string) =>
      fetch(`${base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...github(secret, body, delivery) },
        body,
      });
    expect([(await send("d-1")).status, (await send("d-1")).status, (await send("d-2")).status]).toEqual([
      202, 200, 200,
    ]);
    await inbox.settled();
    expect((await firingsOf(c, id)).map(({ payload }) => payload)).toMatchObject([
      { event: "push", deliveryId: "d-1" },
    ]);
  });

  it("starts one run when it comes many times at once, to two processes", async () => {
    const second = inboxOf();
    const bases = [await listen(), await listen(createWebhookInbox({ ...c.deps, inbox: second, webhooks: SETUP }))];
    const { id, path, secret } = await waiting();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => post(`${bases[n % 2] ?? ""}${path}`, secret)),
    );
    await Promise.all([inbox.settled(), second.settled()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(11).fill(200), 202]);
    expect(await runsOf(c, id)).toHaveLength(1);
  });

  it("is handled once by another process when the one that stored it is lost", async () => {
    const { id, path, secret } = await waiting();
    // Stored, and its process dies before it is handled: the handling waits for a lock that the sweep does not.
    const dying = { receive: (event: Parameters<InboxService["receive"]>[0]) => storeOnly(event) };
    const base = await listen(createWebhookInbox({ ...c.deps, inbox: dying, webhooks: SETUP }));
    expect((await post(`${base}${path}`, secret)).status).toBe(202);
    expect(await outcomes(c, id)).toEqual([]);
    const [one, two] = [inboxOf(), inboxOf()];
    await Promise.all([one.sweep(0), two.sweep(0)]);
    expect(await outcomes(c, id)).toEqual(["ran ×1"]);
  });

  it("may be a form or text as well", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    await post(`${base}${path}`, secret, {
      id: "f",
      body: "a=1&b=two+words",
      type: "application/x-www-form-urlencoded",
    });
    await post(`${base}${path}`, secret, { id: "t", body: "plain words", type: "text/plain; charset=utf-8" });
    await inbox.settled();
    const bodies = (await firingsOf(c, id)).map(({ payload }) => payload?.body);
    expect(bodies).toEqual(expect.arrayContaining([{ a: "1", b: "two words" }, "plain words"]));
  });

  it("with text that the database cannot hold is taken all the same", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    expect((await post(`${base}${path}`, secret, { body: '{"a\\u0000":"b\\u0000\\ud800"}' })).status).toBe(202);
    await inbox.settled();
    expect((await firingsOf(c, id)).map(({ outcome, payload }) => [outcome, payload?.body])).toEqual([
      ["ran", { "a\uFFFD": "b\uFFFD\uFFFD" }],
    ]);
  });

  it("by GitHub, that only asks whether somebody is there, is answered and starts nothing", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    const headers = { "content-type": "application/json", ...github(secret, "{}"), "x-github-event": "ping" };
    const answer = await fetch(`${base}${path}`, { method: "POST", headers, body: "{}" });
    expect([answer.status, await answer.json()]).toEqual([200, { message: "pong" }]);
    expect(await outcomes(c, id)).toEqual([]);
  });

  it("that falls into a pause is accepted, and counted", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    await c.act("sam", (caller) => pauseWorkflow(caller, { id }, null));
    for (const each of ["a", "b"]) await post(`${base}${path}`, secret, { id: each });
    await inbox.settled();
    expect(await outcomes(c, id)).toEqual(["skipped ×2"]);
  });
});

describe("a webhook that is not accepted", () => {
  it.each<[string, number, (secret: string) => Sent]>([
    ["forged", 401, () => ({ secret: `whsec_${randomBytes(32).toString("base64")}` })],
    ["signed for another body", 401, (secret) => ({ body: "{}", headers: standard(secret, { body: "{ }" }) })],
    [
      "signed for another id",
      401,
      (secret) => ({ headers: { ...standard(secret, { body: '{"ref":"main"}' }), "webhook-id": "x" } }),
    ],
    ["without an id", 401, () => ({ headers: { "webhook-id": "" } })],
    ["nested without end", 400, () => ({ body: `${"[".repeat(50_000)}${"]".repeat(50_000)}` })],
    ["not the JSON it says", 400, () => ({ body: "{not json" })],
    ["not UTF-8", 400, () => ({ body: Buffer.from([0x22, 0xff, 0x22]) })],
    ["of a type nobody reads", 415, () => ({ type: "image/png" })],
    ["without a type", 415, () => ({ type: "" })],
    ["too long", 413, () => ({ body: JSON.stringify("x".repeat(256 * 1024)) })],
  ])("%s", async (_what, status, sent) => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    const answer = await post(`${base}${path}`, secret, sent(secret));
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain(secret);
    expect(await outcomes(c, id)).toEqual([]);
    expect(await c.sql`select 1 from inbound_events`).toHaveLength(0);
  });

  it("stale or ahead of time, by more than five minutes", async () => {
    const base = await listen();
    const { path, secret } = await waiting();
    const statuses: number[] = [];
    for (const off of [-301_000, 301_000, -290_000, 290_000]) {
      statuses.push((await post(`${base}${path}`, secret, { id: `m${off}`, at: c.clock.now() + off })).status);
    }
    expect(statuses).toEqual([401, 401, 202, 202]);
  });

  it("unsigned, or signed by GitHub with another secret", async () => {
    const base = await listen();
    const { path } = await waiting();
    const headers = { "content-type": "application/json" };
    const unsigned = await fetch(`${base}${path}`, { method: "POST", headers, body: "{}" });
    const wrong = await fetch(`${base}${path}`, {
      method: "POST",
      headers: { ...headers, ...github("other", "{}") },
      body: "{}",
    });
    expect([unsigned.status, wrong.status]).toEqual([401, 401]);
  });

  it("by another method, or to an endpoint of nobody, which is not told apart from one that is gone", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    const methods = await Promise.all(["GET", "PUT", "DELETE"].map((method) => fetch(`${base}${path}`, { method })));
    expect(methods.map(({ status, headers }) => [status, headers.get("allow")])).toEqual(Array(3).fill([405, "POST"]));
    const nobody = await post(`${base}/hooks/${randomBytes(24).toString("base64url")}`, secret);
    const strange = await post(`${base}/hooks/..%2f..%2fetc`, secret);
    await c.act("sam", (caller) => deleteWorkflow(caller, { id }));
    const gone = await post(`${base}${path}`, secret);
    expect([nobody.status, strange.status, gone.status]).toEqual([404, 404, 404]);
    expect(await gone.text()).toBe(await nobody.text());
  });

  it("more often than once a second, for a minute", async () => {
    const base = await listen();
    const { path, secret } = await waiting();
    const statuses: number[] = [];
    for (let n = 0; n < PER_MINUTE + 2; n++)
      statuses.push((await post(`${base}${path}`, secret, { id: `m${n}` })).status);
    expect(statuses.slice(-3)).toEqual([202, 429, 429]);
    const again = await post(`${base}${path}`, secret, { id: "later" });
    expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(0);
    c.clock.pass(60_000);
    expect((await post(`${base}${path}`, secret, { id: "later" })).status).toBe(202);
  });

  it("while the database is away: it is told to try again, and is then taken once", async () => {
    const { id, path, secret } = await waiting();
    const state = { away: true };
    const flaky: WebhookInbox = {
      find: (endpoint) => hooks.find(endpoint),
      receive: (webhook, delivery) =>
        state.away ? Promise.resolve({ kind: "not_recorded" }) : hooks.receive(webhook, delivery),
    };
    const unreachable: WebhookInbox = { ...flaky, find: () => Promise.reject(new Error("connection refused")) };
    const answers = [
      await post(`${await listen(unreachable)}${path}`, secret),
      await post(`${await listen(flaky)}${path}`, secret),
    ];
    expect(answers.map(({ status, headers }) => [status, headers.get("retry-after")])).toEqual(
      Array(2).fill([503, "30"]),
    );
    state.away = false;
    expect((await post(`${await listen(flaky)}${path}`, secret)).status).toBe(202);
    await inbox.settled();
    expect(await runsOf(c, id)).toHaveLength(1);
  });

  it("too slowly: the connection is ended", async () => {
    const base = await listen(hooks, 300);
    const { path } = await waiting();
    const { port } = new URL(base);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = dial(Number(port), "127.0.0.1");
      let heard = "";
      socket.on("data", (data) => {
        heard += data.toString();
      });
      socket.on("close", () => resolve(heard));
      socket.on("error", reject);
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408|^$/);
  });

  it("in chunks, past the limit, without a length", async () => {
    const base = await listen();
    const { path, secret } = await waiting();
    const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
    const body = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 5; n++) controller.enqueue(chunk);
        controller.close();
      },
    });
    const answer = await fetch(`${base}${path}`, {
      method: "POST",
      headers: { "content-type": "text/plain", ...standard(secret, {}) },
      body,
      duplex: "half",
    } as RequestInit);
    expect(answer.status).toBe(413);
  });
});

describe("the secret", () => {
  it("is stored sealed, told to its owner alone, and shown until they have saved it", async () => {
    const { id, secret } = await waiting();
    const dump = JSON.stringify([
      await c.sql`select * from deliveries`,
      await c.sql`select encode(sealed, 'base64') from webhooks`,
      await c.sql`select * from audit_events`,
    ]);
    expect(dump).not.toContain(secret.replace("whsec_", ""));
    const rows = await c.sql`select private_to from deliveries where notice->>'kind' = 'webhookSecret'`;
    expect(rows).toEqual([{ private_to: `${WORKSPACE}:sam` }]);
    await c.act("sam", (caller) => hideSecret(caller, { id }));
    await expect(told()).rejects.toThrow("no secret is shown");
  });

  it("is taken back after a while by itself", async () => {
    await waiting();
    await hideOldSecrets(c.deps);
    expect((await told()).secret).toMatch(/^whsec_/);
    c.clock.pass(SHOWN_MS);
    await hideOldSecrets(c.deps);
    await expect(told()).rejects.toThrow("no secret is shown");
  });

  it("that was rotated is worth nothing any more, at the same URL", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    await expect(c.act("vic", (caller) => rotateWebhook(caller, { id }))).rejects.toThrow("Only the owner");
    await c.act("sam", (caller) => rotateWebhook(caller, { id }));
    const now = await told();
    expect(now.path).toBe(path);
    expect((await post(`${base}${path}`, secret, { id: "old" })).status).toBe(401);
    expect((await post(`${base}${path}`, now.secret, { id: "new" })).status).toBe(202);
  });

  it("that another key sealed is told once in the thread, with what to type, and after that is whole again", async () => {
    const { id, path, secret } = await waiting();
    const key = secretKey(randomBytes(32).toString("base64"));
    const moved: WebhookSetup = { ...SETUP, key };
    const one = await listen(createWebhookInbox({ ...c.deps, inbox, webhooks: moved }));
    const two = await listen(createWebhookInbox({ ...c.deps, inbox, webhooks: moved }));
    const answers = await Promise.all([one, two, one].map((base) => post(`${base}${path}`, secret)));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    const words = async () => (await c.notice("webhookSealed")).map((notice) => cardText(noticeCard(notice)));
    expect(await words()).toHaveLength(1);
    expect((await words())[0]).toMatch(
      /look-at-it cannot take its webhooks: .*CLAW_SECRET_KEY.*\/claw rotate look-at-it/s,
    );
    expect(await c.sql`select from audit_events where action = 'workflow.webhook_sealed'`).toHaveLength(1);
    expect(await runsOf(c, id)).toEqual([]);
    await c.act("sam", (caller) =>
      rotateWebhook({ ...caller, deps: { ...caller.deps, webhooks: moved } } as typeof caller, { id }),
    );
    expect((await words())[0]).toMatch(/look-at-it has a new webhook secret since/);
  });

  it("dies with the trigger: the URL is gone when the workflow waits for something else", async () => {
    const base = await listen();
    const { id, path, secret } = await waiting();
    const schedule = {
      kind: "interval",
      everySeconds: 60,
      anchor: "2026-05-04T00:00:00Z",
      zone: "UTC",
      until: null,
    } as const;
    await c.act("sam", (caller) =>
      editWorkflow(caller, { id }, { trigger: { kind: "schedule", schedule, words: "every minute" } }),
    );
    expect((await post(`${base}${path}`, secret)).status).toBe(404);
    expect((await c.defined(id)).workflow.nextSlotAt).not.toBeNull();
  });
});

it("nobody can wait for webhooks where they are off, and the preview says what to set", async () => {
  const off = await engineCase();
  try {
    await expect(created(off, { kind: "webhook" })).rejects.toThrow(/CLAW_WEBHOOKS_PORT.*CLAW_SECRET_KEY/);
  } finally {
    await off.close();
  }
});
