/** Named secrets of a workspace in PostgreSQL, sealed. */
import { and, asc, eq, ne } from "drizzle-orm";
import { appendAudit } from "../audit/store.ts";
import type { Database, Transaction } from "../db/client.ts";
import { secrets, webhooks, workspaces } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { Clock, MemberId, Secrets, WorkspaceId } from "../ports.ts";
import { openSecret, type SecretKey, type SecretName, sealSecret, webhookSecret } from "./secrets.ts";

export interface SecretStore extends Secrets {
  /** Writes or replaces it. Nobody but {@link Secrets.get} reads the value again. */
  set(secret: SecretName & { readonly value: string; readonly by: MemberId }): Promise<void>;
  /** @returns false when there was none: nothing changed */
  delete(secret: SecretName & { readonly by: MemberId }): Promise<boolean>;
  /** Seals what an older key sealed with the present one: secrets and webhooks of every workspace. Again is harmless. */
  rotate(by: MemberId): Promise<Rotated>;
}

export interface Rotated {
  /** Sealed anew. */
  readonly sealed: number;
  /** Neither key opens them: they are left as they are. `workspace name` each. */
  readonly unreadable: readonly string[];
}

export interface SecretStoreDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Null: no `CLAW_SECRET_KEY`. Then none can be set, and one that was set before cannot be read. */
  readonly key: SecretKey | null;
  /** Told each value that leaves, before it does, so that nothing here repeats it. */
  readonly onOpen?: (value: string) => void;
}

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Null when it is the name of a secret, else what is. */
export const nameFault = (name: string): string | null =>
  NAME.test(name) ? null : "A secret's name is a letter, then up to 63 letters, digits or _ . -";

/** Every method that needs the key throws ClawError `bad_credentials` without it. */
export function createSecretStore({ db, clock, key, onOpen }: SecretStoreDeps): SecretStore {
  return {
    async get(workspaceId, name) {
      const [row] = await db
        .select({ sealed: secrets.sealed })
        .from(secrets)
        .where(and(eq(secrets.workspaceId, workspaceId), eq(secrets.name, name)));
      if (row === undefined) return null;
      const value = openSecret(needed(key), { workspaceId, name }, row.sealed);
      onOpen?.(value);
      return value;
    },

    async set({ workspaceId, name, value, by }) {
      const { id: keyId } = needed(key);
      const fault = nameFault(name);
      if (fault !== null) throw new ClawError("invalid_input", fault);
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

    rotate: (by) => db.transaction((tx) => rotateAll(tx, needed(key), by, new Date(clock.now()))),
  };
}

export interface SecretView {
  readonly name: string;
  /** A member, or `operator`: who has the command line. */
  readonly by: MemberId;
  readonly at: Date;
}

/** The names of a workspace's secrets, never the values. */
export async function listSecrets(db: Database | Transaction, workspaceId: WorkspaceId): Promise<SecretView[]> {
  return db
    .select({ name: secrets.name, by: secrets.createdBy, at: secrets.createdAt })
    .from(secrets)
    .where(eq(secrets.workspaceId, workspaceId))
    .orderBy(asc(secrets.name));
}

/** Every workspace there is. */
export async function workspaceIds(db: Database): Promise<WorkspaceId[]> {
  const rows = await db.select({ id: workspaces.id }).from(workspaces).orderBy(asc(workspaces.id));
  return rows.map(({ id }) => id);
}

async function rotateAll(tx: Transaction, key: SecretKey, by: MemberId, now: Date): Promise<Rotated> {
  const { older } = key;
  if (older === null) {
    throw new ClawError(
      "bad_credentials",
      "Put the present key into CLAW_SECRET_KEY_OLD and a new one (openssl rand -base64 32) into CLAW_SECRET_KEY, start every process of Claw again, and then rotate.",
    );
  }
  const counts = new Map<WorkspaceId, number>();
  const unreadable: string[] = [];
  const anew = (of: SecretName, sealed: Buffer): Buffer | null => {
    try {
      const resealed = sealSecret(key, of, openSecret(key, of, sealed));
      counts.set(of.workspaceId, (counts.get(of.workspaceId) ?? 0) + 1);
      return resealed;
    } catch {
      unreadable.push(`${of.workspaceId} ${of.name}`);
      return null;
    }
  };
  for (const row of await tx.select().from(secrets).where(ne(secrets.keyId, key.id)).for("update")) {
    const sealed = anew(row, row.sealed);
    const which = and(eq(secrets.workspaceId, row.workspaceId), eq(secrets.name, row.name));
    if (sealed) await tx.update(secrets).set({ sealed, keyId: key.id }).where(which);
  }
  for (const row of await tx.select().from(webhooks).where(ne(webhooks.keyId, key.id)).for("update")) {
    const sealed = anew(webhookSecret(row.workspaceId, row.workflowId), row.sealed);
    const which = and(eq(webhooks.workspaceId, row.workspaceId), eq(webhooks.workflowId, row.workflowId));
    if (sealed) await tx.update(webhooks).set({ sealed, keyId: key.id }).where(which);
  }
  for (const [workspaceId, count] of counts) {
    await appendAudit(tx, [
      {
        workspaceId,
        at: now,
        actor: by,
        action: "secret.rotated",
        subject: { kind: "workspace", id: workspaceId },
        workflowId: null,
        runId: null,
        detail: { count, key: key.id },
      },
    ]);
  }
  return { sealed: [...counts.values()].reduce((sum, count) => sum + count, 0), unreadable };
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
