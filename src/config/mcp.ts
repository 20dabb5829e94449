/** MCP servers as `claw.config.yaml` lists them; what they are told in secret stands in variables of the environment. */
import type { ListedServer } from "../tools/index.ts";
import type { Problem } from "./problem.ts";
import type { ConfigFile } from "./schema.ts";

export interface ReadMcp {
  readonly servers: readonly ListedServer[];
  /** Values that a log leaves out. */
  readonly secrets: readonly string[];
  readonly problems: readonly Problem[];
}

/** Pure. */
export function readMcp(file: ConfigFile, env: Readonly<Record<string, string | undefined>>): ReadMcp {
  const problems: Problem[] = [];
  const secrets: string[] = [];
  const values = (server: string, from: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries(from).map(([name, variable]) => {
        const value = env[variable]?.trim() ?? "";
        if (value === "") problems.push({ key: variable, problem: `is not set: mcp.${server} needs it for ${name}` });
        else secrets.push(value);
        return [name, value];
      }),
    );
  const servers = Object.entries(file.mcp ?? {}).flatMap(([name, listed]): ListedServer[] => {
    const { command, args = [], url, tools: terms = {} } = listed;
    if ((command === undefined) === (url === undefined)) {
      problems.push({
        key: `mcp.${name}`,
        problem: "needs command (a program) or url (an HTTP server), one of the two",
      });
      return [];
    }
    const told = values(name, listed.env);
    const headers = values(name, listed.headers);
    return [
      command === undefined
        ? { name, address: { kind: "http", url: url ?? "", headers }, terms: known(terms) }
        : { name, address: { kind: "stdio", command, args, env: told }, terms: known(terms) },
    ];
  });
  return { servers, secrets, problems };
}

type Terms = NonNullable<NonNullable<ConfigFile["mcp"]>[string]["tools"]>;

/** What is read may be read again; of what changes something, only who knows the server can say. */
const known = (terms: Terms): ListedServer["terms"] =>
  Object.fromEntries(
    Object.entries(terms).map(([tool, { effect, egress, retry }]) => [
      tool,
      {
        ...(effect && { effect }),
        ...(egress && { egress }),
        retry: retry ?? (effect === "read" ? "safe" : "never"),
      },
    ]),
  );
