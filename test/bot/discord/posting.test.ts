import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { channelIdOf, memberIdOf, placeOf } from "../../../src/bot/discord/places.ts";
import { replyTokenOf } from "../../../src/bot/discord/reply-token.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import type { PostOutcome, PostTarget } from "../../../src/orchestrator/ports.ts";
import type { SeenMessage } from "../../support/discord/fake-discord.ts";
import { type AdapterCase, adapterCase, signal, told } from "./discord-case.ts";

const POST = "POST /channels/{channel_id}/messages";
const EDIT = "PATCH /channels/{channel_id}/messages/{message_id}";

const created: Notice = {
  kind: "workflowCreated",
  workflow: { workflowId: "w1", name: "open-prs" },
  instruction: "summarise open PRs",
  schedule: "every weekday at 09:00",
  nextAt: null,
  by: "ada",
};

/** Its words, as they are read. */
const saying = ({ words }: SeenMessage): string => words.replaceAll("**", "");

function posted(outcome: PostOutcome): Extract<PostOutcome, { kind: "posted" }> {
  if (outcome.kind !== "posted") throw new Error(`not posted but ${JSON.stringify(outcome)}`);
  return outcome;
}

describe("posting", () => {
  let c: AdapterCase;
  beforeEach(async () => {
    c = await adapterCase();
  });
  afterEach(() => c.close());

  const seen = (): SeenMessage[] => c.ada.sees(c.eng);
  const inThread = (root: SeenMessage): SeenMessage[] => c.ada.sees(c.eng, root).slice(1);
  const rootOf = (outcome: PostOutcome): SeenMessage => {
    const id = placeOf(posted(outcome).messageId)?.message;
    const root = seen().find((each) => each.id === id);
    if (!root) throw new Error("no root");
    return root;
  };

  test("what may have arrived is not there twice: the same key again is the first message, also after a restart", async () => {
    c.discord.faults.add({ route: POST, fault: { kind: "reset", when: "after" } });
    expect((await c.post("d1", "once")).kind).toBe("unknown");
    const again = posted(await c.post("d1", "once"));
    expect(seen()).toHaveLength(1);
    expect(again.messageId).toBe(`${c.eng.id}:${seen()[0]?.id}`);
  });

  test("what a crash left behind is found by its key, long after Discord has forgotten the nonce", async () => {
    c.discord.faults.add({ route: POST, fault: { kind: "reset", when: "after" } });
    await c.post("d1", "lost");
    for (let n = 0; n < 5; n++) await c.post(`later-${n}`, "later");
    c.discord.advance(60 * 60_000);
    const found = await c.platform.find(c.target(c.eng), "d1", signal);
    expect(found).toMatchObject({ kind: "found", messageId: `${c.eng.id}:${seen()[0]?.id}` });
  });

  test.each([
    ["a connection that was never made", { kind: "reset", when: "before" } as const, "unknown"],
    ["an error of Discord's own", { kind: "status", status: 503 } as const, "unknown"],
  ])("%s is not told as posted", async (_what, fault, kind) => {
    c.discord.faults.add({ route: POST, fault });
    expect((await c.post("d1", "x")).kind).toBe(kind);
    expect(seen()).toEqual([]);
    expect((await c.platform.find(c.target(c.eng), "d1", signal)).kind).toBe("absent");
  });

  test("an outage is a retry, and what was to be said is there when it is over", async () => {
    await c.discord.outage();
    const outcome = await c.post("d1", "through");
    expect(outcome).toMatchObject({ kind: "retry", failure: { code: "platform_unavailable" } });
    await c.discord.recover();
    posted(await c.post("d1", "through"));
    expect(seen()).toHaveLength(1);
  });

  test("a rate limit is said with how long it lasts, and costs no attempt", async () => {
    c.discord.faults.add({ route: POST, fault: { kind: "ratelimited", retryAfter: 7 } });
    const outcome = await c.post("d1", "later");
    expect(outcome.kind).toBe("later");
    expect((outcome as { afterMs: number }).afterMs).toBeGreaterThan(5_000);
    expect(seen()).toEqual([]);
  });

  test("a workflow's thread is open at once, with its name", async () => {
    const root = rootOf(await c.platform.post(c.target(c.eng), created, "root:w1", signal));
    expect(c.discord.guild.threadOf(root)?.name).toBe("open-prs");
  });

  test("an answer opens the thread under its root", async () => {
    const first = posted(await c.post("d1", "the root"));
    const root = rootOf(first);
    expect(c.discord.guild.threadOf(root)).toBeNull();
    const target = c.target(c.eng, { threadId: first.threadId });
    expect(posted(await c.post("d2", "the answer", target)).threadId).toBe(first.threadId);
    expect(inThread(root).map(saying)).toEqual(["the answer"]);
  });

  test("an archived thread is opened again, for posts and for edits", async () => {
    const first = posted(await c.platform.post(c.target(c.eng), created, "root:w1", signal));
    const root = rootOf(first);
    const target = c.target(c.eng, { threadId: first.threadId });
    const answer = posted(await c.post("d2", "the answer", target));
    const thread = c.discord.guild.threadOf(root);
    if (!thread) throw new Error("no thread");
    c.discord.guild.archive(thread);
    posted(await c.platform.edit(target, answer.messageId, told("changed"), "d2", signal));
    expect(inThread(root).at(-1)?.words).toContain("changed");
    c.discord.guild.archive(thread);
    posted(await c.post("d3", "awake", target));
    expect(inThread(root).at(-1)?.words).toContain("awake");
  });

  test("a locked thread is refused where Claw may not manage threads, with what to do", async () => {
    const first = posted(await c.platform.post(c.target(c.eng), created, "root:w1", signal));
    const thread = c.discord.guild.threadOf(rootOf(first));
    if (!thread) throw new Error("no thread");
    c.discord.guild.permit(
      "VIEW_CHANNEL",
      "SEND_MESSAGES",
      "SEND_MESSAGES_IN_THREADS",
      "CREATE_PUBLIC_THREADS",
      "READ_MESSAGE_HISTORY",
    );
    c.discord.guild.archive(thread, { locked: true });
    const outcome = await c.post("d2", "x", c.target(c.eng, { threadId: first.threadId }));
    expect(outcome).toMatchObject({ kind: "refused", failure: { message: expect.stringMatching(/locked|archived/) } });
  });

  test("a deleted thread is opened anew under its root; without the root it is refused, with what to do", async () => {
    const first = posted(await c.platform.post(c.target(c.eng), created, "root:w1", signal));
    const root = rootOf(first);
    const thread = c.discord.guild.threadOf(root);
    if (!thread) throw new Error("no thread");
    c.discord.guild.remove(thread);
    const target = c.target(c.eng, { threadId: first.threadId });
    const again = await c.post("d2", "still here", target);
    if (again.kind === "posted") expect(inThread(root).map(saying)).toEqual(["still here"]);
    else
      expect(again).toMatchObject({
        kind: "refused",
        failure: { message: expect.stringMatching(/thread was deleted/) },
      });
    const gone = c.discord.guild.threadOf(root);
    if (gone) c.discord.guild.remove(gone);
    c.discord.guild.owner.deletes(root);
    expect(await c.post("d3", "nowhere", target)).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringMatching(/deleted/) },
      gone: "thread",
    });
  });

  test("a missing permission is named before a workflow relies on it, and refused after", async () => {
    c.discord.guild.deny(c.eng, "claw", "SEND_MESSAGES", "CREATE_PUBLIC_THREADS");
    await expect
      .poll(() => c.platform.whyNotPost(channelIdOf(c.discord.guild.id, c.eng.id), c.workspaceId))
      .toMatch(/Send Messages, Create Public Threads/);
    expect(await c.post("d1", "x")).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringMatching(/Send Messages/) },
    });
    c.discord.guild.allow(c.eng, "claw", "SEND_MESSAGES", "CREATE_PUBLIC_THREADS");
    await expect.poll(async () => (await c.post("d1", "x")).kind).toBe("posted");
  });

  test("a channel that Claw cannot see, or that was deleted, is refused", async () => {
    const hidden = c.discord.guild.channel("hidden", { only: [c.ada] });
    expect(await c.post("d1", "x", c.target(hidden))).toMatchObject({ kind: "refused" });
    c.discord.guild.remove(c.eng);
    expect(await c.post("d2", "x")).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringMatching(/deleted/) },
    });
  });

  test("servers do not see one another: what is of one cannot be posted to from the other", async () => {
    const other = c.discord.addGuild("Other");
    const theirs = other.channel("theirs");
    const target = { ...c.target(c.eng), channelId: `${c.workspaceId}:${theirs.id}` };
    expect(await c.post("d1", "spy", target)).toMatchObject({ kind: "refused" });
    expect(await c.platform.whyNotPost(target.channelId, c.workspaceId)).toMatch(/deleted|cannot see/);
    expect(other.owner.sees(theirs)).toEqual([]);
  });

  test("in a forum a workflow is a post, its reports stand in it, and it is found again", async () => {
    const ideas = c.discord.guild.forum("ideas", { tags: ["bug"], requiresTag: true });
    const first = posted(await c.platform.post(c.target(ideas), created, "root:w1", signal));
    const target = c.target(ideas, { threadId: first.threadId });
    posted(await c.post("d2", "the report", target));
    const thread = c.discord.world.channels.get(placeOf(first.messageId)?.channel ?? "");
    expect(thread?.name).toBe("open-prs");
    if (!thread) throw new Error("no post");
    expect(c.ada.sees(thread).map(saying).join("\n")).toMatch(/open-prs runs[\s\S]*the report/);
    expect(await c.platform.find(c.target(ideas), "root:w1", signal)).toMatchObject({
      kind: "found",
      messageId: first.messageId,
    });
    expect((await c.platform.find(c.target(ideas), "root:w2", signal)).kind).toBe("absent");
    expect((await c.platform.find(target, "d2", signal)).kind).toBe("found");
  });

  test("what is too long stands whole in a file, and shortened where none may be sent", async () => {
    const report = Array.from({ length: 400 }, (_, n) => `line ${n} of a long report`).join("\n");
    const long: Notice = { kind: "reply", card: card({ title: "Long", text: report }) };
    posted(await c.platform.post(c.target(c.eng), long, "d1", signal));
    expect(seen()[0]?.files).toEqual([{ name: "report.md", content: report }]);
    c.discord.guild.deny(c.eng, "claw", "ATTACH_FILES");
    posted(await c.platform.post(c.target(c.eng), long, "d2", signal));
    expect(seen()[1]?.files).toEqual([]);
    expect(seen()[1]?.words).toContain("allow Claw to attach files");
  });

  test("where Discord takes no components of the second version, a card is a text with buttons", async () => {
    c.discord.faults.add({
      route: POST,
      fault: { kind: "error", status: 400, code: 50_035, message: "Invalid Form Body" },
    });
    const asked: Notice = {
      kind: "reply",
      card: card({
        title: "May I?",
        buttons: [{ label: "Yes", action: "approval.approve", value: "a1", style: "primary" }],
      }),
    };
    posted(await c.platform.post(c.target(c.eng), asked, "d1", signal));
    expect(seen()[0]).toMatchObject({ buttons: ["Yes"], raw: { content: expect.stringContaining("May I?") } });
  });

  test("nobody is pinged by what a model or a person wrote", async () => {
    const leads = c.discord.guild.role("leads", { mentionable: true });
    const text = `<@${c.lin.id}> <@&${leads.id}> @everyone @here`;
    const notice: Notice = { kind: "reply", card: card({ title: text, text, facts: [{ label: "why", value: text }] }) };
    posted(await c.platform.post(c.target(c.eng), notice, "d1", signal));
    expect(seen()[0]?.pings).toEqual([]);
    expect(seen()[0]?.words).toContain(`<@${c.lin.id}>`);
  });

  test("a report that is to be seen in the channel stands there too", async () => {
    const first = posted(await c.platform.post(c.target(c.eng), created, "root:w1", signal));
    const target = c.target(c.eng, { threadId: first.threadId, broadcast: true });
    posted(await c.platform.post(target, told("14 open PRs"), "d2", signal));
    expect(
      seen()
        .map(saying)
        .filter((words) => words.includes("14 open PRs")),
    ).toHaveLength(1);
    expect(inThread(rootOf(first)).map(saying)).toEqual([expect.stringContaining("14 open PRs")]);
  });
});

