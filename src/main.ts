/** Composition root: config, database, services, tools, adapters. The only place that constructs. Last in, first out. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { noticeCard } from "./bot/cards/notice.ts";
import { completions } from "./bot/commands/complete.ts";
import type { Console, ConsolePerson } from "./bot/console/deps.ts";
import { createHandler } from "./bot/handler.ts";
import { type Config, ConfigError } from "./config.ts";
import type { Log } from "./log.ts";
import { listAudit } from "./orchestrator/audit/store.ts";
import { connect, type Database, type DatabaseClient } from "./orchestrator/db/client.ts";
import { startEmbeddedPostgres } from "./orchestrator/db/embedded/embedded-postgres.ts";
import { migrate } from "./orchestrator/db/migrate.ts";
import { createSignals } from "./orchestrator/db/signals.ts";
import { waitForDatabase } from "./orchestrator/db/wait.ts";
import { createPoster } from "./orchestrator/delivery/post.ts";
import { systemIds } from "./orchestrator/ids.ts";
import { ensureWorkspace, setMember } from "./orchestrator/members/store.ts";
import { priceFor } from "./orchestrator/model/prices.ts";
import { createRulesModel } from "./orchestrator/model/rules.ts";
import { createOrchestrator } from "./orchestrator/orchestrator.ts";
import type { Alarms, ChatPlatform, Clock, Model, PlatformName } from "./orchestrator/ports.ts";
import { inspectRun, runViews } from "./orchestrator/runs/views/store.ts";
import { createAgendaSchema } from "./orchestrator/schedules/agenda.ts";
import { secretKey } from "./orchestrator/secrets/secrets.ts";
import { createSecretStore } from "./orchestrator/secrets/store.ts";
import { createServices } from "./orchestrator/services/service.ts";
import { unknownTools } from "./orchestrator/services/service-name.ts";
import { createPinger } from "./orchestrator/watchdog/ping.ts";
import { workflowNames } from "./orchestrator/workflows/store.ts";
import { workflowView, workflowViews } from "./orchestrator/workflows/views/store.ts";
import { packageRoot, version } from "./package-root.ts";
import { createReleasers } from "./releasers.ts";
import { startLines } from "./start-lines.ts";
import { channelTools, createEgressGuard, createRegistry, finish, httpTools } from "./tools/index.ts";

/** Milliseconds that steps under way are given at shutdown before they are interrupted. */
const GRACE_MS = 4_000;
const POOL = 12;
const URGENT_POOL = 2;
const MAX_OUTPUT_TOKENS = 4_000;
const CONTEXT_TOKENS = 24_000;
/** The rules model pays nothing for what it reads. */
const RULES_CONTEXT_TOKENS = 200_000;
const CONSOLE_WORKSPACE = "console:demo";
const DEMO_PEOPLE = [
  { name: "Ada", role: "admin" },
  { name: "Lin", role: "approver" },
  { name: "Sam", role: "member" },
  { name: "Vic", role: "viewer" },
] as const;
const DEMO_CHANNELS = ["general", "ops", "eng"] as const;

export interface StartOptions {
  readonly config: Config;
  readonly log: Log;
  /** For the lines that say what is on and what is off. */
  readonly write: (line: string) => void;
  /** Aborted when the process is to stop before it has started. */
  readonly signal: AbortSignal;
}

export interface RunningClaw {
  /** In order: no new work, steps under way journalled, the database last. A second call joins the first. */
  stop(reason: string): Promise<void>;
  /** Where the console signs in; null without one. */
  readonly url: string | null;
}

