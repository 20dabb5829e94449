/** Gives `claw audit` the database it looks at. */
import { connect } from "../orchestrator/db/client.ts";
import { type AuditCommand, runAuditCommand } from "./audit.ts";
import { configured } from "./configured.ts";
import { reachDatabase } from "./database.ts";
import type { CliIo } from "./io.ts";

/** @returns the exit code */
export const runAudit = (command: AuditCommand, io: CliIo): Promise<number> =>
  configured(io, async (config, log) => {
    const database = await reachDatabase(config, log);
    try {
      const client = connect(database.url, { max: 2, applicationName: "claw-audit" });
      try {
        return await runAuditCommand(command, {
          db: client.db,
          clock: { now: Date.now },
          write: (line) => void io.stdout.write(`${line}\n`),
        });
      } finally {
        await client.close();
      }
    } finally {
      await database.leave();
    }
  });
