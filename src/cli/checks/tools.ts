/** The tools: whether rules and limits name ones there are, and whether the MCP servers can be reached. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import { unknownRuleTools } from "../../config/permissions.ts";
import type { Config } from "../../config.ts";
import { fits } from "../../orchestrator/policy/pattern.ts";
import { unknownTools } from "../../orchestrator/services/service-name.ts";
import { ask, broken, type Finding, ok, shown } from "./check.ts";

/** What starting refuses; with MCP servers a name may be one of theirs. @param own names of Claw's own tools */
export function checkToolNames(config: Config, own: readonly string[]): Finding[] {
  const strange = [
    ...unknownTools(config.services.limits, own).map((key) => ({ key: `services.${key}`, tool: key.slice(5) })),
    ...unknownRuleTools(config.permissions, own, fits),
  ];
  if (strange.length === 0) return [];
  if (config.mcp.servers.length > 0) {
    const tools = [...new Set(strange.map(({ tool }) => tool))].join(", ");
    return [ok("tool names", `${tools} must be offered by an MCP server: claw tools lists all there are`)];
  }
  return strange.map(({ key, tool }) =>
    broken(key, `${tool} names no tool, so claw start refuses it. Tools are ${own.join(", ")}`),
  );
}

type Server = Config["mcp"]["servers"][number];

/** @param env as a server's program would be looked for in */
export const checkMcp = (
  servers: readonly Server[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> => Promise.all(servers.map((server) => checkServer(server, cwd, env.PATH ?? "")));

async function checkServer({ name, address }: Server, cwd: string, searched: string): Promise<Finding> {
  const what = `mcp ${name}`;
  if (address.kind === "stdio") {
    const found = await findProgram(address.command, cwd, searched);
    return found === null
      ? broken(
          what,
          `there is no program ${address.command}. Install it, or put its full path into mcp.${name}.command`,
        )
      : ok(what, `${found} is there; claw start starts it`);
  }
  const answer = await ask(address.url, {
    method: "POST",
    headers: {
      ...address.headers,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    // No message at all: a server says that it is wrong, and opens nothing for it.
    body: "{}",
  });
  const place = shown(address.url);
  if (answer.kind === "silence") return broken(what, `${place}: ${answer.why}. Check mcp.${name}.url and that it runs`);
  if (answer.status === 401 || answer.status === 403) {
    return broken(what, `${place}: refuses Claw (HTTP ${answer.status}). Check mcp.${name}.headers`);
  }
  if (answer.status === 404) return broken(what, `${place}: nothing is there (HTTP 404). Check mcp.${name}.url`);
  return ok(what, `${place} answers`);
}

/** As a shell finds it: what has a slash is a path, all else is looked for in PATH. Null: nowhere. */
async function findProgram(command: string, cwd: string, searched: string): Promise<string | null> {
  const places = command.includes("/")
    ? [path.resolve(cwd, command)]
    : searched.split(path.delimiter).map((folder) => path.join(folder === "" ? cwd : folder, command));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      async () => (await stat(place)).isFile(),
      () => false,
    );
    if (isThere) return place;
  }
  return null;
}