/** @throws ClawError with what to do, when something it needs is not there; then nothing is left running */
export async function startClaw({ config, log, write, signal }: StartOptions): Promise<RunningClaw> {
  const began = performance.now();
  const releasers = createReleasers(log);
  const clock: Clock = { now: () => Date.now() };
  try {
    const database = await openDatabase(config, log, signal, releasers.add);
    signal.throwIfAborted();
    const { db } = database.client;
    const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
    const model = await openModel(config, clock, log);
    const page = config.roles.includes("console")
      ? await openConsole(config, database.client, clock, log, write)
      : null;
    const platforms = new Map<PlatformName, ChatPlatform>(page ? [["console", page]] : []);
    // The tools post through deliveries, and deliveries wake through the orchestrator that is made of the tools.
    const alarms: Alarms = { set: (kind, at) => orchestrator.alarms.set(kind, at) };
    const registry = createRegistry([
      ...httpTools({ guard: createEgressGuard({ allow: config.egress.allow }), userAgent: `Claw/${version()}` }),
      ...channelTools({ post: createPoster({ db, alarms, clock, ids: systemIds }) }),
      finish,
    ]);
    const tools = registry.list().map(({ name }) => name);
    const strange = unknownTools(config.services.limits, tools);
    if (strange.length > 0) {
      throw new ConfigError(
        strange.map((key) => ({ key: `services.${key}`, problem: `names no tool; tools are ${tools.join(", ")}` })),
      );
    }
    const orchestrator = createOrchestrator({
      db,
      urgent: database.urgent.db,
      signals: createSignals(database.client.sql, database.urgent.sql),
      journal: database.journal,
      databaseUrl: database.url,
      clock,
      ids: systemIds,
      random: Math.random,
      log,
      registry,
      secrets: createSecretStore({ db, clock, key: config.secretKey === null ? null : secretKey(config.secretKey) }),
      model,
      services: createServices({ db, alarms, clock, log, limits: config.services.limits }),
      version: version(),
      maxOutputTokens: (config.model.kind === "openai" ? config.model.maxOutputTokens : null) ?? MAX_OUTPUT_TOKENS,
      contextTokens: config.model.kind === "rules" ? RULES_CONTEXT_TOKENS : CONTEXT_TOKENS,
      dayCeilingMicros: config.budget.dayCeilingMicros,
      policies: config.policies,
      closedTimes: config.closedTimes,
      owner,
      works: config.roles.includes("worker"),
      platforms,
      handler: createHandler(),
      concurrency: config.runs.concurrency,
      perWorkspace: config.runs.perWorkspace,
      leaseMs: config.runs.leaseMs,
      retention: config.retention,
    });
    releasers.add("orchestrator", () => orchestrator.stop(GRACE_MS));
    await orchestrator.start();
    if (config.watchdogUrl !== null) {
      const pinger = createPinger({
        url: config.watchdogUrl,
        log,
        probe: () => database.client.sql`select 1`,
        uptime: () => performance.now(),
      });
      pinger.start();
      releasers.add("watchdog", () => pinger.stop());
    }
    if (page) {
      await page.start(orchestrator.inbox);
      releasers.add("console", () => page.stop());
    }
    signal.throwIfAborted();
    const url = page?.loginUrl() ?? null;
    for (const line of startLines({ config, model, url, database: database.words, ms: performance.now() - began }))
      write(line);
    return {
      url,
      async stop(reason) {
        log.info({ reason }, "stopping");
        await releasers.release();
      },
    };
  } catch (error) {
    await releasers.release();
    throw error;
  }
}

interface OpenDatabase {
  readonly url: string;
  readonly client: DatabaseClient;
  readonly urgent: DatabaseClient;
  readonly journal: Database;
  /** What and where it is, for the start-up lines. */
  readonly words: string;
}

async function openDatabase(
  config: Config,
  log: Log,
  signal: AbortSignal,
  onRelease: (name: string, release: () => Promise<void>) => void,
): Promise<OpenDatabase> {
  let url = config.databaseUrl;
  let words = "PostgreSQL at DATABASE_URL";
  if (url === null) {
    const server = await startEmbeddedPostgres({ dataDir: config.postgresDir, log });
    onRelease("embedded database", () => server.stop());
    url = server.url;
    words = `embedded PostgreSQL ${server.version}`;
  } else {
    await waitForDatabase(url, { log, signal, timeoutMs: null });
  }
  const at = url;
  await migrate(at, { log, prepare: () => createAgendaSchema(at) });
  const client = connect(at, { max: POOL, applicationName: "claw" });
  onRelease("database connections", () => client.close());
  const urgent = connect(at, { max: URGENT_POOL, applicationName: "claw-urgent" });
  onRelease("urgent database connections", () => urgent.close());
  const journal = connect(at, { max: 1, applicationName: "claw-journal" });
  onRelease("journal's database connection", () => journal.close());
  return { url: at, client, urgent, journal: journal.db, words };
}

async function openModel(config: Config, clock: Clock, log: Log): Promise<Model> {
  const { model } = config;
  if (model.kind === "rules") return createRulesModel();
  // Its client and tokenizer are worth their memory only where they are used.
  const { createOpenAiModel } = await import("./orchestrator/model/openai.ts");
  const price = priceFor({
    model: model.name,
    baseURL: model.baseUrl,
    trust: model.trust,
    configured: model.price,
    at: new Date(clock.now()),
  });
  return createOpenAiModel({
    apiKey: model.apiKey,
    baseURL: model.baseUrl,
    model: model.name,
    trust: model.trust,
    price,
    clock,
    log,
  });
}

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
  const people = (config.console.people ?? DEMO_PEOPLE).map(
    ({ name, role }): ConsolePerson => ({
      memberId: `${CONSOLE_WORKSPACE}:${name.toLowerCase().replace(/\W+/g, "-")}`,
      name,
      role,
    }),
  );
  for (const person of people) {
    await setMember(db, { workspaceId: workspace.id, id: person.memberId, name: person.name, role: person.role, at });
  }
  const [first, ...others] = people;
  const [channel, ...channels] = config.console.channels ?? DEMO_CHANNELS;
  if (!first || !channel) throw new Error("the console needs people and channels");
  const now = () => new Date(clock.now());
  const open = { closedTimes: config.closedTimes, zone: config.timezone };
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
      workflows: (id) => workflowViews(db, id, now(), open),
      async workflow(id, name) {
        const view = await workflowView(db, id, { name }, now(), open);
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
