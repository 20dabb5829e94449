/** What people do reaches Claw once, with its answer, or is said not to have been recorded. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../../src/orchestrator/db/client.ts";
import { ClawError } from "../../../src/orchestrator/errors.ts";
import { createInbox, type InboundHandler, type InboxService } from "../../../src/orchestrator/inbox/service.ts";
import type { ChatPlatform, InboundBody, InboundEvent, Introduction } from "../../../src/orchestrator/ports.ts";
import { setZone } from "../../../src/orchestrator/workflows/service.ts";
import { startPgProxy } from "../../support/pg-proxy.ts";
import { scriptedPlatform } from "../delivery/scripted-platform.ts";
import { CHANNEL, type EngineCase, engineCase, gate, memberId, WORKSPACE } from "../engine-case.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(async () => {
  await c.close();
});

const event = (key: string, body: InboundBody = { kind: "command", text: "status" }, more = {}): InboundEvent => ({
  workspaceId: WORKSPACE,
  platform: "console",
  key,
  actor: { memberId: memberId("sam"), name: "sam" },
  channelId: CHANNEL,
  threadId: null,
  at: c.clock.now(),
  body,
  ...more,
});

/** An inbox whose handler does as told; `handled` is what it was given. */
function inboxWith(
  handle: InboundHandler["handle"],
  deps = c.deps,
  introduce: ChatPlatform["introduce"] = async () => null,
): InboxService & { handled: string[] } {
  const handled: string[] = [];
  const inbox = createInbox({
    ...deps,
    urgent: deps.db,
    platforms: new Map([["console", { ...scriptedPlatform(), introduce }]]),
    reach: new Map(),
    handler: {
      async handle(caller) {
        handled.push(caller.event.key);
        return handle(caller);
      },
      explain: (error) => ({ title: `${error.code}: ${error.message}` }),
    },
  });
  return Object.assign(inbox, { handled });
}
const answer = async () => [{ card: { title: "done" }, key: null }];
const replies = async () => (await c.notice("reply")).map(({ card }) => (card as { title: string }).title);
const rows = () => c.sql`select key, status, attempts, failure from inbound_events order by received_at, id`;

