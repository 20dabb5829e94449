import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Channel, type FakeSlack, type Person, startFakeSlack } from "../support/slack/fake-slack.ts";
import { type BoltApp, startBolt } from "./bolt-app.ts";

describe.each(["socket", "http"] as const)("the real Bolt over %s", (mode) => {
  let slack: FakeSlack;
  let bolt: BoltApp;
  let ada: Person;
  let eng: Channel;

  beforeEach(async () => {
    slack = await startFakeSlack({ mode });
    ada = slack.team.person("ada");
    eng = slack.team.channel("eng", [ada, "claw"]);
    bolt = await startBolt(slack, mode);
  });
  afterEach(async () => {
    await bolt.stop();
    await slack.close();
    expect(slack.complaints).toEqual([]);
  });

  const card = async () => {
    const asked = ada.says("@claw close #77?", { channel: eng });
    return slack.until("the card", () => ada.sees(eng, asked).find((each) => each.buttons.length > 0));
  };

  test("hears a command and answers it privately", async () => {
    const typed = await ada.types("/claw  status of all & @ada", { channel: eng });
    expect(typed).toMatchObject({ acked: true, trouble: null });
    const answer = await slack.until("the answer", () => ada.sees(eng).at(-1));
    expect(answer).toMatchObject({ ephemeral: true, words: "you typed status of all & @ada" });
    const bob = slack.team.person("bob");
    slack.team.invite(eng, bob);
    expect(bob.sees(eng).filter((each) => each.ephemeral)).toEqual([]);
  });

  test("hears a mention once as a mention and once as a message, and answers in the thread", async () => {
    const root = await card();
    expect(root).toMatchObject({ words: "*May I*, @ada?", author: "claw", buttons: ["Approve", "Deny…"] });
    await slack.until("both events", () => bolt.heard.length === 2);
    const [asked] = ada.sees(eng);
    if (!asked) throw new Error("no message");
    const events = await slack.until("both acknowledgements", () => {
      const all = slack.eventsOf(asked);
      return all.every((each) => each.acknowledged) && all;
    });
    expect(new Set(events.map((each) => each.payload.event_id)).size).toBe(2);
    const heard = bolt.heard.map((each) => each.split(" Ev")[0]).sort();
    expect(heard).toEqual([`mention <@${slack.team.botUserId}> close #77?`, "message plain in channel"]);
    expect(ada.sees(eng)).toHaveLength(1);
  });

  test("takes a click, and the button is gone for the next one", async () => {
    const seen = await card();
    await ada.presses("Approve", seen);
    await slack.until("the edit", () => ada.sees(eng, seen).find((each) => each.words === "Approved by @ada"));
    expect(bolt.heard).toContain(`approve a-77 by ${ada.id}`);
    await expect(ada.presses("Approve", seen)).rejects.toThrow('no control "Approve"');
    expect(await ada.presses("Approve", seen, { stale: true })).toMatchObject({ acked: true });
  });

  test("opens a modal, turns a submission down, takes the next", async () => {
    await ada.presses("Deny…", await card());
    const modal = await slack.until("the modal", () => ada.modal);
    await expect(ada.submits(modal)).rejects.toThrow("Please complete this required field: Why?");
    await ada.submits(modal, { "Why?": "no" });
    expect(ada.modal?.errors).toEqual({ reason: "say more" });
    await ada.submits(modal, { "Why?": "too risky" });
    expect(ada.modal).toBeNull();
    await slack.until("the reason", () => bolt.heard.includes("denied a-77: too risky"));
  });

  test("takes a message shortcut and fills the Home tab", async () => {
    const asked = ada.says("why is it red?", { channel: eng });
    await ada.uses("Ask Claw about this", asked);
    await slack.until("the question", () => bolt.heard.includes("asked about why is it red?"));
    ada.opensHome();
    const home = await slack.until("the Home tab", () => ada.home);
    expect(home.words).toBe("My workflows");
  });

  test("hears a direct message, which is no mention", async () => {
    ada.says("hello", { channel: ada.dm });
    await slack.until("the message", () => bolt.heard.includes("message plain in im"));
    expect(slack.delivered("app_mention")).toEqual([]);
  });
});
