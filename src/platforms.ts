/** The second half of the composition root: the chat platforms that are on, made of what they need. */

import { join } from "node:path";
import { noticeCard } from "./bot/cards/notice.ts";
import { choices } from "./bot/commands/choices.ts";
import { completions } from "./bot/commands/complete.ts";
import type { Console, ConsolePerson } from "./bot/console/deps.ts";
import { namesGroups } from "./config/permissions.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import { readCallToChange } from "./orchestrator/approvals/change.ts";
import { listAudit } from "./orchestrator/audit/store.ts";
import type { Database, DatabaseClient } from "./orchestrator/db/client.ts";
import { saidIn } from "./orchestrator/delivery/said/store.ts";
import { noticesOf } from "./orchestrator/delivery/store.ts";
import { systemIds } from "./orchestrator/ids.ts";
import { ensureWorkspace, findMember, findWorkspace, setMember } from "./orchestrator/members/store.ts";
import { readMine } from "./orchestrator/mine.ts";
import type { ChannelWork, ChatPlatform, Clock, PlatformName } from "./orchestrator/ports.ts";
import { inspectRun, runViews } from "./orchestrator/runs/views/store.ts";
import { nextOf } from "./orchestrator/schedules/phrase/next.ts";
import { planEdit, readWorkflowToEdit } from "./orchestrator/workflows/edit.ts";
import { workflowNames } from "./orchestrator/workflows/store.ts";
import { workflowView, workflowViews } from "./orchestrator/workflows/views/store.ts";
import { packageRoot } from "./package-root.ts";
import type { ToolRegistry } from "./tools/index.ts";

const CONSOLE_WORKSPACE = "console:demo";
const DEMO_PEOPLE = [
  { name: "Ada", role: "admin" },
  { name: "Lin", role: "approver" },
  { name: "Sam", role: "member" },
  { name: "Vic", role: "viewer" },
] as const;
const DEMO_CHANNELS = ["general", "ops", "eng"] as const;

/** What the forms of every platform are made of. */
const formReaders = (config: Config, db: Database, registry: ToolRegistry, clock: Clock) => ({
  callToChange: (workspaceId: string, approvalId: string) =>
    readCallToChange({ db, registry }, workspaceId, approvalId),
  workflowToEdit: (workspaceId: string, workflowId: string) => readWorkflowToEdit({ db }, workspaceId, workflowId),
  planEdit: (...asked: Tail<Parameters<typeof planEdit>>) =>
    planEdit({ db, clock, partsOfDay: config.partsOfDay, defaults: config.policies }, ...asked),
});
type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

export interface OpenPlatforms {
  readonly page: Console | null;
  /** What this process delivers to and listens to. */
  readonly platforms: ReadonlyMap<PlatformName, ChatPlatform>;
  /** What its runs may ask about channels, and do in them. */
  readonly reach: ReadonlyMap<PlatformName, ChannelWork>;
  /** What is only asked: to be started, too, with an inbox that hears nothing. */
  readonly asked: readonly ChatPlatform[];
}

/** The platforms that are on, not started yet. A process that only works asks them, and hears nothing. */
export async function openPlatforms(
  config: Config,
  client: DatabaseClient,
  registry: ToolRegistry,
  clock: Clock,
  log: Log,
  write: (line: string) => void,
): Promise<OpenPlatforms> {
  const { roles, slack, discord } = config;
  const [listens, works] = [roles.includes("bot"), roles.includes("worker")];
  const page = roles.includes("console") ? await openConsole(config, client, clock, log, write) : null;
  const chats = [
    ...(slack && (listens || works) ? [await openSlack(config, slack, client, registry, clock, log, listens)] : []),
    ...(discord && (listens || works)
      ? [await openDiscord(config, discord, client, registry, clock, log, listens)]
      : []),
  ];
  const named = <T extends { readonly name: PlatformName }>(all: readonly T[]) =>
    all.map((each) => [each.name, each] as const);
  const consoleWork: ChannelWork = page ?? (await consoleChannels(config, client.db, clock));
  return {
    page,
    platforms: new Map(named([...(page ? [page] : []), ...(listens ? chats : [])])),
    reach: new Map<PlatformName, ChannelWork>([["console", consoleWork], ...named(chats)]),
    asked: listens ? [] : chats,
  };
}

/** Slack, not started yet: its code is loaded only where it is on. @param listens false: it is only asked and told */
async function openSlack(
  config: Config,
  slack: NonNullable<Config["slack"]>,
  { db }: DatabaseClient,
  registry: ToolRegistry,
  clock: Clock,
  log: Log,
  listens: boolean,
): Promise<ChatPlatform> {
  const { createSlack } = await import("./bot/slack/slack.ts");
  const { appToken, signingSecret, host, port } = slack;
  return createSlack({
    botToken: slack.botToken,
    entry: !listens
      ? { kind: "none" }
      : appToken !== null
        ? { kind: "socket", appToken }
        : { kind: "http", signingSecret: signingSecret ?? "", host, port },
    apiUrl: slack.apiUrl,
    roles: slack.roles,
    knowsGroups: namesGroups(config.permissions),
    clock,
    log,
    noticeCard: (notice) => noticeCard(notice, clock.now()),
    noticeFor: async (workspaceId, key) => (await noticesOf(db, workspaceId, [key])).get(key) ?? null,
    ...formReaders(config, db, registry, clock),
    ensureWorkspace: ({ id, team, name }) =>
      ensureWorkspace(db, {
        id,
        platform: "slack",
        team,
        name,
        timezone: config.timezone,
        createdAt: new Date(clock.now()),
      }),
    home: (workspaceId, memberId) =>
      readMine(
        {
          db,
          workspaceId,
          now: new Date(clock.now()),
          zone: config.timezone,
          dayCeilingMicros: config.budget.dayCeilingMicros,
        },
        memberId,
      ),
  });
}

