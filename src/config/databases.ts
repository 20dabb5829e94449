/** The databases that `sql_query` may read: named in `claw.config.yaml`, their URLs in variables of the environment. */
import type { Problem } from "./problem.ts";
import type { ConfigFile } from "./schema.ts";
import { parseUrl } from "./units.ts";

export interface DatabaseConfig {
  readonly name: string;
  readonly url: string;
  /** Null: nothing was said. */
  readonly description: string | null;
}

export interface ReadDatabases {
  readonly databases: readonly DatabaseConfig[];
  readonly problems: readonly Problem[];
}

/** Reads the URL of each from the variable that it names. Pure. */
export function readDatabases(file: ConfigFile, env: Readonly<Record<string, string | undefined>>): ReadDatabases {
  const read = Object.entries(file.sql?.databases ?? {}).map(([name, { urlFrom, description }]) => {
    const url = env[urlFrom]?.trim() ?? "";
    const protocol = parseUrl(url)?.protocol ?? "";
    const good = /^postgres(ql)?:$/.test(protocol);
    return { name, url, description: description ?? null, urlFrom, good };
  });
  return {
    databases: read.map(({ name, url, description }) => ({ name, url, description })),
    problems: read
      .filter(({ good }) => !good)
      .map(({ name, url, urlFrom }) => ({
        key: urlFrom,
        problem: `${url === "" ? "is not set" : "is not a PostgreSQL URL"}: sql.databases.${name} needs postgres://user:password@host:5432/database there`,
      })),
  };
}
