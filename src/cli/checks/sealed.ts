/** What is stored sealed: whether the keys of this configuration open it. Nothing is opened for it. */
import type { Config } from "../../config.ts";
import type { Database } from "../../orchestrator/db/client.ts";
import { sealedUnder } from "../../orchestrator/secrets/sealed/store.ts";
import { secretKeyOf } from "../../secrets.ts";
import { broken, type Finding, ok } from "./check.ts";

/** Of a database whose tables are older than this Claw nothing is said. No finding where nothing is stored. */
export async function checkSealed(db: Database, config: Config): Promise<Finding[]> {
  const what = "stored secrets";
  const stored = await sealedUnder(db).catch(() => []);
  if (stored.length === 0) return [];
  const key = secretKeyOf(config);
  const known = [key?.id, key?.older?.id];
  const shut = stored.filter(({ keyId }) => !known.includes(keyId));
  if (shut.length === 0) return [ok(what, `${stored.length}, all of them open with CLAW_SECRET_KEY`)];
  const cures = [
    ...new Set(
      shut.map((each) => (each.workflow === null ? `claw secret set ${each.name}` : `/claw rotate ${each.workflow}`)),
    ),
  ];
  const why = key === null ? "CLAW_SECRET_KEY is not set" : "CLAW_SECRET_KEY is another one than they were sealed with";
  return [
    broken(
      what,
      `${shut.length} of ${stored.length} cannot be opened: ${why}. Set the key they were sealed with, or make them anew: ${listed(cures)}`,
    ),
  ];
}

const SHOWN = 5;
const listed = (all: readonly string[]): string =>
  `${all.slice(0, SHOWN).join(", ")}${all.length > SHOWN ? `, and ${all.length - SHOWN} more` : ""}`;
