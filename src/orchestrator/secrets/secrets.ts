/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) with a key from the configuration. Workspace and name are bound in, so
 * that a sealed value copied to another row does not open. No vendor and no database here.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { ClawError } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SecretKey {
  /** Says which key sealed a value, and nothing about the key. */
  readonly id: string;
  readonly bytes: Buffer;
  /** The one before it, which opens what is not sealed anew yet; null when there is none. */
  readonly older: SecretKey | null;
}

/** Whose secret and which. */
export interface SecretName {
  readonly workspaceId: WorkspaceId;
  readonly name: string;
}

/** What a webhook's secret is sealed for. */
export const webhookSecret = (workspaceId: WorkspaceId, workflowId: string): SecretName => ({
  workspaceId,
  name: `webhook.${workflowId}`,
});

/**
 * @param base64 `CLAW_SECRET_KEY`: 32 bytes in base64
 * @param old `CLAW_SECRET_KEY_OLD`; null when there is none
 * @throws ClawError `bad_credentials`, without the value
 */
export function secretKey(base64: string, old: string | null = null): SecretKey {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== KEY_BYTES) {
    throw new ClawError("bad_credentials", "CLAW_SECRET_KEY must be 32 bytes in base64 (openssl rand -base64 32).");
  }
  const id = createHash("sha256").update("claw secret key").update(bytes).digest("hex").slice(0, 16);
  return { id, bytes, older: old === null ? null : secretKey(old) };
}

const bound = ({ workspaceId, name }: SecretName): Buffer => Buffer.from(JSON.stringify([workspaceId, name]));

/** @returns nonce, ciphertext and tag in one; different at every call */
export function sealSecret(key: SecretKey, of: SecretName, value: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(of));
  return Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
}

/** @throws ClawError `bad_credentials` when it was sealed with another key, for another name, or changed since */
export function openSecret(key: SecretKey, of: SecretName, sealed: Buffer): string {
  try {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES })
      .setAAD(bound(of))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    const value = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return value.toString("utf8");
  } catch (cause) {
    if (key.older !== null) return openSecret(key.older, of, sealed);
    throw new ClawError(
      "bad_credentials",
      `The secret ${of.name} cannot be opened: it was changed, or sealed with another CLAW_SECRET_KEY. Set it again.`,
      { cause },
    );
  }
}
