/** Part of the composition root: secrets, as the configuration has them. */
import type { Config } from "./config.ts";
import type { Database } from "./orchestrator/db/client.ts";
import type { Clock, Secrets } from "./orchestrator/ports.ts";
import { withEnvironment } from "./orchestrator/secrets/environment.ts";
import { type SecretKey, secretKey } from "./orchestrator/secrets/secrets.ts";
import { createSecretStore } from "./orchestrator/secrets/store.ts";
import type { Hidden } from "./redaction.ts";

/** What workspaces have, and for those that have none what the environment has for them. */
export function openSecrets(config: Config, db: Database, clock: Clock, hidden: Hidden): Secrets {
  const { token } = config.github;
  const own = createSecretStore({ db, clock, key: secretKeyOf(config), onOpen: hidden.add });
  const environment = token === null ? [] : [{ name: "github_token", value: token, for: config.githubTokenFor }];
  return withEnvironment(own, db, environment);
}

/** Null: none is set. */
export const secretKeyOf = ({ secretKey: key, secretKeyOld }: Config): SecretKey | null =>
  key === null ? null : secretKey(key, secretKeyOld);
