/**
 * Whose is it? Every button there is and every command that takes a name or a number, pressed and typed by an admin of another
 * workspace, by a viewer, and twice: judged by all that is stored, and by what the answers let out.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTIONS } from "../../src/bot/cards/actions.ts";
import { USAGE, VERBS } from "../../src/bot/commands/command.ts";
import type { SeenMessage } from "../bot/console/visitor.ts";
import type { Person } from "../support/claw-process.ts";
import { json, resetBeforeAnswer } from "../support/http-server.ts";
import { until } from "../support/patience.ts";
import { type Hostile, startHostile } from "./hostile.ts";

const OTHER = "console:other";
/** Stands in what is called and asked there, and in no name that people type. */
const PRIVATE = "confidentialpayload";

let claw: Hostile;
/** Ids of everything that a button can be about. */
let ids: readonly string[];
let names: { readonly workflow: string; readonly run: number };

beforeAll(async () => {
  claw = await startHostile();
  claw.site.page("/x", json({ done: true }));
  claw.site.page("/torn", resetBeforeAnswer);
  const post = (path: string) => ({
    name: "http_request",
    arguments: { method: "POST", url: `${claw.site.url}${path}`, body: PRIVATE },
  });
  const instruction = `post to ${claw.site.url}`;
  await claw.attack(instruction, { calls: [post("/x")] });
  // One whose call may have happened.
  const torn = await claw.attack(instruction, { calls: [post("/torn")] });
  const [card] = torn.cards;
  if (!card) throw new Error("it did not ask");
  const lin = await claw.at("lin");
  await torn.story.press(card, "Approve", lin);
  await torn.story.see(/don't know whether/);
  // A dead one, a draft, a grant that is proposed, a rule.
  claw.script("dead.", { kind: "status", status: 400 });
  const dead = await claw.story(`${instruction} (dead.)`);
  await until(
    async () => /dead|failed/.test((await dead.run()).status),
    async () => "it did not fail",
  );
  const sam = await claw.at("sam");
  await sam.say(`/claw every day at 9 ${PRIVATE} of the draft`, "room-30");
  await sam.waitFor(/Create this workflow\?/, "room-30");
  const ada = await claw.at("ada");
  const [row] = await claw.database.sql<{ workflow: string; run: number }[]>`
    select w.name as workflow, r.number as run from runs r join workflows w on w.id = r.workflow_id
    where r.status = 'waiting' order by r.number limit 1`;
  if (!row) throw new Error("nothing waits");
  names = row;
  await ada.say(`/claw grant ${row.workflow} channel_post {"channel": "#ops", "text": "*"}`, "room-31");
  await ada.waitFor(/channel_post/, "room-31");
  await ada.say("/claw allow http_request to 127.0.0.1", "room-31");
  await ada.waitFor(/http_request/, "room-31");
  await settled();
  const tables = [
    "workflows",
    "runs",
    "approvals",
    "waits",
    "firings",
    "deliveries",
    "grants",
    "policy_rules",
    "incidents",
  ];
  // One of each kind there is, so that every button meets the thing that it is about, and every other.
  const found = await Promise.all(
    tables.map(
      (table) => claw.database.sql<{ id: string }[]>`
      select min(id::text) as id from ${claw.database.sql(table)} t
      group by coalesce(to_jsonb(t) ->> 'status', '') || coalesce(to_jsonb(t) ->> 'kind', '')`,
    ),
  );
  ids = found.flat().map(({ id }) => id);
  claw.strays();
}, 180_000);
afterAll(() => claw?.close());

async function settled(): Promise<void> {
  const open = async () => {
    const [row] = await claw.database.sql<{ n: number }[]>`
      select ((select count(*) from inbound_events where status not in ('handled', 'failed'))
        + (select count(*) from deliveries where status in ('pending', 'sending')))::int as n`;
    return row?.n === 0;
  };
  await until(open, async () => "something is under way still");
}

/** All that can be changed by a button, as one line a table. What is said and who was here is no change. */
async function everything(workspace: string): Promise<readonly string[]> {
  const tables = [
    "workflows",
    "revisions",
    "runs",
    "steps",
    "approvals",
    "votes",
    "waits",
    "firings",
    "grants",
    "policy_rules",
  ];
  const { sql } = claw.database;
  return Promise.all(
    [...tables, "incidents"].map(async (table) => {
      const [row] = await sql<{ n: number; rows: string }[]>`
        select count(*)::int as n, md5(coalesce(string_agg(${
          // Claw itself plans waits anew.
          table === "waits" ? sql`t.id || t.status::text || coalesce(t.closed_by, '')` : sql`t::text`
        }, ',' order by t::text), '')) as rows
        from ${sql(table)} t where ${table === "votes" ? sql`true` : sql`t.workspace_id = ${workspace}`}`;
      return `${table} ${row?.n} ${row?.rows}`;
    }),
  );
}

/** A person, and a card of theirs to send presses from: asked for once each. */
const known = new Map<string, Promise<{ readonly person: Person; readonly card: SeenMessage }>>();
function from(name: string, channel: string) {
  const made =
    known.get(name) ??
    claw.at(name).then(async (person) => {
      await person.say("/claw help", channel);
      return { person, card: await person.waitFor(/Say when and what/, channel) };
    });
  known.set(name, made);
  return made;
}

const press = async (person: Person, card: SeenMessage, action: string, value: string, text: string | null = null) =>
  (await person.visitor.post("/api/actions", { key: randomUUID(), messageId: card.messageId, action, value, text }))
    .status;

/** They mean no thing that has an id, and are an admin's to press. */
const OF_NOTHING: ReadonlySet<string> = new Set(["command", "stop.everything", "stop.cancel"]);
const ABOUT = ACTIONS.filter((action) => !OF_NOTHING.has(action));
/** What a viewer may do: look. */
const LOOKS: ReadonlySet<string> = new Set(["run.inspect", "workflow.inspect"]);

describe("a viewer", () => {
  test.each(ABOUT.filter((action) => !LOOKS.has(action)))(
    "who forges %s with every id there is changes nothing",
    async (action) => {
      const { person: vic, card } = await from("vic", "room-32");
      const before = await everything("console:demo");
      await Promise.all(ids.map((id) => press(vic, card, action, id, "{}")));
      await settled();
      expect(await everything("console:demo")).toEqual(before);
      expect(claw.strays()).toEqual([]);
    },
  );
});

describe("whoever presses twice", () => {
  test("to have a call tried again has it tried once", async () => {
    const { sql } = claw.database;
    claw.site.page("/torn", json({ done: true }));
    const [wait] = await sql<{ id: string }[]>`select id from waits where kind = 'unknown_effect' and status = 'open'`;
    const { person: lin, card } = await from("lin", "room-33");
    const again = () => press(lin, card, "effect.again", wait?.id ?? "");
    await Promise.all([again(), again(), again()]);
    await settled();
    await expect
      .poll(async () => (await sql`select 1 from waits where status = 'open' and id = ${wait?.id ?? ""}`).length)
      .toBe(0);
    await expect.poll(() => claw.site.requests.filter(({ path }) => path === "/torn").length).toBeGreaterThan(1);
    for (const action of ["effect.again", "effect.happened", "effect.stop"])
      await press(lin, card, action, wait?.id ?? "");
    await settled();
    expect(claw.strays()).toEqual([`POST /torn ${PRIVATE}`]);
  });

  test("to give a grant gives one", async () => {
    const { sql } = claw.database;
    const [proposed] = await sql<{ id: string }[]>`select id from grants`;
    const { person: ada, card } = await from("ada", "room-34");
    const give = () => press(ada, card, "grant.give", proposed?.id ?? "");
    await Promise.all([give(), give(), give()]);
    await settled();
    await press(ada, card, "grant.drop", proposed?.id ?? "");
    await settled();
    const given = await sql`select 1 from grants where given_at is not null and revoked_at is null`;
    expect(given).toHaveLength(1);
    expect(await sql`select 1 from audit_events where action = 'grant.given'`).toHaveLength(1);
  });
});

describe("an admin of another workspace", () => {
  beforeAll(async () => {
    const { sql } = claw.database;
    await settled();
    await sql`insert into workspaces (id, platform, team, name, timezone, created_at)
      values (${OTHER}, 'console', 'other', 'Other', 'UTC', now())`;
    const tables = await sql<{ name: string }[]>`
      select c.table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and c.column_name = 'workspace_id' and t.table_type = 'BASE TABLE'
        and c.table_name not like 'console_%' and c.table_name not in ('members', 'inbound_events', 'audit_events')`;
    // Not a thing is this workspace's any more.
    await sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      for (const { name } of tables)
        await tx`update ${tx(name)} set workspace_id = ${OTHER} where workspace_id = 'console:demo'`;
    });
  });

  test.each(ABOUT)("who forges %s with every id there is changes nothing, and learns nothing", async (action) => {
    const { person: ada, card } = await from("ada", "room-34");
    const before = await everything(OTHER);
    await Promise.all(ids.map((id) => press(ada, card, action, id, "{}")));
    await settled();
    expect(await everything(OTHER)).toEqual(before);
    const seen = (await ada.see("room-34")).map(({ words }) => words).join("\n");
    expect(seen).not.toContain(PRIVATE);
    expect(seen).not.toContain(names.workflow);
    expect(claw.strays()).toEqual([]);
  });

  /** Those that take a name or a number of something. */
  const taking = VERBS.filter(
    (verb) => /<|\[/.test(USAGE[verb].takes) && !["now", "help", "cost", "timezone"].includes(verb),
  );

  test.each(taking)("who types %s with their names and numbers changes nothing, and learns nothing", async (verb) => {
    const { person: ada } = await from("ada", "room-34");
    const channel = "room-35";
    const before = await everything(OTHER);
    const { workflow, run } = names;
    const subjects = [workflow, `${run}`];
    const rest = [
      "",
      " from the start",
      " with {}",
      ' channel_post {"channel": "*"}',
      " 2026-11-01 2026-11-22",
      " overlap allow",
    ];
    for (const subject of subjects) {
      for (const more of rest) await ada.say(`/claw ${verb} ${subject}${more}`, channel);
    }
    await settled();
    expect(await everything(OTHER)).toEqual(before);
    const seen = (await ada.see(channel)).map(({ words }) => words).join("\n");
    expect(seen).not.toContain(PRIVATE);
    expect(claw.strays()).toEqual([]);
  });
});
