/** Identifiers. Row ids are UUIDv7 (sortable by time); people see a workflow's name and a run's number instead. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { v7 } from "uuid";
import type { Ids } from "./ports.ts";

export const systemIds: Ids = { next: () => v7() };

/** What a text is known by. @returns 64 hex digits (SHA-256) */
export const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * The hash of a JSON value that does not depend on key order (RFC 8785). Approvals are bound to it.
 * @returns 64 hex digits (SHA-256)
 */
export function canonicalHash(value: unknown): string {
  return hashText(canonicalJson(value));
}

/** A JSON value with its keys in order (RFC 8785). */
export const canonicalJson = (value: unknown): string => canonicalize(value) ?? "null";

/** The parts of an opaque platform id such as `slack:T1:C1:1712.0001`. */
export function platformOf(id: string): string {
  return id.slice(0, id.indexOf(":"));
}
