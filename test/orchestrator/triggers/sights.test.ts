/** What happens in a channel starts only what belongs to people who see it; what cannot be told starts nothing. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ChannelWork, ChatPlatform, InboundEvent, Sight } from "../../../src/orchestrator/ports.ts";
import { namedChannels } from "../../../src/orchestrator/triggers/named.ts";
import { sightsOf } from "../../../src/orchestrator/triggers/sights.ts";
import { CHANNEL, type EngineCase, engineCase, memberId, WORKSPACE } from "../engine-case.ts";
import { created, firingsOf, heard, message } from "./trigger-case.ts";

let c: EngineCase;
beforeEach(async () => {
  c = await engineCase();
});
afterEach(() => c.close());

const WAITS = {
  kind: "message",
  channel: "#ops",
  match: { kind: "words", text: "down" },
  includingBots: false,
} as const;
const CANNOT: Sight = { kind: "cannot_tell", why: "Slack does not say.", passes: true };
const seenBy = (sight?: Sight) => ({ sights: new Map(sight ? [[memberId("sam"), sight] as const] : []) });

test("its owner does not see the channel: nothing runs, of what was said nothing is kept, and it is counted", async () => {
  const id = await created(c, WAITS);
  for (let n = 0; n < 3; n++) await heard(c, message("it is down: 4711"), seenBy({ kind: "hidden" }));
  const unseen = { kind: "message", outcome: "skipped", reason: "its owner cannot see that channel" };
  expect(await firingsOf(c, id)).toEqual([{ ...unseen, gate: null, count: 3, payload: null }]);
  await heard(c, message("it is down"), seenBy({ ...CANNOT, passes: false }));
  expect(await c.count("runs")).toBe(0);
  await heard(c, message("it is down"), seenBy({ kind: "sees" }));
  expect(await c.count("runs")).toBe(1);
});

test("while nobody can tell who sees it, it is looked at again later", async () => {
  await created(c, WAITS);
  for (const about of [seenBy(CANNOT), seenBy()]) {
    await expect(heard(c, message("it is down"), about)).rejects.toMatchObject({ code: "service_unavailable" });
  }
  expect(await c.count("runs")).toBe(0);
  expect(await c.count("firings")).toBe(0);
});

const event = (body: InboundEvent["body"]): InboundEvent => ({
  workspaceId: WORKSPACE,
  platform: "console",
  key: "k",
  actor: { memberId: memberId("vic"), name: "vic" },
  channelId: CHANNEL,
  threadId: null,
  at: 0,
  body,
});

test("the owners of what waits are asked about, nobody else, and nobody where the platform cannot say", async () => {
  await created(c, WAITS);
  const asked: string[] = [];
  const work: ChannelWork = {
    async sight(who, channel) {
      asked.push(`${who} ${channel}`);
      return { kind: "hidden" };
    },
  };
  const heardOf = event(message("down"));
  expect(await sightsOf({ db: c.db, reach: new Map([["console", work]]) }, heardOf)).toEqual(
    new Map([[memberId("sam"), { kind: "hidden" }]]),
  );
  expect(asked).toEqual([`${memberId("sam")} ${CHANNEL}`]);
  for (const reach of [new Map(), new Map([["console", {}] as const])]) {
    expect((await sightsOf({ db: c.db, reach }, heardOf)).size).toBe(0);
  }
});

test("a line names only channels that whoever types sees; what is hidden is told from nothing", async () => {
  const platform = (sight: Sight | null) =>
    ({
      channelNamed: (name: string) => (name === "#none" ? null : `${WORKSPACE}:${name}`),
      whyNotPost: async () => null,
      ...(sight ? { sight: async () => sight } : {}),
    }) as unknown as ChatPlatform;
  const line = event({ kind: "command", text: "every day at 9 post to #secret and to #none, see #77" });
  expect(await namedChannels(platform({ kind: "hidden" }), line)).toEqual({
    seen: new Map(),
    unseen: ["#secret", "#none"],
  });
  expect(await namedChannels(platform({ kind: "sees" }), line)).toEqual({
    seen: new Map([["#secret", { channelId: `${WORKSPACE}:#secret`, cannotPost: null }]]),
    unseen: ["#none"],
  });
  for (const sight of [CANNOT, null]) {
    const { seen } = await namedChannels(platform(sight), line);
    expect(seen.get("#secret")).toEqual({
      channelId: "",
      cannotPost: expect.stringMatching(/cannot be told whether you see it/),
    });
  }
});
