/** What could not be recorded in time and is sent again, as pages and platforms do, is done: once. */
import { expect, it, onTestFinished } from "vitest";
import { connect } from "../../../src/orchestrator/db/client.ts";
import { createInbox } from "../../../src/orchestrator/inbox/service.ts";
import type { InboundEvent } from "../../../src/orchestrator/ports.ts";
import { startPgProxy } from "../../support/pg-proxy.ts";
import { CHANNEL, engineCase, memberId, WORKSPACE } from "../engine-case.ts";

it.each(["at once", "after it was refused"])("a command that is sent again %s", async (when) => {
  const c = await engineCase();
  const target = new URL(c.url);
  const proxy = await startPgProxy({ target: { host: target.hostname, port: Number(target.port) } });
  const client = connect(proxy.through(c.url), { max: 4, applicationName: "claw-test" });
  onTestFinished(async () => {
    await client.close();
    await proxy.close();
    await c.close();
  });
  const handled: string[] = [];
  const inbox = createInbox({
    ...c.deps,
    db: client.db,
    urgent: client.db,
    platforms: new Map(),
    reach: new Map(),
    handler: {
      async handle(caller) {
        handled.push(caller.event.key);
        return [];
      },
      explain: (error) => error.message,
    },
  });
  const command = (key: string): InboundEvent => ({
    workspaceId: WORKSPACE,
    platform: "console",
    key,
    actor: { memberId: memberId("sam"), name: "sam" },
    channelId: CHANNEL,
    threadId: null,
    at: c.clock.now(),
    body: { kind: "command", text: "status" },
  });
  // Its connections are open.
  expect(await inbox.receive(command("first"))).toBe("stored");
  await inbox.settled();
  proxy.pause();
  expect(await inbox.receive(command("late"))).toBe("not_recorded");
  proxy.resume();
  if (when === "after it was refused") {
    const refused = () => c.sql`select key from inbound_events where key = 'late' and status = 'failed'`;
    await expect.poll(refused).toHaveLength(1);
  }
  expect(await inbox.receive(command("late"))).toBe("stored");
  await inbox.settled();
  expect(await inbox.receive(command("late"))).toBe("duplicate");
  await inbox.settled();
  await inbox.sweep(0);
  expect(handled).toEqual(["first", "late"]);
  expect(await c.sql`select distinct status from inbound_events`).toEqual([{ status: "handled" }]);
});
