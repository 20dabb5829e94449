/** Where a message cannot go, what becomes of it, and that it never goes twice. */
import { afterEach, describe, expect, it } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { createSlackPace } from "../../../src/bot/slack/pace.ts";
import { memberIdOf, threadIdOf } from "../../../src/bot/slack/places.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { PostOutcome } from "../../../src/orchestrator/ports.ts";
import type { Channel, SeenMessage } from "../../support/slack/fake-slack.ts";
import type { FaultRule } from "../../support/slack/faults.ts";
import { type AdapterCase, adapterCase, signal, told } from "./slack-case.ts";

let c: AdapterCase;
afterEach(() => c.close());

describe("a channel that takes no messages", () => {
  it.each<[string, (channel: Channel) => void, RegExp]>([
    ["was archived", (channel) => c.slack.team.archive(channel), /archived/],
    ["was deleted", (channel) => c.slack.team.deleteChannel(channel), /no such channel/],
    ["Claw was removed from", (channel) => c.slack.team.remove(channel, "claw"), /invite it with \/invite @claw/],
  ])("that %s is refused with what to do, before and at the post", async (_, breaks, words) => {
    c = await adapterCase();
    const { channelId } = c.target(c.eng);
    expect(await c.platform.whyNotPost(channelId, c.workspaceId)).toBeNull();
    breaks(c.eng);
    await expect.poll(() => c.platform.whyNotPost(channelId, c.workspaceId)).toMatch(words);
    const outcome = await c.post("d-1", "hello");
    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "platform_refused" } });
    expect(outcome.kind === "refused" ? outcome.failure.message : "").toMatch(words);
  });

  it("Claw is not in yet takes them as soon as it is invited", async () => {
    c = await adapterCase();
    const ops = c.slack.team.channel("ops", [c.ada]);
    const { channelId } = c.target(ops);
    expect(await c.platform.whyNotPost(channelId, c.workspaceId)).toMatch(/invite it/);
    c.slack.team.invite(ops, "claw");
    await expect.poll(() => c.platform.whyNotPost(channelId, c.workspaceId)).toBeNull();
  });

  it("has another name and takes them still", async () => {
    c = await adapterCase();
    c.slack.team.rename(c.eng, "engineering");
    expect(await c.post("d-1", "hello")).toMatchObject({ kind: "posted" });
  });

  it("is of another workspace", async () => {
    c = await adapterCase();
    const outcome = await c.post("d-1", "hello", { ...c.target(c.eng), workspaceId: "slack:T0OTHER" });
    expect(outcome).toMatchObject({ kind: "refused" });
  });
});

describe("a message that was deleted", () => {
  it("is not changed, and that is said", async () => {
    c = await adapterCase();
    await c.post("d-1", "hello");
    const [seen] = c.ada.sees(c.eng);
    if (!seen) throw new Error("nothing was posted");
    const messageId = `${c.eng.id}:${seen.ts.replace(/.$/, (last) => (last === "0" ? "1" : "0"))}`;
    const outcome = await c.platform.edit(c.target(c.eng), messageId, told("changed"), "d-1", signal);
    expect(outcome).toMatchObject({ kind: "refused", failure: { message: expect.stringMatching(/deleted/) } });
  });
});

describe("what Slack answers", () => {
  it.each<["500" | "a reset", "before" | "after"]>([
    ["500", "before"],
    ["500", "after"],
    ["a reset", "before"],
    ["a reset", "after"],
  ])("%s, %s it took the message: it is not known, and a look tells", async (what, when) => {
    c = await adapterCase();
    const reset = { kind: "reset", when } as const;
    const status =
      when === "before" ? ({ kind: "status", status: 500 } as const) : ({ kind: "status_after", status: 500 } as const);
    c.slack.faults.add({ method: "chat.postMessage", fault: what === "500" ? status : reset });
    expect(await c.post("d-1", "only once")).toMatchObject({ kind: "unknown" });
    const found = await c.platform.find(c.target(c.eng), "d-1", signal);
    expect(found.kind).toBe(when === "after" ? "found" : "absent");
    if (found.kind === "absent") expect(await c.post("d-1", "only once")).toMatchObject({ kind: "posted" });
    expect(c.ada.sees(c.eng)).toHaveLength(1);
  });

  it("429: later, as late as it says, and no later than in an hour", async () => {
    c = await adapterCase();
    for (const [retryAfter, afterMs] of [
      [7, 7_000],
      [86_400, 3_600_000],
    ] as const) {
      const channel = c.slack.team.channel(`busy-${retryAfter}`, [c.ada, "claw"]);
      c.slack.faults.add({ method: "chat.postMessage", fault: { kind: "ratelimited", retryAfter } });
      expect(await c.post(`d-${retryAfter}`, "hello", c.target(channel))).toMatchObject({ kind: "retry", afterMs });
      const next = await c.post(`e-${retryAfter}`, "hello", c.target(channel));
      expect(next).toMatchObject({ kind: "later" });
    }
  });

  it("nothing at all: the message waits, and goes when Slack is back", async () => {
    c = await adapterCase();
    await c.slack.outage();
    // A connection that was cut leaves open what it carried; one that could not be made does not.
    expect(["unknown", "retry"]).toContain((await c.post("d-1", "hello")).kind);
    expect(await c.platform.find(c.target(c.eng), "d-1", signal)).toMatchObject({ kind: "unavailable" });
    expect(await c.post("d-1", "hello")).toMatchObject({ kind: "retry" });
    await c.slack.recover();
    expect(await c.post("d-1", "hello")).toMatchObject({ kind: "posted" });
  });

  it("a revoked token: the message waits for somebody to see to it", async () => {
    c = await adapterCase();
    c.slack.team.revokeToken();
    const outcome = await c.post("d-1", "hello");
    expect(outcome).toMatchObject({
      kind: "retry",
      failure: { message: expect.stringMatching(/install the app again/) },
    });
  });
});