/** Discord, not started yet: its code is loaded only where it is on. @param listens false: it is only asked and told */
async function openDiscord(
  config: Config,
  discord: NonNullable<Config["discord"]>,
  { db }: DatabaseClient,
  registry: ToolRegistry,
  clock: Clock,
  log: Log,
  listens: boolean,
): Promise<ChatPlatform> {
  const { createDiscord } = await import("./bot/discord/discord.ts");
  const zones = Intl.supportedValuesOf("timeZone");
  return createDiscord({
    ...discord,
    listens,
    clock,
    log,
    random: Math.random,
    noticeCard: (notice) => noticeCard(notice, clock.now()),
    saidIn: (messageId) => saidIn(db, "discord", messageId),
    ...formReaders(config, db, registry, clock),
    ensureWorkspace: ({ id, team, name }) =>
      ensureWorkspace(db, {
        id,
        platform: "discord",
        team,
        name,
        timezone: config.timezone,
        createdAt: new Date(clock.now()),
      }),
    async choices(workspaceId, memberId, typed) {
      const now = clock.now();
      const [member, workspace, workflows, runs] = await Promise.all([
        findMember(db, workspaceId, memberId),
        findWorkspace(db, workspaceId),
        workflowNames(db, workspaceId),
        runViews(db, { workspaceId, limit: 20, now: new Date(now) }),
      ]);
      const zone = member?.timezone ?? workspace?.timezone ?? config.timezone;
      return choices(typed, {
        workflows,
        runs: runs.map(({ number, name, status }) => ({ number, words: `${name}, ${status}` })),
        zones,
        nextOf: (line) => nextOf(line, { now, zone, partsOfDay: config.partsOfDay }),
      });
    },
  });
}

const peopleOf = (config: Config): ConsolePerson[] =>
  (config.console.people ?? DEMO_PEOPLE).map(({ name, role }) => ({
    memberId: `${CONSOLE_WORKSPACE}:${name.toLowerCase().replace(/\W+/g, "-")}`,
    name,
    role,
  }));

/** What another process's console has of channels. */
async function consoleChannels(config: Config, db: Database, clock: Clock): Promise<ChannelWork> {
  const { createChannels } = await import("./bot/console/channels.ts");
  const channels = config.console.channels ?? DEMO_CHANNELS;
  return createChannels({ db, clock, workspace: { id: CONSOLE_WORKSPACE }, people: peopleOf(config), channels });
}

/** The console, not started yet, with its demo workspace. */
async function openConsole(
  config: Config,
  client: DatabaseClient,
  clock: Clock,
  log: Log,
  write: (line: string) => void,
): Promise<Console> {
  const { createConsole } = await import("./bot/console/console.ts");
  const { db, sql } = client;
  const at = new Date(clock.now());
  const workspace = { id: CONSOLE_WORKSPACE, name: "Demo", demo: true };
  await ensureWorkspace(db, {
    id: workspace.id,
    platform: "console",
    team: "demo",
    name: workspace.name,
    timezone: config.timezone,
    createdAt: at,
  });
  const people = peopleOf(config);
  for (const person of people) {
    await setMember(db, { workspaceId: workspace.id, id: person.memberId, name: person.name, role: person.role, at });
  }
  const [first, ...others] = people;
  const [channel, ...channels] = config.console.channels ?? DEMO_CHANNELS;
  if (!first || !channel) throw new Error("the console needs people and channels");
  const now = () => new Date(clock.now());
  return createConsole({
    db,
    async listen(name, onMessage) {
      const { unlisten } = await sql.listen(name, onMessage);
      return () => unlisten();
    },
    clock,
    ids: systemIds,
    log,
    host: config.console.host,
    port: config.console.port,
    token: config.console.token,
    workspace,
    people: [first, ...others],
    channels: [channel, ...channels],
    noticeCard: (notice) => noticeCard(notice, clock.now()),
    completions: async (text) => completions(text, { workflows: await workflowNames(db, workspace.id) }),
    pages: {
      workflows: (id) => workflowViews(db, id, now()),
      async workflow(id, name) {
        const view = await workflowView(db, id, { name }, now());
        return (
          view && {
            ...view,
            runs: await runViews(db, { workspaceId: id, workflowId: view.workflowId, limit: 50, now: now() }),
          }
        );
      },
      run: (id, number) => inspectRun(db, id, { number }, now()),
      audit: (id, before) =>
        listAudit(db, { workspaceId: id, limit: 50, ...(before === null ? {} : { beforeId: before }) }),
    },
    onNewKey: (url) => write(`console   ${url}`),
    publicDir: join(packageRoot(), "src", "bot", "console", "public"),
  });
}
