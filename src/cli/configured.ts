/** What every command but `start` and `doctor` begins and ends with. */
import { type Config, loadConfig, secretValues } from "../config.ts";
import type { Log } from "../log.ts";
import { createLogger } from "../logger.ts";
import { createHidden, type Hidden } from "../redaction.ts";
import { explain } from "./explain.ts";
import type { CliIo } from "./io.ts";

/** Loads the configuration, runs the command and puts what fails into words. @returns the exit code */
export async function configured(
  io: CliIo,
  command: (config: Config, log: Log, hidden: Hidden) => Promise<number>,
): Promise<number> {
  let config: Config | null = null;
  let hidden = createHidden([]);
  try {
    config = loadConfig(io);
    hidden = createHidden(secretValues(config));
    return await command(config, logFor(config, io, hidden), hidden);
  } catch (error) {
    const { text, exitCode } = explain(error, config, hidden);
    io.stderr.write(`${text}\n`);
    return exitCode;
  }
}

/** The log of a process: to the errors, so that the output stays for what a person asked to see. */
export const logFor = (config: Config, io: CliIo, hidden: Hidden): Log =>
  createLogger({
    level: config.logLevel,
    pretty: io.stderr.isTTY === true,
    hidden,
    destination: io.stderr,
  });