describe("an event", () => {
  it("is stored, handled and answered once, however often it is delivered", async () => {
    const inbox = inboxWith(answer);
    const answers = await Promise.all([1, 2, 3].map(() => inbox.receive(event("e1"))));
    await inbox.settled();
    expect(answers.sort()).toEqual(["duplicate", "duplicate", "stored"]);
    expect(await inbox.receive(event("e1"))).toBe("duplicate");
    await inbox.settled();
    await inbox.sweep(0);
    expect(inbox.handled).toEqual(["e1"]);
    expect(await replies()).toEqual(["done"]);
  });

  it("is handled once by two processes that find it at the same time", async () => {
    const crashed = inboxWith(() => new Promise(() => {}));
    void crashed.receive(event("e1"));
    await expect.poll(() => crashed.handled).toEqual(["e1"]);
    await c.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`;
    const [one, two] = [inboxWith(answer), inboxWith(answer)];
    await Promise.all([one.sweep(0), two.sweep(0)]);
    expect([...one.handled, ...two.handled]).toEqual(["e1"]);
    expect(await replies()).toEqual(["done"]);
  });

  it("that is being handled is left alone by the sweep", async () => {
    const slow = gate();
    const inbox = inboxWith(async () => {
      await slow.opened;
      return answer();
    });
    await inbox.receive(event("e1"));
    await expect.poll(() => inbox.handled).toEqual(["e1"]);
    await inboxWith(answer).sweep(0);
    slow.open();
    await inbox.settled();
    expect(await rows()).toMatchObject([{ status: "handled", attempts: 0 }]);
    expect(await replies()).toEqual(["done"]);
  });

  it("keeps odd text: NUL and halves of characters do not keep it from being stored", async () => {
    const inbox = inboxWith(answer);
    expect(await inbox.receive(event("e1", { kind: "command", text: "a\u0000b \ud83d" }))).toBe("stored");
    await inbox.settled();
    expect(await replies()).toEqual(["done"]);
  });
});

describe("a command whose answer stands already, unchanged", () => {
  it("is answered again where it was asked; a press, whose card stands before it, is not", async () => {
    const inbox = inboxWith(async () => [{ card: { title: "the same" }, key: "card:1" }]);
    await inbox.receive(event("e1", undefined, { replyToken: "first" }));
    await inbox.settled();
    await inbox.receive(event("e2", undefined, { replyToken: "second" }));
    await inbox.settled();
    const press = { kind: "action", action: "a.b", value: "v", text: null, messageId: null } as const;
    await inbox.receive(event("e3", press, { replyToken: "third" }));
    await inbox.settled();
    expect(await c.sql`select key, reply_token as token, version from deliveries order by created_at, key`).toEqual([
      { key: "card:1", token: "first", version: 1 },
      { key: "reply:e2:0", token: "second", version: 1 },
    ]);
  });
});

describe("an effect and its answer", () => {
  it("are one transaction: what a handler began before it failed is undone, and nothing is said", async () => {
    const state = { fails: true };
    const inbox = inboxWith(async (caller) => {
      await setZone(caller, "Asia/Tokyo");
      if (state.fails) throw new TypeError("oops");
      return answer();
    });
    await inbox.receive(event("e1"));
    await inbox.settled();
    const zone = async () => (await c.sql`select timezone from members where id = ${memberId("sam")}`)[0]?.timezone;
    expect(await zone()).toBeNull();
    expect(await replies()).toEqual([]);
    state.fails = false;
    await inbox.sweep(0);
    expect(await zone()).toBe("Asia/Tokyo");
    expect(await replies()).toEqual(["done"]);
  });

  it("that a person cannot have are explained, and undone", async () => {
    const inbox = inboxWith(async (caller) => {
      await setZone(caller, "Asia/Tokyo");
      throw new ClawError("forbidden", "Not yours.");
    });
    await inbox.receive(event("e1"));
    await inbox.settled();
    expect(await replies()).toEqual(["forbidden: Not yours."]);
    expect((await c.sql`select timezone from members where id = ${memberId("sam")}`)[0]?.timezone).toBeNull();
    expect(await rows()).toMatchObject([{ status: "handled" }]);
  });

  it("that fail every time are given up, and the person hears that nothing was done", async () => {
    const inbox = inboxWith(() => Promise.reject(new TypeError("oops")));
    await inbox.receive(event("e1"));
    await inbox.settled();
    for (let n = 0; n < 9; n++) await inbox.sweep(0);
    expect(inbox.handled).toHaveLength(6);
    expect(await rows()).toMatchObject([{ status: "failed", failure: { code: "bug" } }]);
    expect(await replies()).toEqual([expect.stringMatching(/^bug: Nothing was done/)]);
  });

  it("that kill their process do not do so for ever", async () => {
    await c.sql`insert into inbound_events (id, workspace_id, platform, key, status, event, received_at, attempts)
      values (gen_random_uuid(), ${WORKSPACE}, 'console', 'e1', 'received', ${JSON.stringify(event("e1"))}::text::jsonb, now() - interval '1 day', 5)`;
    await c.sql`update inbound_events set received_at = '2026-01-01'`;
    const inbox = inboxWith(answer);
    await inbox.sweep(0);
    expect(inbox.handled).toEqual([]);
    expect(await rows()).toMatchObject([{ status: "failed" }]);
  });
});

describe("who acts", () => {
  const zoe = { actor: { memberId: `${WORKSPACE}:zoe`, name: "Zoe" } };
  const known = (parts: Partial<Introduction> = {}): Introduction => ({
    name: "Zoe",
    timezone: "Europe/Paris",
    role: "member",
    standing: "member",
    ...parts,
  });
  /** What the platform says of Zoe each time she does something, and what she is told. */
  const answers = async (...said: (Introduction | null)[]): Promise<unknown[]> => {
    const next = [...said];
    const inbox = inboxWith(
      async ({ actor, zone }) => [{ card: { title: `${actor.name} ${actor.role} ${zone}` }, key: null }],
      c.deps,
      async () => next.shift() ?? null,
    );
    for (const index of said.keys()) {
      await inbox.receive(event(`e${index}`, undefined, zoe));
      await inbox.settled();
    }
    return replies();
  };

  it("is who the platform says, each time anew, and who they were when it cannot say", async () => {
    const said = await answers(known(), known({ name: "Zoe B.", role: "approver" }), null);
    expect(said).toEqual([
      "Zoe member Europe/Paris",
      "Zoe B. approver Europe/Paris",
      expect.stringMatching(/^Zoe B. approver /),
    ]);
  });

  it("is nobody when the platform cannot say and they were never seen: nothing is done", async () => {
    expect(await answers(null)).toEqual([expect.stringMatching(/cannot look up who you are/)]);
    expect(await c.sql`select id from members where name = 'Zoe'`).toEqual([]);
  });

  it("is never more than a viewer from another organisation", async () => {
    expect(await answers(known({ role: "admin", standing: "outsider" }))).toEqual(["Zoe viewer Europe/Paris"]);
  });

  it("does nothing once they left, and is back when the platform says so", async () => {
    expect(await answers(known(), known({ standing: "gone" }), null, known())).toEqual([
      "Zoe member Europe/Paris",
      expect.stringMatching(/no longer a member/),
      expect.stringMatching(/cannot look up/),
      "Zoe member Europe/Paris",
    ]);
  });

  it("may leave without doing anything", async () => {
    const inbox = inboxWith(answer, c.deps, async () => known());
    await inbox.receive(event("e1", undefined, zoe));
    await inbox.settled();
    const gone = { kind: "introduction", introduction: known({ standing: "gone" }) } as const;
    await inbox.receive(event("e2", gone, zoe));
    await inbox.settled();
    expect(inbox.handled).toEqual(["e1"]);
    expect(await replies()).toEqual(["done"]);
    expect((await c.sql`select left_at from members where name = 'Zoe'`)[0]?.left_at).not.toBeNull();
  });

  it("writing in a workflow's thread adds to its context and gets no answer; elsewhere it is none of our business", async () => {
    const workflow = await c.workflow();
    const inbox = inboxWith(answer);
    const message = (id: string): InboundBody => ({ kind: "message", text: `said ${id}`, messageId: id });
    await inbox.receive(event("e1", message("m1"), { threadId: `${CHANNEL}:root-${workflow}` }));
    await inbox.receive(event("e2", message("m2"), { threadId: `${CHANNEL}:other` }));
    await inbox.settled();
    expect((await c.sql`select text from thread_messages`).map(({ text }) => text)).toEqual(["said m1"]);
    expect(inbox.handled).toEqual([]);
    expect(await replies()).toEqual([]);
  });
});

describe("a database that hangs", () => {
  it("is not waited for: the platform is told, and a click that arrives late is not done behind the person's back", async () => {
    const target = new URL(c.url);
    const proxy = await startPgProxy({ target: { host: target.hostname, port: Number(target.port) } });
    const client = connect(proxy.through(c.url), { max: 4, applicationName: "claw-test" });
    try {
      const inbox = inboxWith(answer, { ...c.deps, db: client.db });
      expect(await inbox.receive(event("e0"))).toBe("stored");
      await inbox.settled();
      proxy.pause();
      const told = await Promise.all([
        inbox.receive(event("click", { kind: "action", action: "x", value: "", text: null, messageId: null })),
        inbox.receive(event("said", { kind: "message", text: "hello", messageId: "m1" })),
      ]);
      expect(told).toEqual(["not_recorded", "not_recorded"]);
      proxy.resume();
      await expect.poll(async () => (await rows()).length).toBe(3);
      await expect.poll(async () => (await rows()).find(({ key }) => key === "click")?.status).toBe("failed");
      await inbox.sweep(0);
      expect(inbox.handled).toEqual(["e0"]);
      expect((await rows()).find(({ key }) => key === "said")?.status).toBe("handled");
    } finally {
      await client.close();
      await proxy.close();
    }
  });
});
