import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { workspaceIdOf } from "../../../src/bot/discord/places.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { InboundEvent } from "../../../src/orchestrator/ports.ts";
import { type AdapterCase, adapterCase, signal } from "./discord-case.ts";

const question: Notice = {
  kind: "reply",
  card: card({
    title: "May I close issue 77?",
    state: "asks",
    facts: [{ label: "exactly", value: "github_close_issue", code: true }],
    buttons: [
      { label: "Approve", action: "approval.approve", value: "a-77", style: "primary" },
      {
        label: "Deny",
        action: "approval.deny",
        value: "a-77",
        style: "danger",
        input: { label: "Reason", initial: "", required: false },
      },
    ],
  }),
};

describe("what people do in Discord", () => {
  let c: AdapterCase;
  beforeEach(async () => {
    c = await adapterCase({
      choices: async (_workspaceId, _memberId, typed) => [
        { line: `${typed} open-prs`, hint: "next Tue 24 Nov 2026 at 09:00" },
        { line: "x".repeat(101), hint: "" },
      ],
    });
  });
  afterEach(() => c.close());

  const ephemeral = () => c.ada.sees(c.eng).filter((each) => each.ephemeral);
  const shown = async () => {
    await c.platform.post(c.target(c.eng), question, "d1", signal);
    const [seen] = c.ada.sees(c.eng);
    if (!seen) throw new Error("nothing is there");
    return seen;
  };

  test("a command that could not be recorded is told so, alone to who typed it", async () => {
    c.inbox.records = false;
    const typed = await c.ada.types("/claw status", { channel: c.eng });
    expect(typed).toMatchObject({ acked: true, answer: 4 });
    expect(ephemeral().map(({ words }) => words)).toEqual(["Not recorded, try again."]);
    expect(c.lin.sees(c.eng)).toEqual([]);
  });

  test("a mention that could not be recorded is told so below it", async () => {
    c.inbox.records = false;
    c.ada.says("@claw status", { channel: c.eng });
    await c.discord.until("the answer", () => c.ada.sees(c.eng).some(({ words }) => /Not recorded/.test(words)));
  });

  test("a message in a thread that could not be stored is stored as soon as that is possible", async () => {
    const root = await shown();
    c.discord.guild.thread(c.ada, "talk", c.eng, root);
    c.inbox.records = false;
    c.ada.says("leave #77 open", { channel: c.eng, thread: root });
    await expect.poll(() => c.inbox.answers).toContain("not_recorded");
    c.inbox.records = true;
    await expect
      .poll(() => c.inbox.heard.map(({ body }) => body))
      .toMatchObject([{ kind: "message", text: "leave #77 open" }]);
  });

  test("what is written in a channel and not to Claw stays out; a mention reaches it without its name", async () => {
    c.lin.says("nothing for claw", { channel: c.eng });
    c.ada.says("@claw, pause open-prs", { channel: c.eng });
    await expect.poll(() => c.inbox.heard.length).toBe(1);
    expect(c.inbox.heard[0]).toMatchObject({ threadId: null, body: { kind: "command", text: "pause open-prs" } });
    expect(c.inbox.heard[0]?.replyToken).toBeUndefined();
  });

  test("a message in a channel and a reaction are told to whatever waits for them, and a message can be read again", async () => {
    const told: InboundEvent[] = [];
    const receive = c.inbox.receive.bind(c.inbox);
    c.inbox.receive = (event) => {
      told.push(event);
      return receive(event);
    };
    const said = c.lin.says("the deploy failed", { channel: c.eng });
    c.ada.reacts("🔥", said);
    const messageId = `${c.eng.id}:${said.id}`;
    await expect
      .poll(() => told.map(({ body }) => body))
      .toEqual(
        expect.arrayContaining([
          { kind: "channelMessage", text: "the deploy failed", messageId, byBot: false },
          { kind: "reaction", emoji: "🔥", messageId, byBot: false },
        ]),
      );
    expect(told.find(({ body }) => body.kind === "reaction")).toMatchObject({
      actor: { memberId: `${c.workspaceId}:${c.ada.id}` },
    });
    expect(await c.platform.readMessage?.(c.target(c.eng).channelId, messageId, c.workspaceId)).toBe(
      "the deploy failed",
    );
  });

  test("a conversation with Claw is about the one server that they share", async () => {
    c.ada.says("status", { channel: c.ada.dm });
    await expect.poll(() => c.inbox.heard.length).toBe(1);
    expect(c.inbox.heard[0]).toMatchObject({
      workspaceId: c.workspaceId,
      channelId: `${c.workspaceId}:@${c.ada.id}`,
      threadId: null,
      body: { kind: "command", text: "status" },
    });
    const typed = await c.ada.types("/claw list", { channel: c.ada.dm });
    expect(typed.acked).toBe(true);
    expect(c.inbox.heard[1]).toMatchObject({ workspaceId: c.workspaceId, body: { kind: "command", text: "list" } });
    const answered = await c.platform.post(
      {
        ...c.target(c.eng),
        channelId: c.inbox.heard[0]?.channelId ?? "",
        privateTo: c.inbox.heard[0]?.actor.memberId ?? "",
      },
      question,
      "d9",
      signal,
    );
    expect(answered.kind).toBe("posted");
    expect(c.ada.sees(c.ada.dm).some(({ words }) => words.includes("May I close"))).toBe(true);
  });

  test("who shares several servers is asked which, and a card there still knows where it belongs", async () => {
    const other = c.discord.addGuild("Other");
    other.join(c.ada);
    await expect
      .poll(async () => {
        await c.ada.types("/claw status", { channel: c.ada.dm });
        return c.ada.sees(c.ada.dm).at(-1)?.words ?? "";
      })
      .toMatch(/several servers.*Acme.*Other|several servers.*Other.*Acme/);
    c.inbox.heard.length = 0;
    const to = { ...c.target(c.eng), channelId: `${c.workspaceId}:@${c.ada.id}` };
    await c.platform.post(to, question, "d2", signal);
    const seen = c.ada.sees(c.ada.dm).find(({ buttons }) => buttons.includes("Approve"));
    if (!seen) throw new Error("no card");
    await c.ada.presses("Approve", seen);
    expect(c.inbox.heard[0]).toMatchObject({ workspaceId: c.workspaceId, body: { action: "approval.approve" } });
  });

  test("who shares no server with Claw is told so", async () => {
    c.discord.guild.kick(c.lin);
    await expect
      .poll(async () => {
        await c.lin.types("/claw status", { channel: c.lin.dm });
        return c.lin.sees(c.lin.dm).at(-1)?.words ?? "";
      })
      .toMatch(/share no server/);
    expect(c.inbox.heard.filter(({ body }) => body.kind === "command")).toEqual([]);
  });

  test("each server is a workspace of its own", async () => {
    const other = c.discord.addGuild("Other");
    const bob = other.person("bob");
    const theirs = other.channel("theirs");
    await bob.types("/claw status", { channel: theirs });
    expect(c.inbox.heard[0]).toMatchObject({ workspaceId: workspaceIdOf(other.id) });
    expect(await c.platform.introduce(`${c.workspaceId}:${bob.id}`, c.workspaceId)).toMatchObject({ standing: "gone" });
  });

  test("what is half typed is completed, with hints, and never with more than Discord carries", async () => {
    expect(await c.ada.completes("/claw inspect", { channel: c.eng })).toEqual([
      { name: "inspect open-prs · next Tue 24 Nov 2026 at 09:00", value: "inspect open-prs" },
    ]);
  });

  test("a message can be asked about, with what it says", async () => {
    const said = c.lin.says("the deploy failed again", { channel: c.eng });
    await c.ada.uses("Ask Claw about this", said);
    const form = await c.discord.until("the form", () => c.ada.modal);
    await c.ada.submits(form, { "What shall I do?": "why is that?" });
    expect(c.inbox.heard[0]?.body).toEqual({ kind: "command", text: 'now why is that?: "the deploy failed again"' });
  });

  test("the form of a denial says what is denied, and the reason goes with the press", async () => {
    const seen = await shown();
    await c.lin.presses("Deny…", seen);
    const form = await c.discord.until("the form", () => c.lin.modal);
    expect(form).toMatchObject({ title: "Deny", words: expect.stringContaining("May I close issue 77?") });
    await c.lin.submits(form, { Reason: "not on a Sunday" });
    expect(c.inbox.heard[0]?.body).toMatchObject({ action: "approval.deny", value: "a-77", text: "not on a Sunday" });
  });

  test("a press on what is not there any more is answered", async () => {
    const seen = await shown();
    const decided: Notice = { kind: "reply", card: card({ title: "Approved by lin", state: "done" }) };
    const messageId = `${c.eng.id}:${seen.id}`;
    await c.platform.edit(c.target(c.eng), messageId, decided, "d1", signal);
    // Whether it still counts is for the one who keeps the approval to say.
    expect((await c.ada.presses("Approve", seen, { stale: true })).acked).toBe(true);
    expect(c.inbox.heard[0]?.body).toMatchObject({ action: "approval.approve" });
    const late = await c.ada.presses("Deny…", seen, { stale: true });
    expect(late).toMatchObject({ acked: true, answer: 4 });
    expect(ephemeral().at(-1)?.words).toMatch(/no longer up to date/);
  });

  test("an acknowledgement that did not arrive is sent again, and one that came too late leads the answer elsewhere", async () => {
    const callback = "POST /interactions/{interaction_id}/{interaction_token}/callback";
    c.discord.faults.add({ route: callback, fault: { kind: "reset", when: "before" } });
    expect((await c.ada.types("/claw list", { channel: c.eng })).acked).toBe(true);
    c.discord.faults.add({
      route: callback,
      fault: { kind: "error", status: 404, code: 10_062, message: "Unknown interaction" },
    });
    const late = c.ada.types("/claw status", { channel: c.eng });
    await expect.poll(() => c.inbox.heard.length).toBe(2);
    const event = c.inbox.heard[1];
    const to = c.target(c.eng, { privateTo: event?.actor.memberId ?? "", replyToken: event?.replyToken ?? "" });
    expect((await c.platform.post(to, question, "d1", signal)).kind).toBe("posted");
    expect(c.ada.sees(c.ada.dm).map(({ words }) => words)).toEqual([expect.stringContaining("May I close")]);
    expect((await late).acked).toBe(false);
  });

  test("roles of the server give roles, and its managers are admins", async () => {
    const { guild } = c.discord;
    const who = async (id: string) => (await c.platform.introduce(`${c.workspaceId}:${id}`, c.workspaceId))?.role;
    expect(await who(c.ada.id)).toBe("member");
    expect(await who(guild.owner.id)).toBe("admin");
    const boss = guild.person("boss", { roles: [guild.role("managers", { permissions: ["MANAGE_GUILD"] })] });
    expect(await who(boss.id)).toBe("admin");
  });
});

