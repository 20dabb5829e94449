/**
 * What every ChatPlatform does. A platform's own test calls {@link describeChatPlatform} with a harness that shows what
 * people see there and acts as they do, over the platform's own protocol.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Card, card } from "../../src/bot/cards/card.ts";
import type { Notice } from "../../src/orchestrator/events.ts";
import type { ChannelQuery, PlatformName, PostTarget } from "../../src/orchestrator/ports.ts";
import type { ContractHarness, Person } from "./chat-harness.ts";
import { RecordingInbox } from "./recording-inbox.ts";

const told = (parts: Partial<Card> & { readonly title: string }): Notice => ({ kind: "reply", card: card(parts) });

const question = told({
  title: "May I close issue 77?",
  state: "asks",
  buttons: [
    { label: "Approve", action: "approval.approve", value: "a-77", style: "primary" },
    {
      label: "Deny",
      action: "approval.deny",
      value: "a-77",
      style: "danger",
      input: { label: "Why?", initial: "", required: false },
    },
  ],
});

/** @param variant how it is reached, when there are several ways */
export function describeChatPlatform(name: PlatformName, setup: () => Promise<ContractHarness>, variant = ""): void {
  describe(`the ${name} platform ${variant}`.trim(), () => {
    let h: ContractHarness;
    let inbox: RecordingInbox;
    const signal = AbortSignal.timeout(600_000);

    beforeEach(async () => {
      h = await setup();
      inbox = new RecordingInbox();
      await h.platform.start(inbox);
    });
    afterEach(async () => {
      await h.platform.stop();
      await h.close();
    });

    const target = (parts: Partial<PostTarget> = {}): PostTarget => ({
      workspaceId: h.workspaceId,
      channelId: h.channelId,
      threadId: null,
      privateTo: null,
      replyToken: null,
      ...parts,
    });
    const post = async (to: PostTarget, notice: Notice, key: string) => {
      const outcome = await h.platform.post(to, notice, key, signal);
      if (outcome.kind !== "posted") throw new Error(`not posted but ${JSON.stringify(outcome)}`);
      return outcome;
    };
    const wordsSeen = async (person: Person, threadId: string | null = null, channelId = h.channelId) =>
      (await h.see(person, channelId, threadId)).map((seen) => seen.words);

    test("has its name", () => expect(h.platform.name).toBe(name));

    test("a posted message is seen and found by its key", async () => {
      const posted = await post(target(), told({ title: "14 open PRs", text: "3 need you." }), "d-1");
      const [seen] = await h.see(h.people[0], h.channelId, null);
      expect(seen?.messageId).toBe(posted.messageId);
      expect(seen?.words).toContain("14 open PRs");
      expect(seen?.words).toContain("3 need you.");
      expect(await h.platform.find(target(), "d-1", signal)).toEqual({ ...posted, kind: "found" });
    });

    test("what was never posted is absent", async () => {
      await post(target(), told({ title: "another" }), "d-1");
      expect(await h.platform.find(target(), "d-2", signal)).toEqual({ kind: "absent" });
    });

    test("the same key twice is one message", async () => {
      const notice = told({ title: "only once" });
      const first = await post(target(), notice, "d-1");
      expect(await post(target(), notice, "d-1")).toEqual(first);
      const both = await Promise.all([post(target(), notice, "d-2"), post(target(), notice, "d-2")]);
      expect(both[0]).toEqual(both[1]);
      expect(await h.see(h.people[0], h.channelId, null)).toHaveLength(2);
    });

    test("messages stand in the order they were posted in", async () => {
      for (const title of ["one", "two", "three"]) await post(target(), told({ title }), `d-${title}`);
      const words = await wordsSeen(h.people[0]);
      expect(words.map((w) => ["one", "two", "three"].find((t) => w.includes(t)))).toEqual(["one", "two", "three"]);
    });

    test("an edit changes what people see, in place", async () => {
      const first = await post(target(), question, "d-1");
      await post(target(), told({ title: "after it" }), "d-2");
      const decided = told({ title: "Approved by Lin", state: "done" });
      for (const _ of [1, 2]) {
        const edited = await h.platform.edit(target(), first.messageId, decided, "d-1", signal);
        expect(edited).toEqual(first);
      }
      const seen = await h.see(h.people[1], h.channelId, null);
      expect(seen).toHaveLength(2);
      expect(seen[0]?.messageId).toBe(first.messageId);
      expect(seen[0]?.words).toContain("Approved by Lin");
      expect(seen[0]?.words).not.toContain("May I");
      expect(seen[0]?.buttons).toEqual([]);
    });

    test("editing what is not there is refused", async () => {
      const posted = await post(target(), told({ title: "here" }), "d-1");
      const unknown = posted.messageId.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
      const outcome = await h.platform.edit(target(), unknown, told({ title: "gone" }), "d-1", signal);
      expect(outcome.kind).toBe("refused");
    });

    test("an answer stands in its thread and not in the channel", async () => {
      const root = await post(target(), told({ title: "the root" }), "d-1");
      const reply = await post(target({ threadId: root.threadId }), told({ title: "the answer" }), "d-2");
      expect(reply.threadId).toBe(root.threadId);
      expect(reply.messageId).not.toBe(root.messageId);
      expect((await wordsSeen(h.people[0], root.threadId)).filter((w) => w.includes("the answer"))).toHaveLength(1);
      expect((await wordsSeen(h.people[0])).filter((w) => w.includes("the answer"))).toEqual([]);
      expect(await h.platform.find(target({ threadId: root.threadId }), "d-2", signal)).toEqual({
        ...reply,
        kind: "found",
      });
    });

    test("channels are kept apart", async () => {
      await post(target(), told({ title: "for here" }), "d-1");
      expect(await wordsSeen(h.people[0], null, h.otherChannelId)).toEqual([]);
    });

    test("an unknown channel is refused, and says what to do", async () => {
      const to = target({ channelId: h.unknownChannelId });
      const outcome = await h.platform.post(to, told({ title: "nowhere" }), "d-1", signal);
      expect(outcome).toMatchObject({ kind: "refused", failure: { code: "platform_refused" } });
      expect(await h.platform.whyNotPost(h.unknownChannelId, h.workspaceId)).toMatch(/\w/);
      expect(await h.platform.whyNotPost(h.channelId, h.workspaceId)).toBeNull();
    });

    test("knows who people are", async () => {
      for (const { memberId, name } of h.people) {
        expect(await h.platform.introduce(memberId, h.workspaceId)).toMatchObject({ name, standing: "member" });
      }
      const nobody = await h.platform.introduce(`${h.people[0].memberId}0`, h.workspaceId);
      expect(nobody?.standing).toBe("gone");
    });

    test("a private message is seen by its reader only", async () => {
      const [one, other] = h.people;
      await post(target({ privateTo: one.memberId }), told({ title: "between us" }), "d-1");
      expect((await wordsSeen(one)).join()).toContain("between us");
      expect((await wordsSeen(other)).join()).not.toContain("between us");
    });

    test("what others wrote is shown as words, never as markup", async () => {
      const nasty = "<b>bold</b> <script>alert(1)</script> & \u0000 \u202eرجع 😀 '; drop table runs; --";
      await post(target(), told({ title: nasty, text: nasty, facts: [{ label: "why", value: nasty }] }), "d-1");
      const [words] = await wordsSeen(h.people[0]);
      expect(words?.split("<script>alert(1)</script>")).toHaveLength(4);
      expect(words).toContain("😀");
    });

    test("a command reaches the inbox as what stands after the name", async () => {
      const [person] = h.people;
      expect(await h.command(person, h.channelId, null, "status open-prs")).toBe("taken");
      expect(inbox.heard).toHaveLength(1);
      expect(inbox.heard[0]).toMatchObject({
        workspaceId: h.workspaceId,
        platform: name,
        actor: { memberId: person.memberId },
        channelId: h.channelId,
        threadId: null,
        body: { kind: "command", text: "status open-prs" },
      });
      expect(inbox.heard[0]?.key).toMatch(/./);
      expect(Math.abs((inbox.heard[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    test("a command in a thread says in which", async () => {
      const root = await post(target(), told({ title: "root" }), "d-1");
      await h.command(h.people[0], h.channelId, root.threadId, "pause");
      expect(inbox.heard[0]).toMatchObject({ threadId: root.threadId, body: { kind: "command", text: "pause" } });
    });

    test("a message in a thread reaches the inbox, and people see it", async () => {
      const root = await post(target(), told({ title: "root" }), "d-1");
      expect(await h.say(h.people[1], h.channelId, root.threadId, "leave #77 open, please")).toBe("taken");
      const [event] = inbox.heard;
      expect(event).toMatchObject({
        actor: { memberId: h.people[1].memberId },
        threadId: root.threadId,
        body: { kind: "message", text: "leave #77 open, please" },
      });
      const seen = await h.see(h.people[0], h.channelId, root.threadId);
      const said = seen.filter((s) => s.words.includes("leave #77 open, please"));
      expect(said.map((s) => s.messageId)).toEqual([event?.body.kind === "message" ? event.body.messageId : null]);
    });

    test("a press reaches the inbox with its action, value and message", async () => {
      const root = await post(target(), told({ title: "root" }), "d-1");
      const posted = await post(target({ threadId: root.threadId }), question, "d-2");
      const seen = (await h.see(h.people[0], h.channelId, root.threadId)).find((s) => s.messageId === posted.messageId);
      expect(seen?.buttons.map((label) => label.replace("…", ""))).toEqual(["Approve", "Deny"]);
      expect(await h.press(h.people[1], posted.messageId, "Approve", null)).toBe("taken");
      expect(inbox.heard).toHaveLength(1);
      expect(inbox.heard[0]).toMatchObject({
        actor: { memberId: h.people[1].memberId },
        channelId: h.channelId,
        threadId: root.threadId,
        body: {
          kind: "action",
          action: "approval.approve",
          value: "a-77",
          text: null,
          messageId: posted.messageId,
        },
      });
    });

    test("a button that asks for a line hands it over", async () => {
      const posted = await post(target(), question, "d-1");
      await h.press(h.people[0], posted.messageId, "Deny", "not this one");
      expect(inbox.heard[0]?.body).toMatchObject({ kind: "action", action: "approval.deny", text: "not this one" });
    });

    test("a second press is a second event", async () => {
      const posted = await post(target(), question, "d-1");
      await h.press(h.people[0], posted.messageId, "Approve", null);
      await h.press(h.people[0], posted.messageId, "Approve", null);
      expect(inbox.answers).toEqual(["stored", "stored"]);
    });

    test("what is delivered again has its first key, and is acknowledged", async () => {
      const root = await post(target(), question, "d-1");
      const acts = [
        () => h.command(h.people[0], h.channelId, null, "list"),
        () => h.say(h.people[0], h.channelId, root.threadId, "hello"),
        () => h.press(h.people[0], root.messageId, "Approve", null),
      ];
      for (const act of acts) {
        inbox.answers.length = 0;
        await act();
        expect(await h.redeliver()).toBe("taken");
        expect(inbox.answers).toEqual(["stored", "duplicate"]);
      }
      expect((await wordsSeen(h.people[0], root.threadId)).filter((w) => w.includes("hello"))).toHaveLength(1);
    });

    test("what could not be recorded is said to be so, and works when tried again", async () => {
      const root = await post(target(), question, "d-1");
      const acts = [
        () => h.command(h.people[0], h.channelId, null, "list"),
        () => h.press(h.people[0], root.messageId, "Approve", null),
      ];
      for (const act of acts) {
        inbox.records = false;
        expect(await act()).toBe("not_recorded");
        inbox.records = true;
        expect(await act()).toBe("taken");
      }
      expect(inbox.heard.map((event) => event.body.kind)).toEqual(["command", "action"]);
    });

    describe("what a run does in channels", () => {
      const asks = () => {
        const { sight, channelCalled, readChannel, pinMessage, reactTo } = h.platform;
        if (!sight || !channelCalled || !readChannel || !pinMessage || !reactTo) throw new Error("it has no channels");
        return { sight, channelCalled, readChannel, pinMessage, reactTo };
      };
      const read = async (parts: Partial<ChannelQuery> = {}) => {
        const query = { workspaceId: h.workspaceId, channelId: h.channelId, thread: null, since: 0, before: null };
        const outcome = await asks().readChannel({ ...query, limit: 50, ...parts }, signal);
        if (outcome.kind !== "done") throw new Error(`not read but ${JSON.stringify(outcome)}`);
        return outcome.value;
      };
      const at = (messageId: string) => ({ workspaceId: h.workspaceId, channelId: h.channelId, messageId });

      test("who is in a channel sees it; nobody else does, and nobody sees what is not there", async () => {
        const { sight } = asks();
        const [{ memberId }] = h.people;
        expect(await sight(memberId, h.channelId, h.workspaceId)).toEqual({ kind: "sees" });
        expect(await sight(`${memberId}0`, h.channelId, h.workspaceId)).toEqual({ kind: "hidden" });
        expect(await sight(memberId, h.unknownChannelId, h.workspaceId)).toEqual({ kind: "hidden" });
        expect(await sight(memberId, h.channelId.replace(/^(\w+):\w/, "$1:X"), h.workspaceId)).toEqual({
          kind: "hidden",
        });
      });

      test("a channel is known by its name and by its id", async () => {
        const { channelCalled } = asks();
        const found = { kind: "channel", channelId: h.channelId, name: h.channelName };
        expect(await channelCalled(h.channelName, h.workspaceId)).toEqual(found);
        expect(await channelCalled(h.channelId.slice(h.workspaceId.length + 1), h.workspaceId)).toEqual(found);
        expect(await channelCalled("#nowhere-at-all", h.workspaceId)).toEqual({ kind: "none" });
      });

      test("its history is what was said, page by page, and nothing that one person alone saw", async () => {
        const { messageId: first } = await post(target(), told({ title: "first words" }), "d-1");
        await post(target(), told({ title: "second words" }), "d-2");
        await post(target({ privateTo: h.people[0].memberId }), told({ title: "between us" }), "d-3");
        await post(target({ channelId: h.otherChannelId }), told({ title: "elsewhere" }), "d-4");
        const all = await read();
        expect(all.messages.map(({ text }) => /first|second/.exec(text)?.[0])).toEqual(["first", "second"]);
        expect(all.messages.map(({ from }) => from)).toEqual(["Claw", "Claw"]);
        expect(all.more).toBe(false);
        const newest = await read({ limit: 1 });
        expect(newest.messages).toEqual(all.messages.slice(1));
        expect(newest.more).toBe(true);
        const older = await read({ limit: 1, before: newest.messages[0]?.messageId ?? "" });
        expect(older).toEqual({ messages: all.messages.slice(0, 1), more: false });
        expect(older.messages[0]?.messageId).toBe(first);
        expect(await read({ since: Date.now() + 60_000 })).toEqual({ messages: [], more: false });
      });

      test("a thread is read by the message it begins with", async () => {
        const root = await post(target(), told({ title: "the root" }), "d-1");
        expect((await read({ thread: root.messageId })).messages.filter(({ text }) => !text.includes("root"))).toEqual(
          [],
        );
        await h.say(h.people[1], h.channelId, root.threadId, "an answer to it");
        const { messages } = await read({ thread: root.messageId });
        expect(messages.at(-1)).toMatchObject({ from: h.people[1].name, text: "an answer to it" });
        expect((await read()).messages).toEqual([expect.objectContaining({ messageId: root.messageId, replies: 1 })]);
      });

      test("a message is pinned once, and bears an emoji once", async () => {
        const { messageId } = await post(target(), told({ title: "keep this" }), "d-1");
        const { pinMessage, reactTo } = asks();
        expect(await pinMessage(at(messageId), signal)).toEqual({ kind: "done", value: "done" });
        expect(await pinMessage(at(messageId), signal)).toMatchObject({ kind: "done" });
        expect(await reactTo(at(messageId), "eyes", signal)).toEqual({ kind: "done", value: "done" });
        expect(await reactTo(at(messageId), "👀", signal)).toMatchObject({ kind: "done" });
      });

      test("a message of another channel is none of this one", async () => {
        const there = await post(target({ channelId: h.otherChannelId }), told({ title: "elsewhere" }), "d-1");
        const { pinMessage, reactTo, readChannel } = asks();
        expect(await pinMessage(at(there.messageId), signal)).toMatchObject({ kind: "refused", gone: true });
        expect(await reactTo(at(there.messageId), "eyes", signal)).toMatchObject({ kind: "refused", gone: true });
        const query = { workspaceId: h.workspaceId, channelId: h.channelId, since: 0, limit: 5 };
        for (const parts of [
          { thread: there.messageId, before: null },
          { thread: null, before: there.messageId },
        ]) {
          const outcome = await readChannel({ ...query, ...parts }, signal);
          expect(JSON.stringify(outcome)).not.toContain("elsewhere");
        }
        const nowhere = { ...query, channelId: h.unknownChannelId, thread: null, before: null };
        expect((await readChannel(nowhere, signal)).kind).toBe("refused");
      });
    });

    test("stops within its bound, and a second time does no harm", async () => {
      await h.platform.stop();
      await h.platform.stop();
    }, 3_500);
  });
}
