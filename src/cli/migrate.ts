/** `claw migrate`: brings the database to this version's shape, as `claw start` does by itself. */
import { migrate } from "../orchestrator/db/migrate.ts";
import { createAgendaSchema } from "../orchestrator/schedules/agenda.ts";
import { configured } from "./configured.ts";
import { reachDatabase } from "./database.ts";
import type { CliIo } from "./io.ts";

/** Applies what is pending; a second call finds nothing to do. @returns the exit code */
export const runMigrate = (io: CliIo): Promise<number> =>
  configured(io, async (config, log) => {
    const database = await reachDatabase(config, log);
    try {
      await migrate(database.url, { log, prepare: () => createAgendaSchema(database.url) });
    } finally {
      await database.leave();
    }
    io.stdout.write("The database is up to date.\n");
    return 0;
  });
