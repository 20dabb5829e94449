/** Named secrets of a workspace in PostgreSQL, sealed. */
import { and, asc, eq } from "drizzle-orm";
import { appendAudit } from "../audit/store.ts";
import type { Database, Transaction } from "../db/client.ts";
import { secrets } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { Clock, MemberId, Secrets, WorkspaceId } from "../ports.ts";
import { openSecret, type SecretKey, type SecretName, sealSecret } from "./secrets.ts";

export interface SecretStore extends Secrets {
  /** Writes or replaces it. Nobody but {@link Secrets.get} reads the value again. */
  set(secret: SecretName & { readonly value: string; readonly by: MemberId }): Promise<void>;
  /** @returns false when there was none: nothing changed */
  delete(secret: SecretName & { readonly by: MemberId }): Promise<boolean>;
  /** The names, never the values. */
  names(workspaceId: WorkspaceId): Promise<string[]>;
}

export interface SecretStoreDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Null: no `CLAW_SECRET_KEY`. Then none can be set, and one that was set before cannot be read. */
  readonly key: SecretKey | null;
}

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Every method that needs the key throws ClawError `bad_credentials` without it. */
export function createSecretStore({ db, clock, key }: SecretStoreDeps): SecretStore {
  return {
    async get(workspaceId, name) {
      const [row] = await db
        .select({ sealed: secrets.sealed })
        .from(secrets)
        .where(and(eq(secrets.workspaceId, workspaceId), eq(secrets.name, name)));
      return row === undefined ? null : openSecret(needed(key), { workspaceId, name }, row.sealed);
    },

    async set({ workspaceId, name, value, by }) {
      const { id: keyId } = needed(key);
      if (!NAME.test(name)) {
        throw new ClawError("invalid_input", "A secret's name is a letter, then up to 63 letters, digits or _ . -");
      }
      if (value === "") throw new ClawError("invalid_input", `The secret ${name} would be empty. Delete it instead.`);
      const now = new Date(clock.now());
      const sealed = sealSecret(needed(key), { workspaceId, name }, value);
      const row = { sealed, keyId, createdBy: by, createdAt: now };
      await db.transaction(async (tx) => {
        await tx
          .insert(secrets)
          .values({ workspaceId, name, ...row })
          .onConflictDoUpdate({ target: [secrets.workspaceId, secrets.name], set: row });
        await record(tx, "secret.set", { workspaceId, name, by }, now);
      });
    },

    async delete({ workspaceId, name, by }) {
      return db.transaction(async (tx) => {
        const gone = await tx
          .delete(secrets)
          .where(and(eq(secrets.workspaceId, workspaceId), eq(secrets.name, name)))
          .returning({ name: secrets.name });
        if (gone.length === 0) return false;
        await record(tx, "secret.deleted", { workspaceId, name, by }, new Date(clock.now()));
        return true;
      });
    },

    async names(workspaceId) {
      const rows = await db
        .select({ name: secrets.name })
        .from(secrets)
        .where(eq(secrets.workspaceId, workspaceId))
        .orderBy(asc(secrets.name));
      return rows.map((row) => row.name);
    },
  };
}

function needed(key: SecretKey | null): SecretKey {
  if (key !== null) return key;
  throw new ClawError(
    "bad_credentials",
    "Secrets need CLAW_SECRET_KEY, 32 bytes in base64. Make one with: openssl rand -base64 32",
  );
}

function record(
  tx: Transaction,
  action: "secret.set" | "secret.deleted",
  { workspaceId, name, by }: SecretName & { readonly by: MemberId },
  at: Date,
): Promise<void> {
  return appendAudit(tx, [
    {
      workspaceId,
      at,
      actor: by,
      action,
      subject: { kind: "workspace", id: workspaceId },
      workflowId: null,
      runId: null,
      detail: { name },
    },
  ]);
}