test("who waits longer than usual is told so, in the place of thinking…, and the answer still comes there", async () => {
  const c = await adapterCase({ patienceMs: 100 });
  const loading = () => c.ada.sees(c.eng).filter((each) => each.loading);
  const words = () => c.ada.sees(c.eng).map((each) => each.words);
  const callback = "POST /webhooks/{webhook_id}/{webhook_token}";
  c.discord.faults.add({ route: callback, fault: { kind: "status", status: 500 } });
  expect(await c.ada.types("/claw status", { channel: c.eng })).toMatchObject({ acked: true, answer: 5 });
  expect(loading()).toHaveLength(1);
  await expect.poll(loading).toEqual([]);
  expect(words()).toEqual([expect.stringMatching(/takes longer than usual/)]);
  const event = c.inbox.heard[0];
  const to = c.target(c.eng, { privateTo: event?.actor.memberId ?? "", replyToken: event?.replyToken ?? "" });
  expect((await c.platform.post(to, question, "d1", signal)).kind).toBe("posted");
  expect(words()).toEqual([expect.stringMatching(/May I close issue 77/)]);
  await c.close();
}, 30_000);

test("who was answered in time hears nothing more, and what cannot be recorded for whatever reason is told so", async () => {
  const c = await adapterCase({ patienceMs: 300 });
  await c.ada.types("/claw status", { channel: c.eng });
  const event = c.inbox.heard[0];
  const to = c.target(c.eng, { privateTo: event?.actor.memberId ?? "", replyToken: event?.replyToken ?? "" });
  await c.platform.post(to, question, "d1", signal);
  // Asked later, so told later.
  await c.lin.types("/claw status", { channel: c.eng });
  await expect.poll(() => c.lin.sees(c.eng).at(-1)?.words).toMatch(/takes longer/);
  expect(c.ada.sees(c.eng).map((each) => each.words)).toEqual([expect.stringMatching(/May I close issue 77/)]);
  c.inbox.receive = async () => {
    throw new Error("the database is gone");
  };
  expect(await c.ada.types("/claw list", { channel: c.eng })).toMatchObject({ acked: true, answer: 4 });
  expect(c.ada.sees(c.eng).at(-1)?.words).toBe("Not recorded, try again.");
  await c.close();
}, 30_000);

