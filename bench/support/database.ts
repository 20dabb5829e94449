/** A PostgreSQL of the bench's own, with the settings of the embedded server as users run it: fsync on. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type DatabaseClient } from "../../src/orchestrator/db/client.ts";
import { startEmbeddedPostgres } from "../../src/orchestrator/db/embedded/embedded-postgres.ts";
import { migrate } from "../../src/orchestrator/db/migrate.ts";
import { createAgendaSchema } from "../../src/orchestrator/schedules/agenda.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export interface BenchDatabase extends DatabaseClient {
  readonly url: string;
  readonly folder: string;
}

export async function benchDatabase(): Promise<BenchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "claw-bench-"));
  const server = await startEmbeddedPostgres({ dataDir: join(folder, "postgres"), log: silent });
  await migrate(server.url, { log: silent, prepare: () => createAgendaSchema(server.url) });
  const client = connect(server.url, { max: 4, applicationName: "claw-bench" });
  return {
    ...client,
    url: server.url,
    folder,
    async close() {
      await client.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