describe("a private message", () => {
  const toAda = () => ({ privateTo: memberIdOf(c.slack.team.id, c.ada.id) });

  it("cannot be looked for, so that it is never said not to be there", async () => {
    c = await adapterCase();
    await c.post("d-1", "between us", c.target(c.eng, toAda()));
    expect(await c.platform.find(c.target(c.eng, toAda()), "d-1", signal)).toEqual({ kind: "cannot_tell" });
  });

  it("reaches its reader also where Claw is not: by the command it answers, else in the conversation with Claw", async () => {
    c = await adapterCase();
    const closed = c.slack.team.channel("board", [c.ada], { private: true });
    const typed = await c.ada.types("/claw status", { channel: closed });
    expect(typed.acked).toBe(true);
    const { replyToken } = c.inbox.heard[0] ?? {};
    await c.post("d-1", "by the command", c.target(closed, { ...toAda(), replyToken: replyToken ?? null }));
    expect(
      c.ada
        .sees(closed)
        .map(({ words }) => words)
        .join(),
    ).toContain("by the command");
    await c.post("d-2", "by another way", c.target(closed, toAda()));
    expect(
      c.ada
        .sees(c.ada.dm)
        .map(({ words }) => words)
        .join(),
    ).toContain("by another way");
  });

  it("in the conversation with Claw is a message like any other", async () => {
    c = await adapterCase();
    c.ada.says("status", { channel: c.ada.dm });
    const event = await c.slack.until("the event", () => c.inbox.heard[0]);
    expect(event.body).toEqual({ kind: "command", text: "status" });
    await c.post("d-1", "one runs", { ...c.target(c.ada.dm), ...toAda() });
    expect(await c.platform.find({ ...c.target(c.ada.dm), ...toAda() }, "d-1", signal)).toMatchObject({
      kind: "found",
    });
  });
});

/** A card that people decide on, with more to it than a message holds. */
const long: Notice = {
  kind: "reply",
  card: card({
    title: "May I change all of it?",
    diff: Array.from({ length: 2_000 }, (_, n) => `+ line ${n} of the change`),
    buttons: [{ label: "Approve", action: "approval.approve", value: "a1", style: "primary" }],
  }),
};

describe("what people decide on and is longer than a message", () => {
  const asks = async (): Promise<{ seen: SeenMessage[]; outcome: PostOutcome }> => {
    const root = c.ada.says("the thread", { channel: c.eng });
    const threadId = threadIdOf(c.slack.team.id, c.eng.id, root.ts);
    const outcome = await c.platform.post(c.target(c.eng, { threadId }), long, "d-1", signal);
    return { seen: c.ada.sees(c.eng, root).slice(1), outcome };
  };

  it("is there as a file, before anybody is asked", async () => {
    c = await adapterCase();
    const { seen, outcome } = await asks();
    expect(outcome.kind).toBe("posted");
    expect(seen).toHaveLength(2);
    const [file] = seen[0]?.files ?? [];
    expect(file?.name).toBe("change.diff");
    expect(file?.content.split("\n")).toHaveLength(2_000);
    expect(seen[1]?.words).toMatch(/May I change all of it.*shortened; whole in change\.diff/s);
    expect(seen[1]?.buttons).toEqual(["Approve"]);
  });

  it.each<[string, FaultRule]>([
    ["asked for", { method: "files.getUploadURLExternal", fault: { kind: "error", error: "missing_scope" } }],
    ["carried", { method: "upload", fault: { kind: "status", status: 500 } }],
    ["placed", { method: "files.completeUploadExternal", fault: { kind: "ratelimited", retryAfter: 30 } }],
  ])("is asked all the same when the file could not be %s, and Show all has the whole", async (_, fault) => {
    c = await adapterCase();
    c.slack.faults.add(fault);
    c.notices.set("d-1", long);
    const { seen } = await asks();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.words).toMatch(/no file could be sent, Show all has the whole/);
    expect(seen[0]?.buttons).toEqual(["Approve", "Show all"]);
    if (seen[0]) await c.ada.presses("Show all", seen[0]);
    const modal = await c.slack.until("the whole", () => c.ada.modal);
    expect(modal.words).toContain("line 1999 of the change");
  });

  it("is not sent as a file again when the message has to be", async () => {
    c = await adapterCase();
    c.slack.faults.add({ method: "chat.postMessage", fault: { kind: "status", status: 500 } });
    const root = c.ada.says("the thread", { channel: c.eng });
    const to = c.target(c.eng, { threadId: threadIdOf(c.slack.team.id, c.eng.id, root.ts) });
    expect(await c.platform.post(to, long, "d-1", signal)).toMatchObject({ kind: "unknown" });
    expect(await c.platform.post(to, long, "d-1", signal)).toMatchObject({ kind: "posted" });
    expect(
      c.ada
        .sees(c.eng, root)
        .slice(1)
        .map(({ files }) => files.length),
    ).toEqual([1, 0]);
  });

  it("for one person's eyes is no file for everybody's", async () => {
    c = await adapterCase();
    const privateTo = memberIdOf(c.slack.team.id, c.ada.id);
    expect(await c.platform.post(c.target(c.eng, { privateTo }), long, "d-1", signal)).toMatchObject({
      kind: "posted",
    });
    expect(c.slack.callsOf("files.completeUploadExternal")).toEqual([]);
    expect(c.ada.sees(c.eng).at(-1)?.buttons).toEqual(["Approve", "Show all"]);
  });
});

