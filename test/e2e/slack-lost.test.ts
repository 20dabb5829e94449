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
  expect(told.buttons).toEqual(["Send again", "Inspect", "Pause"]);
  sam.says("status", { channel: sam.dm });
  await c.slack.until("the status", () =>
    sam.sees(sam.dm).find(({ words }) => /1 message not delivered/.test(words) && words.includes(name)),
  );

  // Repaired: what was lost follows, once.
  c.slack.team.unarchive(c.eng);
  await sam.presses("Send again", told);
  const root2 = await c.sees(sam, /runs every day/);
  await c.sees(sam, /menu/, root2);
  await sam.presses("Send again", told, { stale: true });
  await c.slack.until("the second answer", () =>
    sam.sees(sam.dm).find(({ words }) => /Nothing of \S+ is left to send/.test(words)),
  );
  const card = sam.sees(sam.dm).find(({ ts }) => ts === told.ts);
  expect(card?.words).toMatch(/1 message of .* sent again by @sam/);
  expect(sam.sees(c.eng, root2)).toHaveLength(2);
});

it("moves to a new thread when its own was deleted, with what was asked there, and tells its owner", async () => {
  const { sam, ada, lin } = c.people;
  await sam.types("/claw every day at 3 remind us of the menu", { channel: c.eng });
  await sam.presses("Create", await c.sees(sam, /Create this workflow\?/));
  const root = await c.sees(sam, /runs every day/);
  const name = /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "";
  ada.deletes(root);
  await sam.types(`/claw run ${name}`, { channel: c.eng });
  const next = await c.sees(lin, /runs every day.*Its thread before was deleted/s);
  await c.sees(lin, /remind us of the menu|menu/i, next);
  await c.slack.until("a word to the owner", () =>
    sam.sees(sam.dm).find(({ words }) => words.includes(name) && /was deleted .* goes on in a new one/s.test(words)),
  );
  // Once more, and it moves once more.
  ada.deletes(next);
  for (const reply of lin.sees(c.eng, next).slice(1)) ada.deletes(reply);
  await sam.types(`/claw run ${name}`, { channel: c.eng });
  const third = await c.slack.until("a third root", () =>
    lin.sees(c.eng).find(({ words, ts }) => /Its thread before was deleted/.test(words) && ts !== next.ts),
  );
  await c.slack.until("the report", () => lin.sees(c.eng, third).length === 2);
});
