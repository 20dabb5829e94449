/** A call that would be asked for, and whether a grant says yes to it already. */
import type { ToolContract } from "../../tools/index.ts";
import { appendAudit } from "../audit/store.ts";
import type { Database, Transaction } from "../db/client.ts";
import type { Work } from "../db/work.ts";
import { canonicalHash } from "../ids.ts";
import { personsOf } from "../members/store.ts";
import { mayDecide } from "../policy/decider.ts";
import type { Decision } from "../policy/policy.ts";
import { writesSince } from "../policy/rules/store.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import type { ToolStep } from "../runs/step.ts";
import type { HeldRun } from "../runs/store.ts";
import { covers, type Grant, whyOver } from "./grant.ts";
import { heldGrants, lockGrant, takeUse, useOfStep } from "./store.ts";

const HOUR_MS = 3_600_000;

type Ask = Extract<Decision, { kind: "ask" }>;

export interface CallToCover {
  readonly contract: ToolContract;
  readonly input: unknown;
  readonly tainted: boolean;
  readonly decision: Ask;
}

/** What a grant was given for; another one voids it. */
export const instructionHash = (instruction: string): string => canonicalHash({ instruction });

export interface Cover {
  /** Null when nothing covers the call. */
  readonly grant: Grant | null;
  /** What nearly did, and why it does not: for the card. */
  readonly nearly: readonly string[];
}

/** Only reads. */
export async function coverOf(
  deps: Pick<EngineDeps, "registry">,
  db: Database | Transaction,
  run: HeldRun,
  call: CallToCover,
  now: Date,
): Promise<Cover> {
  const { contract, input, tainted, decision } = call;
  const held = await heldGrants(db, {
    workspaceId: run.workspaceId,
    workflowId: run.workflowId,
    tool: contract.name,
    now,
  });
  if (held.length === 0) return { grant: null, nearly: [] };
  if (!decision.grantable) return { grant: null, nearly: [] };
  const present = {
    contractHash: deps.registry.contractHash(contract.name),
    instructionHash: instructionHash(run.pinned.instruction),
  };
  const people = await personsOf(
    db,
    run.workspaceId,
    held.map((grant) => grant.proposedBy),
  );
  const nearly: string[] = [];
  for (const grant of held) {
    if (!covers(grant, contract, input, false)) continue;
    const giver = people.get(grant.proposedBy);
    const why =
      whyOver(grant, now, present) ??
      (giver && mayDecide(decision.terms, giver, authorsOf(run)) ? null : "who gave it may not decide this any more") ??
      (covers(grant, contract, input, tainted) ? null : notOutside(grant));
    if (why === null) return { grant, nearly };
    nearly.push(`grant ${grant.number} would cover it, but ${why}`);
  }
  return { grant: null, nearly };
}

const notOutside = ({ afterOutside }: Grant): string =>
  afterOutside ? "it does not hold after outside text" : 'it was given without "even after outside text"';

/** Whose call it is. */
export const authorsOf = (run: Pick<HeldRun, "ownerId" | "pinned">): string[] => [
  ...new Set([run.ownerId, run.pinned.authorId]),
];

/**
 * Uses a grant for a step, once however often it is tried.
 * @returns `used`, or why a person must be asked, if there is more to say than that nothing covers it
 */
export async function useGrant(
  deps: Pick<EngineDeps, "registry" | "policy">,
  work: Work,
  run: HeldRun,
  step: ToolStep,
  call: CallToCover,
): Promise<{ readonly used: boolean; readonly reasons: readonly string[] }> {
  const { contract } = call;
  const before = await useOfStep(work.tx, run, step);
  if (before) {
    const grant = await lockGrant(work.tx, run.workspaceId, { id: before.grantId });
    const holds = grant && !grant.revokedAt && grant.contractHash === deps.registry.contractHash(contract.name);
    return holds ? { used: true, reasons: [] } : { used: false, reasons: ["the grant that covered it was taken back"] };
  }
  const { grant, nearly } = await coverOf(deps, work.tx, run, call, work.now);
  if (!grant) return { used: false, reasons: nearly };
  if (contract.effect !== "read") {
    const { writesPerHour } = deps.policy.file.limits;
    const tools = deps.registry.list().flatMap((tool) => (tool.effect === "read" || tool.inside ? [] : [tool.name]));
    const since = new Date(work.now.getTime() - HOUR_MS);
    const writes = await writesSince(work.tx, run, tools, since);
    if (writes >= writesPerHour) {
      return {
        used: false,
        reasons: [
          `${run.workflowName} has changed things ${writes} times in the last hour, and ${writesPerHour} is the limit`,
        ],
      };
    }
  }
  if (!(await takeUse(work.tx, grant, run, step, work.now))) return { used: false, reasons: nearly };
  await appendAudit(work.tx, [
    {
      workspaceId: run.workspaceId,
      at: work.now,
      actor: "claw",
      action: "grant.used",
      subject: { kind: "grant", id: grant.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: {
        number: grant.number,
        tool: step.name,
        callHash: step.inputHash,
        step: `${step.turn}.${step.callIndex}`,
        left: grant.usesLeft - 1,
      },
    },
  ]);
  return { used: true, reasons: [] };
}
