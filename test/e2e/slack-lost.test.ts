/** A channel that takes no messages any more: the workflow's owner hears of it, in person. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlackCase, slackCase } from "./slack-case.ts";

let c: SlackCase;
beforeEach(async () => {
  c = await slackCase("socket");
});
afterEach(() => c.close());

it("is told to the owner in a direct message, with what to do, and shown by status", async () => {
  const { sam } = c.people;
  await sam.types("/claw every day at 3 remind us of the menu", { channel: c.eng });
  const preview = await c.sees(sam, /Create this workflow\?/);
  await sam.presses("Create", preview);
  const root = await c.sees(sam, /runs every day/);
  const name = /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "";
  c.slack.team.archive(c.eng);
  sam.says(`run ${name}`, { channel: sam.dm });
  const told = await c.slack.until("the message to sam", () =>
    sam.sees(sam.dm).find(({ words }) => /cannot post to its channel/.test(words)),
  );
  expect(told.words).toMatch(/channel is archived; unarchive it or move the workflow/);
  expect(told.buttons).toEqual(["Inspect", "Pause"]);
  sam.says("status", { channel: sam.dm });
  await c.slack.until("the status", () =>
    sam.sees(sam.dm).find(({ words }) => /1 message not delivered/.test(words) && words.includes(name)),
  );
});
