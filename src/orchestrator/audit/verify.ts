/** The verifier: is the sealed part of the record as it was sealed? */
import type { Database, Transaction } from "../db/client.ts";
import { ClawError } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import type { Finding } from "./seals/finding.ts";
import { eventHash, headOf, NO_SEAL, parseHead, type Seal, sealHash } from "./seals/seal.ts";
import { eventsById, lastSeal, sealsAfter, type UnsealedTail, unlistedEvents, unsealedTail } from "./seals/store.ts";

const SEALS_AT_ONCE = 8;
const FINDINGS_KEPT = 100;

export interface AuditVerdict {
  readonly workspaceId: WorkspaceId;
  /** Nothing was found. Says nothing about the tail, nor, without a head, about a chain rewritten or cut as a whole. */
  readonly intact: boolean;
  readonly seals: number;
  /** Events that the seals list. */
  readonly sealedEvents: number;
  /** `number:hash` of the last seal; null when nothing is sealed. */
  readonly head: string | null;
  /** The given head was looked for in the chain. */
  readonly headCompared: boolean;
  /** The first hundred. */
  readonly findings: readonly Finding[];
  readonly moreFindings: number;
  /** What no seal covers yet, and cannot be checked; null when there is none. */
  readonly tail: UnsealedTail | null;
}

/**
 * Reads the whole chain in batches, in one snapshot, while others go on writing and sealing. Changes nothing.
 * @param options.head `number:hash` kept elsewhere (see {@link auditHead}): shows a chain that was cut or rewritten
 * @throws ClawError `invalid_input` when the head is none
 */
export async function verifyAudit(
  db: Database,
  workspaceId: WorkspaceId,
  options: { readonly head?: string } = {},
): Promise<AuditVerdict> {
  const head = options.head === undefined ? null : parseHead(options.head);
  if (options.head !== undefined && head === null) {
    throw new ClawError(
      "invalid_input",
      "A head is a number, a colon and 64 hex digits, as `claw audit head` prints it.",
    );
  }
  return db.transaction((tx) => verifyIn(tx, workspaceId, head), {
    isolationLevel: "repeatable read",
    accessMode: "read only",
  });
}

/** `number:hash` of the last seal, to be kept where whoever can change this database cannot; null when nothing is sealed. */
export async function auditHead(db: Database, workspaceId: WorkspaceId): Promise<string | null> {
  const seal = await lastSeal(db, workspaceId);
  return seal && headOf(seal);
}

async function verifyIn(
  tx: Transaction,
  workspaceId: WorkspaceId,
  head: { readonly number: number; readonly hash: string } | null,
): Promise<AuditVerdict> {
  const findings: Finding[] = [];
  let moreFindings = 0;
  const found = (finding: Finding): void => {
    if (findings.length < FINDINGS_KEPT) findings.push(finding);
    else moreFindings += 1;
  };

  let last: { readonly number: number; readonly hash: string } = NO_SEAL;
  let seals = 0;
  let sealedEvents = 0;
  let headHash: string | null = null;
  let page = await sealsAfter(tx, workspaceId, null, SEALS_AT_ONCE);
  while (page.length > 0) {
    const whole: Seal[] = [];
    for (const seal of page) {
      if (seal.number > last.number + 1) found({ kind: "seals_missing", from: last.number + 1, to: seal.number - 1 });
      else if (seal.number !== last.number + 1 || seal.previousHash !== last.hash)
        found({ kind: "seal_out_of_chain", seal: seal.number });
      if (sealHash(seal) === seal.hash) whole.push(seal);
      else found({ kind: "seal_changed", seal: seal.number, events: seal.eventIds.length });
      if (seal.number === head?.number) headHash = seal.hash;
      seals += 1;
      sealedEvents += seal.eventIds.length;
      last = seal;
    }
    await compareEvents(tx, workspaceId, whole, found);
    page = await sealsAfter(tx, workspaceId, last.number, SEALS_AT_ONCE);
  }
  for (const events of await unlistedEvents(tx, workspaceId)) found({ kind: "events_unlisted", ...events });
  if (head !== null && headHash === null) found({ kind: "head_missing", seal: head.number, last: last.number });
  if (head !== null && headHash !== null && headHash !== head.hash) found({ kind: "head_differs", seal: head.number });

  return {
    workspaceId,
    intact: findings.length === 0,
    seals,
    sealedEvents,
    head: seals === 0 ? null : headOf(last),
    headCompared: head !== null,
    findings,
    moreFindings,
    tail: await unsealedTail(tx, workspaceId),
  };
}

/** @param seals those that are whole: what a changed seal lists proves nothing about its events */
async function compareEvents(
  tx: Transaction,
  workspaceId: WorkspaceId,
  seals: readonly Seal[],
  found: (finding: Finding) => void,
): Promise<void> {
  for (const seal of seals) {
    const events = await eventsById(tx, workspaceId, seal.eventIds);
    for (const [index, id] of seal.eventIds.entries()) {
      const event = events.get(id);
      if (event === undefined) found({ kind: "event_missing", id, seal: seal.number });
      else if (eventHash(event) !== seal.eventHashes[index]) found({ kind: "event_changed", id, seal: seal.number });
      else if (event.seal !== seal.number) found({ kind: "event_unmarked", id, seal: seal.number, marked: event.seal });
    }
  }
}
