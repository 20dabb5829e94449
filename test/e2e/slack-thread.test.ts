/** What people say to Claw in a workflow's thread in Slack, where no slash command can be typed. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SlackCase, slackCase } from "./slack-case.ts";

let c: SlackCase;
beforeEach(async () => {
  c = await slackCase("socket");
});
afterEach(() => c.close());

it("rules, skips, stops and a deletion are asked and answered in the thread", { timeout: 150_000 }, async () => {
  const { sam, ada, vic } = c.people;
  await sam.types("/claw every day at 3 check https://shop.example/menu", { channel: c.eng });
  await sam.presses("Create", await c.sees(sam, /Create this workflow\?.*reads at/s));
  const root = await c.sees(sam, /runs every day/);
  const name = /([\w-]+) runs every day/.exec(root.words)?.[1] ?? "";
  const asks = (person: typeof sam, line: string) => person.says(`@claw ${line}`, { channel: c.eng, thread: root });

  asks(sam, `skip next ${name}`);
  await c.sees(sam, /skips the next time/, root);

  asks(ada, "deny http_get to evil.example");
  await ada.presses("Save", await c.sees(ada, /From now on every workflow here/, root));
  await c.sees(ada, /Rule 1 holds: every workflow here/, root);
  asks(sam, `policy ${name}`);
  await c.sees(sam, /What \S+ may do: 1 rule\*/, root);
  asks(ada, "policy remove 1");
  await c.sees(ada, /Rule 1 holds no more/, root);

  asks(ada, "stop everything");
  await ada.presses("Stop everything", await c.sees(ada, /Stop everything in this workspace\?/, root));
  await c.sees(ada, /Everything is stopped by/, root);
  asks(sam, "status");
  const stopped = await c.sees(sam, /Everything is stopped by .* since .*0 running/s, root);
  expect(stopped.words).not.toContain(name);
  asks(ada, "resume everything");
  await c.sees(ada, /Everything goes on/, root);

  asks(vic, `delete ${name}`);
  await c.sees(vic, /Only the owner of|Only .* can/, root);
  asks(sam, `delete ${name}`);
  const sure = await c.sees(sam, /Delete \S+ for good\?/, root);
  await sam.presses("Keep it", sure);
  await c.sees(sam, /stays as it is/, root);
  expect(await c.database.sql`select from workflows where status = 'active'`).toHaveLength(1);
  asks(sam, `delete ${name}`);
  const again = await c.sees(sam, /Delete \S+ for good\?/, root);
  await sam.presses("Delete", again);
  await c.sees(sam, /is deleted/, root);
  expect(await c.database.sql`select from workflows where status = 'active'`).toHaveLength(0);
});
