/** Composition root: config, database, services, tools, adapters. The only place that constructs. Last in, first out. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { createHandler } from "./bot/handler.ts";
import { unknownRuleTools } from "./config/permissions.ts";
import { type Config, ConfigError } from "./config.ts";
import type { Log } from "./log.ts";
import { createChannels } from "./orchestrator/channels/service.ts";
import { connect, type Database, type DatabaseClient } from "./orchestrator/db/client.ts";
import { startEmbeddedPostgres } from "./orchestrator/db/embedded/embedded-postgres.ts";
import { migrate } from "./orchestrator/db/migrate.ts";
import { createSignals } from "./orchestrator/db/signals.ts";
import { waitForDatabase } from "./orchestrator/db/wait.ts";
import { systemIds } from "./orchestrator/ids.ts";
import { createPins } from "./orchestrator/mcp/store.ts";
import { createRunMemory } from "./orchestrator/memory/run-memory.ts";
import { priceFor } from "./orchestrator/model/prices.ts";
import { createRulesModel } from "./orchestrator/model/rules.ts";
import { createOrchestrator } from "./orchestrator/orchestrator.ts";
import { createPolicyBook } from "./orchestrator/policy/book.ts";
import { fits } from "./orchestrator/policy/pattern.ts";
import type { Alarms, ChannelWork, Clock, Model, PlatformName } from "./orchestrator/ports.ts";
import { createAgendaSchema } from "./orchestrator/schedules/agenda.ts";
import { createServices } from "./orchestrator/services/service.ts";
import { unknownTools } from "./orchestrator/services/service-name.ts";
import { createPinger } from "./orchestrator/watchdog/ping.ts";
import { version } from "./package-root.ts";
import { openPlatforms } from "./platforms.ts";
import type { Hidden } from "./redaction.ts";
import { createReleasers } from "./releasers.ts";
import { openSecrets } from "./secrets.ts";
import { startLines } from "./start-lines.ts";
import { httpOf, ownTools } from "./tool-list.ts";
import { createPageLook, createRegistry, openMcp } from "./tools/index.ts";
import { openWebhooks, type WebhookPlace, webhookSetup } from "./webhooks.ts";

/** Milliseconds that steps under way are given at shutdown before they are interrupted. */
const GRACE_MS = 4_000;
const POOL = 10;
const URGENT_POOL = 3;
const QUEUE_POOL = 2;
const MAX_OUTPUT_TOKENS = 4_000;
const CONTEXT_TOKENS = 24_000;
/** The rules model pays nothing for what it reads. */
const RULES_CONTEXT_TOKENS = 200_000;

