/** A workflow edited in Slack, in fields: the change is seen before it is saved, and nobody's is lost. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SeenMessage } from "../support/slack/fake-slack.ts";
import { type SlackCase, slackCase } from "./slack-case.ts";

let c: SlackCase;
let name: string;
let root: SeenMessage;

beforeEach(async () => {
  c = await slackCase("socket");
  const { sam } = c.people;
  await sam.types("/claw every day at 3 remind us of the menu", { channel: c.eng });
  await sam.presses("Create", await c.sees(sam, /Create this workflow\?/));
  root = await c.sees(sam, /runs every day/);
  name = /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "";
});
afterEach(() => c.close());

const opens = async (who: SlackCase["people"]["sam"]) => {
  await who.types(`/claw status ${name}`, { channel: c.eng });
  const card = await c.sees(who, new RegExp(`${name} is active`));
  await who.presses("Edit…", card);
  return c.slack.until("the form", () => (who.modal?.title === "Edit the workflow" ? who.modal : null));
};
const modal = (who: SlackCase["people"]["sam"], words: RegExp) =>
  c.slack.until(`a form with ${words}`, () => (words.test(who.modal?.words ?? "") ? who.modal : null));

it("says what to type at the field, shows the change, and saves it", async () => {
  const { sam, vic } = c.people;
  const form = await opens(sam);
  await sam.submits(form);
  expect(Object.values(sam.modal?.errors ?? {})).toEqual(["Nothing would change yet."]);
  await sam.submits(form, { When: "every blue moon", overlap: "allow" });
  expect(Object.values(sam.modal?.errors ?? {}).join()).toMatch(/Type, for example, "/);
  await sam.submits(form, { When: "every weekday at 9:30", "time limit": "2h" });
  const shown = await modal(sam, /- Every day at 03:00.*\+ Every weekday at 09:30.*overlap: skip.*overlap: allow/s);
  // What is typed now is shown first, too.
  await sam.submits(shown, { "What it does": "remind us of the new menu" });
  const again = await modal(sam, /\+ remind us of the new menu/);
  const theirs = await opens(vic);
  await sam.submits(again);
  expect(sam.modal).toBeNull();
  await c.sees(sam, new RegExp(`${name} is changed, revision 2`));
  await vic.submits(theirs, { "What it does": "nothing" });
  expect(Object.values(vic.modal?.errors ?? {}).join()).toMatch(/Only the owner of .* or an admin/);
});

it("keeps both changes when two edit at once", async () => {
  const { sam, ada } = c.people;
  const [mine, hers] = [await opens(sam), await opens(ada)];
  await ada.submits(hers, { "What it does": "remind us of lunch" });
  await ada.submits(await modal(ada, /\+ remind us of lunch/));
  await c.sees(ada, /is changed, revision 2/);
  await sam.submits(mine, { steps: "7" });
  const shown = await modal(sam, /@?ada changed it while you did.*\+ steps: 7/is);
  expect(shown.words).not.toContain("- remind us of lunch");
  await sam.submits(shown);
  await c.sees(sam, /is changed, revision 3/);
  await sam.types(`/claw status ${name}`, { channel: c.eng });
  await c.sees(sam, /remind us of lunch/);
});
