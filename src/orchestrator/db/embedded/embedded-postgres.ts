/** A PostgreSQL server of Claw's own, for machines where nobody set DATABASE_URL. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../../log.ts";
import { makeFolder } from "../../../make-folder.ts";
import { ClawError } from "../../errors.ts";
import { openDriver } from "../driver.ts";
import { findBinaries } from "./binaries.ts";
import { claimAlone, livingMarks, type Mark, mark } from "./claims.ts";
import { type Cluster, ensureCluster, pgdataOf, SUPERUSER } from "./cluster.ts";
import { type KeepUp, keepUp } from "./keep-up.ts";
import { findPostmaster, type LaunchDeps, launchPostmaster, type Postmaster, stopPostmaster } from "./postmaster.ts";
import { processFacts } from "./processes.ts";
import { serverUser } from "./server-user.ts";

export interface EmbeddedPostgres {
  /** With the password in it: never log it. */
  readonly url: string;
  /** Such as `18.4`. */
  readonly version: string;
  /** True when the server was already running: another Claw uses it, or the one that started it was killed. */
  readonly attached: boolean;
  /** From now on a server that dies is started again, until {@link stop}. A second call does no harm. */
  readonly keepUp: () => void;
  /**
   * Stops the server unless another living Claw uses it too; the last one out stops it. Takes at most about 15 s and
   * never throws. A second call waits for the first and does no harm.
   */
  readonly stop: () => Promise<void>;
}

export interface EmbeddedPostgresDeps {
  /** A folder for the server alone; made if missing. It gets `data`, `password` (0600), `port`, `server.log` and marks. */
  readonly dataDir: string;
  readonly log: Log;
  /** False gives up safety against power loss for speed; for tests. True unless given. */
  readonly durable?: boolean;
  /** Where the platform's package lies; found by its name unless given. */
  readonly packageDir?: string;
  /** Where root keeps a copy of programs that `nobody` cannot reach where npm put them; else `/var/cache/claw`. */
  readonly cacheDir?: string;
}

const START_CLAIM_MS = 60_000;
const STOP_CLAIM_MS = 4_000;
const DATABASE = "claw";
const CACHE = "/var/cache/claw";

const NOT_WRITABLE: ReadonlySet<string> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOTDIR",
  "EEXIST",
  "ENOSPC",
  "EDQUOT",
]);

/** Makes of "EACCES" something that a person can act on. */
function explained(error: unknown, dataDir: string): unknown {
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  const unwritable = code !== undefined && (NOT_WRITABLE.has(code) || (code === "ENOENT" && syscall === "mkdir"));
  if (error instanceof ClawError || !unwritable) return error;
  return new ClawError(
    "database_unavailable",
    `the data folder ${dataDir} cannot be written (${message}). Set CLAW_DATA_DIR to a folder that the user ` +
      "running Claw may write, or DATABASE_URL to a PostgreSQL server of your own.",
    { cause: error },
  );
}

async function refuseForeignData(pgdata: string): Promise<void> {
  const owner = await stat(pgdata).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  const own = process.getuid?.();
  if (owner === null || own === 0 || owner.uid === own) return;
  throw new ClawError(
    "database_unavailable",
    `the data in ${pgdata} belongs to another user (uid ${owner.uid}); it was probably made by a Claw started as root. ` +
      `Start Claw as it was started before, or give the folder away with: chown -R ${own} ${pgdata}/..`,
  );
}

const urlOf = (port: number, cluster: Cluster, database: string): string =>
  `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${database}`;

/** Makes Claw's database if this is the first start, and proves that the server is ours: it knows our password. */
async function ensureDatabase(port: number, cluster: Cluster): Promise<string> {
  const sql = openDriver(urlOf(port, cluster, "postgres"), { max: 1, applicationName: "claw-setup" });
  try {
    const [row] = await sql`select current_setting('server_version') as version,
      exists (select from pg_database where datname = ${DATABASE}) as known`;
    if (row?.known !== true) await sql.unsafe(`create database ${DATABASE}`);
    return String(row?.version ?? "");
  } finally {
    await sql.end({ timeout: 2 });
  }
}

interface Reached {
  readonly server: Postmaster;
  readonly version: string;
  readonly attached: boolean;
}

/** Milliseconds after which a server that was just killed no longer looks alive. */
const DYING_MS = 500;

