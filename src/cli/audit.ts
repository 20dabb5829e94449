/** `claw audit verify | head | seal`: can the record be trusted, what to keep elsewhere, seal now. */
import { sealAudit } from "../orchestrator/audit/seal.ts";
import { findingInWords } from "../orchestrator/audit/seals/finding.ts";
import { workspacesOfAudit } from "../orchestrator/audit/seals/store.ts";
import { type AuditVerdict, auditHead, verifyAudit } from "../orchestrator/audit/verify.ts";
import type { Database } from "../orchestrator/db/client.ts";
import { ClawError } from "../orchestrator/errors.ts";
import type { Clock } from "../orchestrator/ports.ts";

export interface AuditCommand {
  readonly action: "verify" | "head" | "seal";
  /** One workspace; left out, all of them. */
  readonly workspace?: string;
  /** `verify`: a head kept elsewhere, of that one workspace. */
  readonly head?: string;
  /** One JSON document instead of words. */
  readonly json: boolean;
}

export interface AuditCommandDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Takes one line. */
  readonly write: (line: string) => void;
}

const SEAL_BATCH = 500;
const FINE = 0;
const TAMPERED = 1;
const MISUSED = 2;

/** @returns the exit code: 0 fine, 1 the record was tampered with, 2 what was asked for makes no sense */
export async function runAuditCommand(command: AuditCommand, deps: AuditCommandDeps): Promise<number> {
  const { db, clock, write } = deps;
  if (command.action === "seal") {
    const sealed = await sealAudit(db, { clock, batch: SEAL_BATCH });
    write(command.json ? JSON.stringify({ sealed }) : `Sealed ${events(sealed)}.`);
    return FINE;
  }

  const known = await workspacesOfAudit(db);
  const workspaces = command.workspace === undefined ? known : known.filter((id) => id === command.workspace);
  if (command.workspace !== undefined && workspaces.length === 0) {
    write(`There is no workspace ${command.workspace}. Known: ${known.join(", ") || "none"}.`);
    return MISUSED;
  }
  if (command.action === "head") return printHeads(workspaces, command.json, deps);

  if (command.head !== undefined && workspaces.length !== 1) {
    write("A head belongs to one workspace: name it with --workspace.");
    return MISUSED;
  }
  const verdicts: AuditVerdict[] = [];
  try {
    for (const id of workspaces) {
      verdicts.push(await verifyAudit(db, id, command.head === undefined ? {} : { head: command.head }));
    }
  } catch (error) {
    if (!(error instanceof ClawError && error.code === "invalid_input")) throw error;
    write(error.message);
    return MISUSED;
  }
  if (command.json) write(JSON.stringify(verdicts));
  else if (verdicts.length === 0) write("There is no workspace yet, and nothing to verify.");
  else for (const verdict of verdicts) printVerdict(verdict, write);
  return verdicts.every((verdict) => verdict.intact) ? FINE : TAMPERED;
}

async function printHeads(workspaces: readonly string[], json: boolean, deps: AuditCommandDeps): Promise<number> {
  const heads: Record<string, string | null> = {};
  for (const id of workspaces) heads[id] = await auditHead(deps.db, id);
  if (json) deps.write(JSON.stringify(heads));
  else for (const [id, head] of Object.entries(heads)) deps.write(`${id} ${head ?? "(nothing sealed yet)"}`);
  return FINE;
}

function printVerdict(verdict: AuditVerdict, write: (line: string) => void): void {
  const covered = `${verdict.seals} ${verdict.seals === 1 ? "seal covers" : "seals cover"} ${events(verdict.sealedEvents)}`;
  write(`${verdict.workspaceId}: ${verdict.intact ? "intact" : "TAMPERED WITH"}. ${covered}.`);
  for (const finding of verdict.findings) write(`  ${findingInWords(finding)}`);
  if (verdict.moreFindings > 0) write(`  And ${verdict.moreFindings} more.`);
  const { tail } = verdict;
  if (tail !== null) {
    const which = tail.count === 1 ? `event ${tail.firstId}` : `events ${tail.firstId} to ${tail.lastId}`;
    write(`  Not sealed yet, and not checked: ${events(tail.count)} (${which}, since ${tail.firstAt}).`);
  }
  if (verdict.head === null) return;
  write(`  Head: ${verdict.head}`);
  if (!verdict.headCompared) {
    write("  Not compared with a head kept elsewhere: a chain cut at its end or rewritten whole would not show.");
  }
}

const events = (count: number): string => (count === 1 ? "1 event" : `${count} events`);
