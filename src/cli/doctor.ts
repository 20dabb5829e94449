/** `claw doctor`: what works, what is off and what is broken, each with what to do. */
import { type Config, ConfigError, loadConfig, secretValues } from "../config.ts";
import { createLogger } from "../logger.ts";
import { redactor } from "../redaction.ts";
import { broken, type Finding, ok } from "./checks/check.ts";
import { checkDatabase } from "./checks/database.ts";
import { checkDataDir, checkPort, checkZone } from "./checks/machine.ts";
import { checkDiscord, checkModel, checkSlack } from "./checks/services.ts";
import { checkMcp, checkToolNames } from "./checks/tools.ts";
import type { CliIo } from "./io.ts";
import { ownOf } from "./tools.ts";

export interface DoctorOptions {
  /** One JSON object instead of lines. */
  readonly json: boolean;
}

/**
 * Checks everything and prints it. Changes nothing beyond making the data directory, as starting would.
 * @returns the exit code: 1 when anything is broken
 */
export async function runDoctor(options: DoctorOptions, io: CliIo): Promise<number> {
  const { findings, redact } = await examine(io);
  const isWell = findings.every((finding) => finding.state !== "broken");
  const shown = findings.map(({ state, what, advice }) => ({ state, what, advice: onOneLine(redact(advice)) }));
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ok: isWell, checks: shown }, null, 2)}\n`);
  } else {
    const width = Math.max(...shown.map(({ what }) => what.length));
    for (const { state, what, advice } of shown) {
      io.stdout.write(`${state.padEnd(6)}  ${what.padEnd(width)}  · ${advice}\n`);
    }
  }
  return isWell ? 0 : 1;
}

async function examine(io: CliIo): Promise<{ findings: Finding[]; redact: (text: string) => string }> {
  let config: Config;
  try {
    config = loadConfig(io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // Nothing else can be checked: what to check is what the configuration says.
    return { findings: error.problems.map(({ key, problem }) => broken(key, problem)), redact: redactor([]) };
  }
  const secrets = secretValues(config);
  const log = createLogger({ level: "silent", pretty: false, secrets, destination: io.stderr });
  const { first, last } = ownOf(config);
  const own = [...first, ...last].map(({ name }) => name);
  const dataDir = await checkDataDir(config.dataDir);
  const findings = await Promise.all([
    ok("configuration", config.file === null ? "from the environment; there is no claw.config.yaml" : config.file),
    dataDir,
    checkDatabase(config, log),
    checkZone(config.timezone, Intl.DateTimeFormat().resolvedOptions().timeZone, new Date()),
    checkModel(config.model),
    checkSlack(config.slack),
    checkDiscord(config.discord),
    checkToolNames(config, own),
    checkMcp(config.mcp.servers, io.cwd, io.env),
    config.roles.includes("console") ? checkPort(config.console) : [],
  ]);
  return { findings: findings.flat(), redact: redactor(secrets) };
}

/** What services say of themselves must not move the cursor, colour the terminal or fill it. */
const onOneLine = (text: string) => text.replace(/\p{Cc}+/gu, " ").slice(0, 500);
