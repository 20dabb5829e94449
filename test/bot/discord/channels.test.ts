/** Discord's channels for runs: who sees one, what Discord refuses, and what a person can do about it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channelIdOf, memberIdOf, messageIdOf } from "../../../src/bot/discord/places.ts";
import type { Channel, Person } from "../../support/discord/fake-discord.ts";
import { type AdapterCase, adapterCase, signal } from "./discord-case.ts";

let c: AdapterCase;
/** Discord's answers are remembered for a while: time goes on when a test says so. */
let ahead = 0;
beforeEach(async () => {
  ahead = 0;
  c = await adapterCase({ clock: { now: () => Date.now() + ahead } });
});
afterEach(() => c.close());

const guild = () => c.discord.guild;
const idOf = (channel: Channel) => channelIdOf(guild().id, channel.id);
const sight = async (person: Person, channel: Channel) =>
  (await c.platform.sight?.(memberIdOf(guild().id, person.id), idOf(channel), c.workspaceId)) ?? { kind: "absent" };
const read = (channel: Channel, parts: object = {}) =>
  c.platform.readChannel?.(
    { workspaceId: c.workspaceId, channelId: idOf(channel), thread: null, since: 0, before: null, limit: 50, ...parts },
    signal,
  );
const placed = (channel: Channel, message: { readonly channelId: string; readonly id: string }) => ({
  workspaceId: c.workspaceId,
  channelId: idOf(channel),
  messageId: messageIdOf(message.channelId, message.id),
});

describe("who sees a channel is reckoned from their own permissions", () => {
  test("by roles and overwrites", async () => {
    const leads = guild().role("leads");
    const secret = guild().channel("secret", { only: ["claw", leads] });
    expect(await sight(c.lin, secret)).toEqual({ kind: "hidden" });
    guild().give(c.lin, leads);
    ahead += 31_000;
    expect(await sight(c.lin, secret)).toEqual({ kind: "sees" });
    guild().take(c.lin, leads);
    ahead += 31_000;
    expect(await sight(c.lin, secret)).toEqual({ kind: "hidden" });
    expect(await sight(guild().owner, secret)).toEqual({ kind: "sees" });
    expect(await sight(c.lin, c.eng)).toEqual({ kind: "sees" });
    guild().deny(c.eng, c.lin, "READ_MESSAGE_HISTORY");
    await expect.poll(() => sight(c.lin, c.eng)).toEqual({ kind: "hidden" });
  });

  test("nobody who has left, nobody in a private thread, nobody in another server", async () => {
    const hidden = guild().thread(c.ada, "hush", c.eng, null, { hidden: true });
    guild().letIn(hidden, "claw");
    expect(await sight(c.ada, hidden)).toEqual({ kind: "hidden" });
    const open = guild().thread(c.ada, "open", c.eng);
    expect(await sight(c.lin, open)).toEqual({ kind: "sees" });
    const stranger = memberIdOf(guild().id, "999999999999999999");
    expect(await c.platform.sight?.(stranger, idOf(c.eng), c.workspaceId)).toEqual({ kind: "hidden" });
  });

  test("nobody while Discord does not say", async () => {
    const stop = c.discord.faults.add({
      route: "GET /guilds/{guild_id}/members/{user_id}",
      fault: { kind: "status", status: 503 },
      times: Number.POSITIVE_INFINITY,
    });
    const late = guild().person("late");
    expect(await sight(late, c.eng)).toMatchObject({ kind: "cannot_tell", passes: true });
    stop();
    expect(await sight(late, c.eng)).toEqual({ kind: "sees" });
  });
});

describe("history", () => {
  test("has people's words with their names, cards as words, without what Discord itself notes", async () => {
    c.ada.says(`hello <@${c.lin.id}>`, { channel: c.eng });
    const kept = c.lin.says("hi", { channel: c.eng });
    await c.platform.pinMessage?.(placed(c.eng, kept), signal);
    await c.post("d1", "a card");
    const outcome = await read(c.eng);
    const said = outcome?.kind === "done" ? outcome.value.messages : [];
    expect(said.map(({ from, text }) => `${from}: ${text.split("\n")[0]}`)).toEqual([
      "ada: hello @lin",
      "lin: hi",
      expect.stringMatching(/^Claw: .*a card/),
    ]);
  });

  test("without the permission to read it there is none", async () => {
    c.ada.says("hello", { channel: c.eng });
    guild().deny(c.eng, "claw", "READ_MESSAGE_HISTORY");
    expect(await read(c.eng)).toEqual({ kind: "done", value: { messages: [], more: false } });
  });

  test("of a forum is asked for by post", async () => {
    expect(await read(guild().forum("help"))).toMatchObject({ kind: "refused" });
  });
});

describe("what Discord does not take", () => {
  test("without Pin Messages or Add Reactions it is refused, and the permission is named", async () => {
    const message = c.ada.says("keep this", { channel: c.eng });
    guild().deny(c.eng, "claw", "PIN_MESSAGES", "ADD_REACTIONS");
    for (const outcome of [
      await c.platform.pinMessage?.(placed(c.eng, message), signal),
      await c.platform.reactTo?.(placed(c.eng, message), "eyes", signal),
    ]) {
      expect(outcome).toMatchObject({
        kind: "refused",
        failure: { message: expect.stringMatching(/Pin Messages.*Add Reactions/) },
      });
    }
  });

  test("a message in a thread of the channel is its, one of a private thread is not", async () => {
    const open = guild().thread(c.ada, "open", c.eng);
    const inOpen = c.ada.says("in the open", { channel: open });
    expect(await c.platform.reactTo?.(placed(c.eng, inOpen), "eyes", signal)).toEqual({ kind: "done", value: "done" });
    const hidden = guild().thread(c.ada, "hush", c.eng, null, { hidden: true });
    guild().letIn(hidden, "claw");
    const inHidden = c.ada.says("hush", { channel: hidden });
    expect(await c.platform.reactTo?.(placed(c.eng, inHidden), "eyes", signal)).toMatchObject({ gone: true });
    expect(await read(c.eng, { thread: messageIdOf(hidden.id, inHidden.id) })).toMatchObject({ gone: true });
  });

  test("an emoji that is only a name to it, a full message, a message that is gone", async () => {
    const message = c.ada.says("x", { channel: c.eng });
    expect(await c.platform.reactTo?.(placed(c.eng, message), "shipit", signal)).toMatchObject({
      kind: "refused",
      failure: { message: expect.stringContaining("by their signs") },
    });
    expect(
      await c.platform.pinMessage?.(placed(c.eng, { ...message, id: "999999999999999999" }), signal),
    ).toMatchObject({
      gone: true,
    });
  });
});