export interface StartOptions {
  readonly config: Config;
  readonly log: Log;
  /** What the log must not repeat: secrets are added as they are opened, whichever process set them. */
  readonly hidden: Hidden;
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
export async function startClaw({ config, log, hidden, write, signal }: StartOptions): Promise<RunningClaw> {
  const began = performance.now();
  const releasers = createReleasers(log);
  const clock: Clock = { now: () => Date.now() };
  try {
    const database = await openDatabase(config, log, signal, releasers.add);
    signal.throwIfAborted();
    const { db } = database.client;
    const owner = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
    const model = await openModel(config, clock, log);
    // The tools post through deliveries, and deliveries wake through the orchestrator that is made of the tools.
    const alarms: Alarms = { set: (kind, at) => orchestrator.alarms.set(kind, at) };
    const policy = createPolicyBook({ db, clock, file: config.permissions });
    // The platforms are made of the tools, too: what they can do in channels is known once they are open.
    const reach = new Map<PlatformName, ChannelWork>();
    const http = httpOf(config);
    const posting = { db, alarms, clock, ids: systemIds };
    const own = ownTools(config, http, {
      channels: createChannels({ ...posting, policy, reach }),
      workflows: {
        list: (call) => orchestrator.byRun.list(call),
        run: (call) => orchestrator.byRun.run(call),
        pause: (call) => orchestrator.byRun.pause(call),
        create: (call) => orchestrator.byRun.create(call),
        plan: (wanted, given) => orchestrator.byRun.plan(wanted, given),
      },
      memory: createRunMemory({ ...posting, model }),
    });
    const mcp = await openMcp({
      servers: config.mcp.servers,
      taken: [...own.first, ...own.last].map(({ name }) => name),
      pins: createPins({ db, clock }),
      version: version(),
      now: clock.now,
      log,
    });
    releasers.add("MCP servers", () => mcp.close());
    const allTools = () => [...own.first, ...mcp.tools(), ...own.last];
    const registry = createRegistry(allTools());
    mcp.follow(() => registry.replace(allTools()));
    const tools = registry.list().map(({ name }) => name);
    const strange = unknownTools(config.services.limits, tools);
    if (strange.length > 0) {
      throw new ConfigError(
        strange.map((key) => ({ key: `services.${key}`, problem: `names no tool; tools are ${tools.join(", ")}` })),
      );
    }
    const named = unknownRuleTools(config.permissions, tools, fits);
    // A server of MCP that has not spoken yet has no tools yet.
    if (named.length > 0 && config.mcp.servers.length > 0) {
      for (const { key, tool } of named)
        log.warn({ key, tool }, "a rule of permissions names no tool that there is now");
    } else if (named.length > 0) {
      throw new ConfigError(
        named.map(({ key, tool }) => ({ key, problem: `${tool} names no tool; tools are ${tools.join(", ")}` })),
      );
    }
    const { page, platforms, asked, ...open } = await openPlatforms(
      config,
      database.client,
      registry,
      clock,
      log,
      write,
    );
    for (const [name, work] of open.reach) reach.set(name, work);
    const webhooks: WebhookPlace = { listener: null };
    const setup = webhookSetup(config, webhooks);
    const orchestrator = createOrchestrator({
      webhooks: setup,
      db,
      urgent: database.urgent.db,
      signals: createSignals(database.client.sql, database.urgent.sql),
      journal: database.journal,
      queue: database.queue,
      databaseUrl: database.url,
      clock,
      uptime: () => performance.now(),
      ids: systemIds,
      random: Math.random,
      log,
      registry,
      lookAtPage: createPageLook(http),
      secrets: openSecrets(config, db, clock, hidden),
      model,
      services: createServices({ db, alarms, clock, log, limits: config.services.limits }),
      policy,
      version: version(),
      maxOutputTokens: (config.model.kind === "openai" ? config.model.maxOutputTokens : null) ?? MAX_OUTPUT_TOKENS,
      contextTokens: config.model.kind === "rules" ? RULES_CONTEXT_TOKENS : CONTEXT_TOKENS,
      dayCeilingMicros: config.budget.dayCeilingMicros,
      policies: config.policies,
      closedTimes: config.closedTimes,
      partsOfDay: config.partsOfDay,
      owner,
      works: config.roles.includes("worker"),
      platforms,
      reach,
      zone: config.timezone,
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
    for (const platform of [...platforms.values(), ...asked]) {
      await platform.start(orchestrator.inbox);
      releasers.add(platform.name, () => platform.stop());
    }
    const { inbox } = orchestrator;
    webhooks.listener = await openWebhooks(config, { db: database.urgent.db, clock, alarms, log, inbox, setup });
    if (webhooks.listener) releasers.add("webhooks", () => webhooks.listener?.stop() ?? Promise.resolve());
    signal.throwIfAborted();
    const url = page?.loginUrl() ?? null;
    for (const line of startLines({
      config,
      model,
      url,
      database: database.words,
      mcp: mcp.servers,
      ms: performance.now() - began,
    }))
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
  readonly queue: Database;
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
    server.keepUp();
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
  const journal = connect(at, { max: 1, applicationName: "claw-journal", plansOnce: true });
  onRelease("journal's database connection", () => journal.close());
  const queue = connect(at, { max: QUEUE_POOL, applicationName: "claw-queue", plansOnce: true });
  onRelease("queues' database connections", () => queue.close());
  return { url: at, client, urgent, journal: journal.db, queue: queue.db, words };
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
