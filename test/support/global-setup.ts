/** One PostgreSQL server for the whole test run, with a migrated database that every test's own is copied from. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { migrate } from "../../src/orchestrator/db/migrate.ts";
import { createAgendaSchema } from "../../src/orchestrator/schedules/agenda.ts";
import { dataPlaces, makeDataFolder } from "./data-folder.ts";
import { quietLog } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A superuser's URL of the run's server, at a database that is nobody's. */
    postgresUrl: string;
  }
}

const PREFIX = "claw-test-postgres-";

/** A run that was killed leaves its server running. Attaching as the only owner and stopping ends it. */
async function sweepLeftovers(place: string): Promise<void> {
  for (const name of await readdir(place).catch(() => [])) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(place, name);
    const owners = await readdir(join(folder, "owners")).catch(() => []);
    const pids = owners.map((owner) => Number(owner.split(".")[0]));
    const starter = Number(name.slice(PREFIX.length).split("-")[0]);
    if ([starter, ...pids].some(isAlive)) continue;
    const server = await startEmbeddedPostgres({ dataDir: folder, log: quietLog, durable: false }).catch(() => null);
    await server?.stop();
    await rm(folder, { recursive: true, force: true }).catch(() => {}); // another user's
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const place of dataPlaces()) await sweepLeftovers(place);
  const folder = await makeDataFolder(`${PREFIX}${process.pid}-`);
  const server = await startEmbeddedPostgres({ dataDir: folder, log: quietLog, durable: false });
  const admin = postgres(server.url, { max: 1, onnotice: () => {} });
  await admin.unsafe("create database claw_template");
  const template = new URL(server.url);
  template.pathname = "/claw_template";
  await migrate(template.href, { log: quietLog, prepare: () => createAgendaSchema(template.href) });
  await admin.unsafe("alter database claw_template with is_template true allow_connections false");
  await admin.end();
  project.provide("postgresUrl", server.url);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