async function attachOrLaunch(cluster: Cluster, launch: LaunchDeps): Promise<Reached> {
  for (;;) {
    const found = await findPostmaster(launch.pgdata, launch.log);
    if (found === null) {
      const server = await launchPostmaster(launch);
      return { server, version: await ensureDatabase(server.port, cluster), attached: false };
    }
    try {
      return { server: found, version: await ensureDatabase(found.port, cluster), attached: true };
    } catch (error) {
      await sleep(DYING_MS);
      const again = await findPostmaster(launch.pgdata, launch.log);
      if (again?.pid === found.pid) throw error;
    }
  }
}

interface Running {
  readonly home: string;
  readonly cluster: Cluster;
  /** Another one after it was started again. */
  server: Postmaster;
  readonly owner: Mark;
  readonly log: Log;
}

async function leave(running: Running): Promise<void> {
  const { home, cluster, owner, log } = running;
  const claim = await claimAlone(join(home, "claims"), STOP_CLAIM_MS).catch(() => null);
  owner.release();
  if (claim === null) {
    log.warn({ dataDir: home }, "the database server is left running: another Claw is just starting on it");
    return;
  }
  try {
    const others = livingMarks(join(home, "owners")).length;
    if (others > 0) log.info({ others }, "the database server is left running for the others that use it");
    else await stopPostmaster(cluster.pgdata, running.server, log);
  } finally {
    claim.release();
  }
}

/** @throws ClawError when it does not start, or somebody started it where our connections do not find it */
async function startAgain(running: Running, launch: LaunchDeps): Promise<void> {
  const { home, log, server } = running;
  const claim = await claimAlone(join(home, "claims"), START_CLAIM_MS);
  try {
    const now =
      (await findPostmaster(launch.pgdata, log)) ?? (await launchPostmaster({ ...launch, port: server.port }));
    if (now.port !== server.port) {
      throw new ClawError(
        "database_unavailable",
        `another Claw has started the database of ${home} on port ${now.port}, and this one knows it on ${server.port}. Start this one again.`,
      );
    }
    running.server = now;
  } finally {
    claim.release();
  }
}

/** Beside the data: where those who run now expect the server. */
const portFile = (home: string): string => join(home, "port");

/** The port that other living Claws on this folder know the server by; null when there are none. */
async function expectedPort(home: string): Promise<number | null> {
  if (livingMarks(join(home, "owners")).length === 0) return null;
  const port = Number(await readFile(portFile(home), "utf8").catch(() => ""));
  return port > 0 ? port : null;
}

/**
 * Starts the embedded server, or attaches to the one that already runs on this folder. Several processes may call it at
 * once: one starts, the others attach. After a crash of Claw, of the server or of both, the next call goes on with
 * every row that was acknowledged. As root the server runs as `nobody`, on the same folder.
 * Throws `database_unavailable` with what to do.
 */
export async function startEmbeddedPostgres(deps: EmbeddedPostgresDeps): Promise<EmbeddedPostgres> {
  const home = resolve(deps.dataDir);
  try {
    return await start(deps, home);
  } catch (error) {
    throw explained(error, home);
  }
}

async function start(deps: EmbeddedPostgresDeps, home: string): Promise<EmbeddedPostgres> {
  const { log, durable = true, packageDir = null, cacheDir = CACHE } = deps;
  for (const folder of ["claims", "owners"]) await makeFolder(join(home, folder));
  const claim = await claimAlone(join(home, "claims"), START_CLAIM_MS);
  try {
    const pgdata = pgdataOf(home);
    await refuseForeignData(pgdata);
    const user = await serverUser(pgdata);
    const binaries = await findBinaries({ user, home, log, packageDir, cacheDir });
    const cluster = await ensureCluster({ home, user, binaries, durable, log });
    const port = await expectedPort(home);
    const launch = { binaries, pgdata, user, logFile: join(home, "server.log"), durable, log, port };
    const { server, version, attached } = await attachOrLaunch(cluster, launch);
    await writeFile(portFile(home), String(server.port));
    const running: Running = { home, cluster, server, owner: mark(join(home, "owners")), log };
    let stopping: Promise<void> | null = null;
    let kept: KeepUp | null = null;
    const stop = (): Promise<void> => {
      stopping ??= (kept?.stop() ?? Promise.resolve())
        .then(() => leave(running))
        .catch((error: unknown) => {
          log.error({ err: String(error) }, "the database server could not be stopped");
        });
      return stopping;
    };
    return {
      url: urlOf(server.port, cluster, DATABASE),
      version,
      attached,
      keepUp() {
        const isAlive = () => processFacts(running.server.pid) !== null;
        kept ??= keepUp({ log, isAlive, restart: () => startAgain(running, launch) });
      },
      stop,
    };
  } finally {
    claim.release();
  }
}