describe("answers for one person", () => {
  let c: AdapterCase;
  beforeEach(async () => {
    c = await adapterCase();
  });
  afterEach(() => c.close());

  const privately = (parts: Partial<PostTarget> = {}) =>
    c.target(c.eng, { privateTo: memberIdOf(c.discord.guild.id, c.ada.id), ...parts });
  const asked = async (): Promise<string> => {
    const before = c.inbox.heard.length;
    await c.ada.types("/claw status", { channel: c.eng });
    return c.inbox.heard[before]?.replyToken ?? "";
  };
  const ephemeral = () => c.ada.sees(c.eng).filter((each) => each.ephemeral);

  test("the first takes the place of the waiting one, others stand below, and nobody else sees them", async () => {
    const replyToken = await asked();
    expect(ephemeral()).toMatchObject([{ loading: true }]);
    posted(await c.post("r1", "first", privately({ replyToken })));
    posted(await c.post("r2", "second", privately({ replyToken })));
    expect(ephemeral().map((each) => [saying(each), each.loading])).toEqual([
      ["first", false],
      ["second", false],
    ]);
    expect(c.lin.sees(c.eng)).toEqual([]);
  });

  test("one is changed in place as long as its token lives, and comes anew to the person when it does not", async () => {
    const replyToken = await asked();
    const answer = posted(await c.post("r1", "a preview", privately({ replyToken })));
    posted(await c.platform.edit(privately({ replyToken }), answer.messageId, told("created"), "r1", signal));
    expect(ephemeral().map(saying)).toEqual(["created"]);
    c.discord.advance(16 * 60_000);
    posted(await c.platform.edit(privately({ replyToken }), answer.messageId, told("done by now"), "r1", signal));
    expect(c.ada.sees(c.ada.dm).map(saying)).toEqual(["done by now"]);
  });

  test("an answer that is late, or to what was no interaction, comes in the conversation with Claw", async () => {
    const old = replyTokenOf(
      { app: c.discord.appId, token: "x", opened: "reply", message: null },
      Date.now() - 16 * 60_000,
    );
    posted(await c.post("r1", "late", privately({ replyToken: old })));
    const direct = posted(await c.post("r2", "unasked", privately()));
    expect(c.ada.sees(c.ada.dm).map(saying)).toEqual(["late", "unasked"]);
    posted(await c.platform.edit(privately(), direct.messageId, told("changed"), "r2", signal));
    expect(c.ada.sees(c.ada.dm).map(saying)).toEqual(["late", "changed"]);
  });

  test("who takes no direct messages is told in the channel that there is an answer, not which", async () => {
    const shy = c.discord.guild.person("shy", { acceptsDms: false });
    const target = c.target(c.eng, { privateTo: memberIdOf(c.discord.guild.id, shy.id) });
    const outcome = await c.post("r1", "between us", target);
    expect(outcome).toMatchObject({ kind: "refused", failure: { message: expect.stringMatching(/direct messages/) } });
    const [said] = c.lin.sees(c.eng);
    expect(said?.words).toMatch(/answer for you alone/);
    expect(said?.words).not.toContain("between us");
    expect(said?.pings).toEqual([shy.id]);
  });

  test("whether an answer for one person arrived cannot be told", async () => {
    expect((await c.platform.find(privately(), "r1", signal)).kind).toBe("cannot_tell");
  });
});

test("an edit of progress waits for its turn; what people wait for does not", async () => {
  const c = await adapterCase({ progressEveryMs: 60_000 });
  const ref = { workflowId: "w1", name: "open-prs", runId: "r1", number: 1 };
  const figures = { durationMs: 1_000, costMicros: 0, steps: 1 };
  const progress = (state: "running" | "done"): Notice => ({
    kind: "runProgress",
    run: ref,
    state,
    step: 1,
    maxSteps: 30,
    figures,
    lines: [],
    note: null,
  });
  const first = posted(await c.post("d1", "x"));
  const edit = (state: "running" | "done") =>
    c.platform.edit(c.target(c.eng), first.messageId, progress(state), "d1", signal);
  const outcomes = [];
  for (let n = 0; n < 4; n++) outcomes.push((await edit("running")).kind);
  expect(outcomes).toContain("later");
  expect((await edit("done")).kind).toBe("posted");
  expect(c.discord.callsOf(EDIT).length).toBeGreaterThan(0);
  await c.close();
});