test("roles are named in the configuration by name or id; the highest counts", async () => {
  const c = await adapterCase({ roles: { approver: ["@leads"], viewer: ["@guests"] } });
  const { guild } = c.discord;
  const leads = guild.role("leads");
  const guests = guild.role("guests");
  const who = async (id: string) => (await c.platform.introduce(`${c.workspaceId}:${id}`, c.workspaceId))?.role;
  const both = guild.person("both", { roles: [leads, guests] });
  await expect.poll(() => who(both.id)).toBe("approver");
  const { groups } = (await c.platform.introduce(`${c.workspaceId}:${both.id}`, c.workspaceId)) ?? {};
  expect(groups?.toSorted()).toEqual([leads.id, guests.id, "@leads", "@guests"].toSorted());
  expect(await who(c.lin.id)).toBe("member");
  guild.give(c.lin, leads);
  // Whoever acts shows their roles, whatever was known of them.
  await c.lin.types("/claw status", { channel: c.eng });
  expect(await who(c.lin.id)).toBe("approver");
  await c.close();
}, 30_000);

test("who leaves the server is gone, as soon as Discord says it", async () => {
  const c = await adapterCase({}, { privileged: ["MESSAGE_CONTENT", "GUILD_MEMBERS"] });
  c.discord.guild.kick(c.lin);
  await expect
    .poll(() => c.inbox.heard.map(({ body }) => body))
    .toMatchObject([{ kind: "introduction", introduction: { standing: "gone" } }]);
  expect(await c.platform.introduce(`${c.workspaceId}:${c.lin.id}`, c.workspaceId)).toMatchObject({ standing: "gone" });
  await c.close();
});
