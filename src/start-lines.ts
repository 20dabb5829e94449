/** What the terminal says at start-up: what is on, what is off, and which variable turns it on. Pure. */
import type { Config } from "./config.ts";
import type { Model } from "./orchestrator/ports.ts";
import { version } from "./package-root.ts";

export interface StartFacts {
  readonly config: Config;
  readonly model: Model;
  /** Signs in once; null without a console. */
  readonly url: string | null;
  readonly database: string;
  /** Milliseconds the start took. */
  readonly ms: number;
}

export function startLines({ config, model, url, database, ms }: StartFacts): string[] {
  const line = (name: string, what: string, how: string) => `${name.padEnd(10)}${what.padEnd(48)}${how}`.trimEnd();
  const all = config.roles.length === 3;
  return [
    `claw ${version()} · ready in ${(ms / 1_000).toFixed(1)} s${all ? "" : ` · ${config.roles.join(", ")}`}`,
    config.databaseUrl === null
      ? line("database", `${database}, data in ${config.dataDir}`, " (set DATABASE_URL for your own)")
      : line("database", database, ""),
    line("console", url ?? "off", url ? "open it and type /claw help" : "(CLAW_ROLES)"),
    line(
      "slack",
      config.slack ? "not in this version; its token is not used" : "off",
      config.slack ? "" : "(not in this version yet)",
    ),
    line(
      "discord",
      config.discord ? "not in this version; its token is not used" : "off",
      config.discord ? "" : "(not in this version yet)",
    ),
    model.name === "rules"
      ? line(
          "model",
          "rules: fetches, compares, reminds, no reasoning",
          "(OPENAI_API_KEY, or OPENAI_BASE_URL for a local one)",
        )
      : line("model", `${model.name}, ${model.trust.replace("_", " ")}`, `(price: ${model.price.source})`),
  ];
}
