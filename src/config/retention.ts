/** How long what was written down is kept: the defaults, and what the file says instead. Pure. */
import { DEFAULT_RETENTION, type RetentionPolicy } from "../orchestrator/retention/retention.ts";
import type { ConfigFile } from "./schema.ts";

export function retentionOf(file: ConfigFile): RetentionPolicy {
  const set = file.retention ?? {};
  const base = DEFAULT_RETENTION;
  return {
    journals: set.journals ?? base.journals,
    firings: set.firings ?? base.firings,
    inbound: set.inbound ?? base.inbound,
    deliveries: set.deliveries ?? base.deliveries,
    ledger: set.ledger ?? base.ledger,
  };
}
