/**
 * A seal: a link of the chain over audit events. It holds the hashes of a batch of events and of the seal before it, so
 * that no sealed event and no seal can change without showing. Somebody who can rewrite the whole chain is found only by
 * a head (`number:hash`) kept elsewhere. Pure.
 */
import { canonicalHash } from "../../ids.ts";

/** What stands before the first seal. */
export const NO_SEAL = { number: 0, hash: "0".repeat(64) } as const;

export interface Seal {
  readonly workspaceId: string;
  /** 1, 2, 3, … in each workspace. */
  readonly number: number;
  readonly eventIds: readonly number[];
  readonly eventHashes: readonly string[];
  readonly previousHash: string;
  readonly hash: string;
  readonly sealedAt: Date;
}

/** An audit event as it is stored. */
export interface StoredEvent {
  readonly id: number;
  readonly workspaceId: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** The database's own text of the JSON: parsed here, so that no digit is lost unnoticed. */
  readonly detail: string;
  readonly seal: number | null;
}

/** The hash of an event: every column but the seal's number, as canonical JSON (RFC 8785). */
export function eventHash(event: StoredEvent): string {
  const { seal: _, at, detail, ...columns } = event;
  return canonicalHash({ ...columns, ...hashedDetail(detail), at: instant(at) });
}

/** The hash of a seal: everything in it but the hash itself. */
export function sealHash(seal: Omit<Seal, "hash">): string {
  const { workspaceId, number, eventHashes, previousHash, sealedAt } = seal;
  const eventIds = seal.eventIds.map((id) => (Number.isSafeInteger(id) ? id : null));
  return canonicalHash({ workspaceId, number, eventIds, eventHashes, previousHash, sealedAt: instant(sealedAt) });
}

/** PostgreSQL's `infinity` is no Date: like a null among the ids, it must show as a change, not stop the verifier. */
const instant = (at: Date): string | null => (Number.isNaN(at.getTime()) ? null : at.toISOString());

const JSON_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const JSON_NUMBER = /-?\d[\d.]*(?:[eE][+-]?\d+)?/g;

/** A number that JavaScript would round (`5.00000000000000000001`) is hashed as written: a change of it must show too. */
function hashedDetail(detail: string): { readonly detail: unknown } | { readonly detailText: string } {
  const numbers = detail.replace(JSON_STRING, "").match(JSON_NUMBER) ?? [];
  return numbers.every((number) => String(Number(number)) === number)
    ? { detail: JSON.parse(detail) as unknown }
    : { detailText: detail };
}

/** `12:9f86d0…`: what to keep elsewhere. */
export const headOf = (seal: Pick<Seal, "number" | "hash">): string => `${seal.number}:${seal.hash}`;

/** @returns null for what is no head */
export function parseHead(text: string): { readonly number: number; readonly hash: string } | null {
  const match = /^([1-9]\d{0,9}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase());
  return match?.[1] === undefined || match[2] === undefined ? null : { number: Number(match[1]), hash: match[2] };
}
