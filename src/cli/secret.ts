/** `claw secret set | list | delete | rotate`: the only way in for the secrets of workspaces. No way out. */
import type { Config } from "../config.ts";
import { connect, type Database } from "../orchestrator/db/client.ts";
import { ClawError } from "../orchestrator/errors.ts";
import { createSecretStore, listSecrets, nameFault, workspaceIds } from "../orchestrator/secrets/store.ts";
import type { Hidden } from "../redaction.ts";
import { secretKeyOf } from "../secrets.ts";
import { configured } from "./configured.ts";
import { reachDatabase } from "./database.ts";
import type { CliIo } from "./io.ts";
import { readSecret } from "./secret-input.ts";

export type SecretCommand =
  | {
      readonly action: "set";
      readonly name: string;
      readonly workspace: string | null;
      /** Somebody wrote the value behind the name. */
      readonly inLine: boolean;
    }
  | { readonly action: "delete"; readonly name: string; readonly workspace: string | null }
  | { readonly action: "list"; readonly workspace: string | null }
  | { readonly action: "rotate" };

/** Who acts, in the audit. */
const OPERATOR = "operator";
const MISUSED = 2;

/** @returns the exit code: 1 when there was nothing to do or some of it could not be done, 2 for what makes no sense */
export const runSecret = (command: SecretCommand, io: CliIo): Promise<number> =>
  configured(io, async (config, log, hidden) => {
    const refused = refusal(command, config);
    if (refused !== null) {
      io.stderr.write(`${refused}\n`);
      return MISUSED;
    }
    const database = await reachDatabase(config, log);
    try {
      const client = connect(database.url, { max: 1, applicationName: "claw-secret" });
      try {
        return await carryOut(command, { config, hidden, io, db: client.db });
      } catch (error) {
        if (!(error instanceof ClawError && ["invalid_input", "bad_credentials"].includes(error.code))) throw error;
        io.stderr.write(`${error.message}\n`);
        return MISUSED;
      } finally {
        await client.close();
      }
    } finally {
      await database.leave();
    }
  });

/** What is wrong with a command before anything is asked; null when nothing. */
function refusal(command: SecretCommand, { secretKey }: Config): string | null {
  if (command.action === "set" && command.inLine) {
    return "The value never stands in the command line, where others on this machine and its history can read it. Leave it out: it is asked for, or comes in over a pipe. If that was the real one, change it where it comes from.";
  }
  if (command.action === "set" || command.action === "delete") {
    const fault = nameFault(command.name);
    if (fault !== null) return fault;
  }
  if ((command.action === "set" || command.action === "rotate") && secretKey === null) {
    return "Secrets are sealed with CLAW_SECRET_KEY, and it is not set. Make one with: openssl rand -base64 32. Put it into the environment or .env of every process of Claw, and keep a copy: without it no secret can be read again.";
  }
  return null;
}

interface SecretDeps {
  readonly config: Config;
  readonly hidden: Hidden;
  readonly io: CliIo;
  readonly db: Database;
}

async function carryOut(command: SecretCommand, { config, hidden, io, db }: SecretDeps): Promise<number> {
  const store = createSecretStore({ db, clock: { now: Date.now }, key: secretKeyOf(config), onOpen: hidden.add });
  const write = (line: string) => void io.stdout.write(`${line}\n`);
  const known = await workspaceIds(db);
  switch (command.action) {
    case "list": {
      for (const id of command.workspace === null ? known : [oneOf(known, command.workspace)]) {
        const secrets = await listSecrets(db, id);
        write(`${id}: ${secrets.length === 0 ? "no secrets" : ""}`.trimEnd());
        for (const { name, by, at } of secrets) write(`  ${name}  set by ${by}, ${at.toISOString()}`);
        for (const { secret, origin } of config.placeSecrets) {
          if (!secrets.some(({ name }) => name === secret))
            write(`  ${secret}  not set; http.secrets of claw.config.yaml wants it for ${origin}`);
        }
      }
      if (known.length === 0) write("There is no workspace yet, and so no secrets. Start Claw once.");
      return 0;
    }
    case "rotate": {
      const { sealed, unreadable } = await store.rotate(OPERATOR);
      write(
        `Sealed anew: ${sealed}. ${unreadable.length === 0 ? "CLAW_SECRET_KEY_OLD is no longer needed." : ""}`.trimEnd(),
      );
      for (const which of unreadable) write(`Neither key opens ${which}: set it again.`);
      return unreadable.length === 0 ? 0 : 1;
    }
    case "delete": {
      const workspaceId = oneOf(known, command.workspace);
      const gone = await store.delete({ workspaceId, name: command.name, by: OPERATOR });
      write(gone ? `${command.name} of ${workspaceId} is deleted.` : `${workspaceId} has no secret ${command.name}.`);
      return gone ? 0 : 1;
    }
    case "set": {
      const { name } = command;
      const workspaceId = oneOf(known, command.workspace);
      const value = await readSecret(name, io);
      if (value === null) {
        write("Nothing was set.");
        return 1;
      }
      hidden.add(value);
      await store.set({ workspaceId, name, value, by: OPERATOR });
      write(`${name} of ${workspaceId} is set, from the next call on and in every process. Nothing shows it again.`);
      return 0;
    }
  }
}

function oneOf(known: readonly string[], named: string | null): string {
  const [only] = known;
  if (only === undefined)
    throw new ClawError("invalid_input", "There is no workspace yet. Start Claw once, and it has one.");
  if (named !== null && !known.includes(named)) {
    throw new ClawError("invalid_input", `There is no workspace ${named}. There are: ${known.join(", ")}.`);
  }
  if (named === null && known.length > 1) {
    throw new ClawError("invalid_input", `Whose secret? Name one with --workspace: ${known.join(", ")}.`);
  }
  return named ?? only;
}
