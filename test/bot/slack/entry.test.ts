/** What arrives from Slack: recorded once, answered in time, and refused when it is not Slack's. */
import { afterEach, describe, expect, it } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { memberIdOf } from "../../../src/bot/slack/places.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { type AdapterCase, adapterCase, signal } from "./slack-case.ts";

let c: AdapterCase;
afterEach(() => c.close());

const bodies = () => c.inbox.heard.map(({ body }) => body);
const memberOf = (person: { id: string }) => memberIdOf(c.slack.team.id, person.id);

describe.each(["socket", "http"] as const)("what people write, by %s", (mode) => {
  it("is a command after Claw's name, wherever it stands, and once although Slack tells it twice", async () => {
    c = await adapterCase(mode);
    const root = c.lin.says("the build is red", { channel: c.eng });
    c.ada.says("@claw: status", { channel: c.eng, thread: root });
    c.ada.says("please @claw status", { channel: c.eng });
    await c.slack.until("both", () => c.inbox.heard.length === 2);
    await c.slack.until("all deliveries", () =>
      c.slack.deliveries.all.every(({ acknowledged }) => acknowledged !== null),
    );
    expect(bodies()).toEqual([
      { kind: "command", text: "status" },
      { kind: "command", text: "please status" },
    ]);
    expect(c.inbox.heard[0]?.threadId).toMatch(new RegExp(`${root.ts}$`));
    expect(c.inbox.answers.filter((answer) => answer === "duplicate")).toHaveLength(2);
  });

  it("is none of Claw's business in a channel, unless it is said to Claw", async () => {
    c = await adapterCase(mode);
    c.lin.says("good morning", { channel: c.eng });
    c.ada.says("@lin look at this", { channel: c.eng });
    await c.slack.until("both told", () => c.slack.delivered("message").length === 2);
    await c.slack.until("all deliveries", () =>
      c.slack.deliveries.all.every(({ acknowledged }) => acknowledged !== null),
    );
    expect(c.inbox.heard).toEqual([]);
  });

  it("comes as it was meant: names, links and odd characters", async () => {
    c = await adapterCase(mode);
    const line = `every day at 9 tell @lin about #eng & <https://example.com/a?b=1&c=2|example> "quoted" 5 < 6`;
    await c.ada.types(`/claw ${line}`, { channel: c.eng });
    const [body] = bodies();
    const text = body?.kind === "command" ? body.text : "";
    expect(text).toMatch(/^every day at 9 tell @\S+ about #eng & /);
    expect(text).toContain(`"quoted" 5 < 6`);
    expect(text).not.toMatch(/&amp;|&lt;/);
  });

  it("is asked about by the shortcut: what is typed, with the message", async () => {
    c = await adapterCase(mode);
    const said = c.lin.says("the build is red since Friday", { channel: c.eng });
    await c.ada.uses("Ask Claw about this", said);
    const form = await c.slack.until("the form", () => c.ada.modal);
    const [input] = form.controls.filter(({ type }) => type === "plain_text_input");
    await c.ada.submits(form, { [input?.label ?? ""]: "remind us of it" });
    const event = await c.slack.until("the event", () => c.inbox.heard[0]);
    expect(event.actor.memberId).toBe(memberOf(c.ada));
    expect(event.threadId).toMatch(new RegExp(`${said.ts}$`));
    expect(event.body).toEqual({ kind: "command", text: `now remind us of it: "the build is red since Friday"` });
  });

  it("is not acknowledged when it was not recorded, and comes again", async () => {
    c = await adapterCase(mode);
    c.inbox.records = false;
    c.ada.says("@claw status", { channel: c.eng });
    await c.slack.until("a first try", () => c.inbox.answers.length > 0);
    c.inbox.records = true;
    await c.slack.until("the event", () => c.inbox.heard.length === 1);
    expect(bodies()).toEqual([{ kind: "command", text: "status" }]);
  });

  it("is recorded once when it comes twice at the same time", async () => {
    c = await adapterCase(mode);
    c.slack.deliveries.duplicateNext(2);
    await c.ada.types("/claw status", { channel: c.eng });
    c.ada.says("@claw list", { channel: c.eng });
    await c.slack.until("both", () => c.inbox.heard.length === 2);
    await c.slack.until("all deliveries", () =>
      c.slack.deliveries.all.every(({ acknowledged }) => acknowledged !== null),
    );
    expect(bodies()).toEqual([
      { kind: "command", text: "status" },
      { kind: "command", text: "list" },
    ]);
  });
});

describe("requests over HTTP that are not Slack's", () => {
  it.each([
    ["signed with another secret", { wrongSecret: true }],
    ["not signed", { unsigned: true }],
    ["changed after they were signed", { alteredBody: true }],
    ["from six minutes ago", { timestampOffset: -360 }],
    ["from two minutes ahead", { timestampOffset: 120 }],
  ])("%s are refused", async (_, tampering) => {
    c = await adapterCase("http");
    const typed = await c.ada.types("/claw status", { channel: c.eng });
    expect(c.inbox.heard).toHaveLength(1);
    const answer = await c.slack.http.forge(typed.delivery, tampering);
    expect(answer.status).toBe(401);
    expect(c.inbox.answers).toEqual(["stored"]);
  });

  it("are Slack's, byte for byte, and come again: they do nothing twice", async () => {
    c = await adapterCase("http");
    const typed = await c.ada.types("/claw status", { channel: c.eng });
    expect((await c.slack.http.replay(typed.delivery)).status).toBe(200);
    expect(c.inbox.answers).toEqual(["stored", "duplicate"]);
  });

  it("the address answers Slack's question whether it is Claw's", async () => {
    c = await adapterCase("http");
    expect(await c.slack.http.verify()).toBe(true);
    const elsewhere = await fetch((c.platform.url() ?? "").replace("/slack/events", "/"), { method: "POST" });
    expect(elsewhere.status).toBe(404);
  });
});

describe("who acts", () => {
  const roleOf = async (person: { id: string }) => c.platform.introduce(memberOf(person), c.workspaceId);

  it("has the highest role that a user group or the workspace gives", async () => {
    c = await adapterCase("socket", ({ team }) => {
      const max = team.person("max");
      team.group("leads", [max]);
      const ops = team.group("ops", [max, team.person("oli")]);
      return { roles: { approver: ["@leads"], viewer: [ops.id] } };
    });
    const guest = c.slack.team.person("gus", { isRestricted: true });
    expect(await roleOf(c.ada)).toMatchObject({ name: "ada", role: "admin", standing: "member" });
    expect(await roleOf(c.lin)).toMatchObject({ role: "member" });
    expect(await roleOf(guest)).toMatchObject({ role: "viewer" });
  });

  it("gets another one when the group changes", async () => {
    const leads: { change: (people: readonly AdapterCase["lin"][]) => void } = { change: () => {} };
    c = await adapterCase("socket", ({ team }) => {
      const group = team.group("leads", []);
      leads.change = (people) => team.changeGroup(group, people);
      return { roles: { approver: ["@leads"] } };
    });
    expect(await roleOf(c.lin)).toMatchObject({ role: "member" });
    leads.change([c.lin]);
    await expect.poll(() => roleOf(c.lin)).toMatchObject({ role: "approver" });
    leads.change([]);
    await expect.poll(() => roleOf(c.lin)).toMatchObject({ role: "member" });
  });

  it("is not told when Slack does not tell the groups: no gate opens by itself", async () => {
    c = await adapterCase("socket", () => ({ roles: { approver: ["@leads"] } }), false);
    await c.slack.connected();
    c.slack.faults.add({
      method: "usergroups.list",
      fault: { kind: "status", status: 500 },
      times: Number.POSITIVE_INFINITY,
    });
    expect(await roleOf(c.lin)).toBeNull();
  });

  it("from another organisation is an outsider, and a viewer whatever their groups are", async () => {
    c = await adapterCase();
    const guest = c.slack.team.outsider("olga");
    expect(await roleOf(guest)).toMatchObject({ role: "viewer", standing: "outsider" });
  });

  it("who leaves is told, so that nothing runs in their name", async () => {
    c = await adapterCase();
    c.slack.team.deactivate(c.lin);
    const event = await c.slack.until("the event", () => c.inbox.heard[0]);
    expect(event.actor.memberId).toBe(memberOf(c.lin));
    expect(event.body).toMatchObject({ kind: "introduction", introduction: { standing: "gone" } });
    expect(await roleOf(c.lin)).toMatchObject({ standing: "gone" });
  });
});

describe("a form that is asked for too late", () => {
  it("does not open, and whoever pressed hears that", async () => {
    c = await adapterCase();
    const deny = { label: "Deny…", action: "approval.deny", value: "a1", style: "danger" } as const;
    const asks: Notice = {
      kind: "reply",
      card: card({ title: "May I?", buttons: [{ ...deny, input: { label: "Why?", initial: "", required: false } }] }),
    };
    c.notices.set("d-1", asks);
    await c.platform.post(c.target(c.eng), asks, "d-1", signal);
    const [seen] = c.ada.sees(c.eng);
    if (!seen) throw new Error("nothing was posted");
    c.slack.faults.add({ method: "views.open", fault: { kind: "error", error: "expired_trigger_id" } });
    await c.ada.presses("Deny…", seen);
    await c.slack.until("the answer", () =>
      c.ada.sees(c.eng).find(({ words }) => /did not open; press again/.test(words)),
    );
    expect(c.ada.modal).toBeNull();
    await c.ada.presses("Deny…", seen);
    await c.slack.until("the form", () => c.ada.modal);
  });
});
