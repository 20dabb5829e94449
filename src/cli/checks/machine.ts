/** This machine: clock zone, data directory, console port. */
import { randomUUID } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";
import { createServer, isIPv6 } from "node:net";
import path from "node:path";
import type { Config } from "../../config.ts";
import { makeFolder } from "../../make-folder.ts";
import { broken, type Finding, LIMIT_MS, ok } from "./check.ts";

/** @param machineZone what the machine calls its own zone; a machine without zone data says so here */
export function checkZone(timezone: string, machineZone: string, now: Date): Finding {
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, dateStyle: "medium", timeStyle: "short" }).format(
    now,
  );
  const own = timezone === machineZone ? "the machine's zone" : `the machine's own is ${machineZone}`;
  return ok("zone", `${timezone}, where it is ${time}; ${own}`);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);

/** Writes and removes a file of its own. Makes the directory when it is missing, as starting would. */
export async function checkDataDir(dataDir: string): Promise<Finding> {
  const what = "data directory";
  const cure = `Make ${dataDir} a directory that this user can write, or set CLAW_DATA_DIR`;
  try {
    await makeFolder(dataDir);
    const probe = path.join(dataDir, `.doctor-${randomUUID()}`);
    await writeFile(probe, "probe");
    await rm(probe);
    const { mode } = await stat(dataDir);
    const open = (mode & 0o022) !== 0 ? "; others on this machine can write it too, chmod 700 would end that" : "";
    return ok(what, `${dataDir} is writable${open}`);
  } catch (error) {
    return broken(what, `${codeOf(error)}. ${cure}`);
  }
}

/** Takes the console's port for a moment. */
export async function checkPort({ host, port }: Config["console"]): Promise<Finding> {
  const what = "console port";
  const outcome = await new Promise<string | null>((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(codeOf(error)));
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
  if (outcome === null) return ok(what, port === 0 ? `${host}, any free port` : `${host}:${port} is free`);
  if (outcome === "EADDRINUSE") {
    if (await isClaw(host, port)) return ok(what, `${host}:${port} is served by a Claw that runs`);
    return broken(what, `${host}:${port} is in use by another program. Stop it, or set CLAW_CONSOLE_PORT`);
  }
  if (outcome === "EACCES") return broken(what, `${host}:${port} needs more rights. Set CLAW_CONSOLE_PORT above 1023`);
  return broken(what, `${host}:${port}: ${outcome}. Check CLAW_CONSOLE_HOST`);
}

/** Whether the console's login page answers there. */
async function isClaw(host: string, port: number): Promise<boolean> {
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  const place = isIPv6(reachable) ? `[${reachable}]` : reachable;
  try {
    const response = await fetch(`http://${place}:${port}/login`, { signal: AbortSignal.timeout(LIMIT_MS) });
    return /<title>[^<]*\bClaw\b/.test(await response.text());
  } catch {
    return false;
  }
}