it("a report that is for the channel too stands in both", async () => {
  c = await adapterCase();
  const root = c.ada.says("the thread", { channel: c.eng });
  const threadId = threadIdOf(c.slack.team.id, c.eng.id, root.ts);
  await c.post("d-1", "for all", c.target(c.eng, { threadId, broadcast: true }));
  await c.post("d-2", "for the thread", c.target(c.eng, { threadId }));
  expect(c.ada.sees(c.eng, root).map(({ broadcast }) => broadcast)).toEqual([false, true, false]);
  expect(
    c.ada
      .sees(c.eng)
      .map(({ words }) => words)
      .join(),
  ).toMatch(/for all/);
  expect(
    c.ada
      .sees(c.eng)
      .map(({ words }) => words)
      .join(),
  ).not.toMatch(/for the thread/);
});

describe("edits", () => {
  it("go once a second and message; who shows progress does not hold up who decides", () => {
    const pace = createSlackPace(1_000);
    expect(pace.edit("m-1", false, 10_000)).toBe(0);
    expect(pace.edit("m-1", false, 10_200)).toBe(800);
    expect(pace.edit("m-1", false, 11_000)).toBe(0);
    const waits = Array.from({ length: 20 }, (_, n) => pace.edit(`p-${n}`, true, 20_000));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(3);
    expect(Math.max(...waits)).toBe(17_000);
    expect(pace.edit("m-2", false, 20_000)).toBe(0);
    expect(pace.post("C1", "d-1", 20_000)).toBe(0);
  });

  it("that Slack asks to leave for a while wait, and posts do not", async () => {
    c = await adapterCase();
    const posted = await c.post("d-1", "one");
    if (posted.kind !== "posted") throw new Error("it was not posted");
    c.slack.faults.add({ method: "chat.update", fault: { kind: "ratelimited", retryAfter: 9 } });
    const edit = () => c.platform.edit(c.target(c.eng), posted.messageId, told("two"), "d-1", signal);
    expect(await edit()).toMatchObject({ kind: "retry", afterMs: 9_000 });
    expect(await edit()).toMatchObject({ kind: "later" });
    expect(await c.post("d-2", "three")).toMatchObject({ kind: "posted" });
  });
});

describe("a message to one person", () => {
  it("goes to the conversation with them, is changed there, and is found there", async () => {
    c = await adapterCase();
    const member = memberIdOf(c.slack.team.id, c.ada.id);
    const channelId = c.platform.directChannel?.(member, c.workspaceId) ?? "";
    const to = { ...c.target(c.eng), channelId };
    const posted = await c.post("d-1", "for you", to);
    if (posted.kind !== "posted") throw new Error("it was not posted");
    expect(await c.platform.find(to, "d-1", signal)).toMatchObject({ kind: "found", messageId: posted.messageId });
    const { messageId, threadId } = posted;
    const edited = await c.platform.edit({ ...to, threadId }, messageId, told("changed"), "d-1", signal);
    expect(edited).toMatchObject({ kind: "posted", messageId });
    expect(c.ada.sees(c.ada.dm).map(({ words }) => words)).toEqual([expect.stringContaining("changed")]);
  });

  it("that had to go there since Claw is not where it should go, is changed there too", async () => {
    c = await adapterCase();
    const closed = c.slack.team.channel("board", [c.ada], { private: true });
    const to = c.target(closed, { privateTo: memberIdOf(c.slack.team.id, c.ada.id) });
    const posted = await c.post("d-1", "for you", to);
    if (posted.kind !== "posted") throw new Error("it was not posted");
    const { messageId, threadId } = posted;
    await c.platform.edit({ ...to, threadId }, messageId, told("changed"), "d-1", signal);
    expect(c.ada.sees(c.ada.dm).map(({ words }) => words)).toEqual([expect.stringContaining("changed")]);
  });
});
