/** What people do with incidents: say that they have seen one. */
import { appendAudit } from "../audit/store.ts";
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { atLeast, mayChange } from "../workflows/permissions.ts";
import { type Defined, lockWorkflow } from "../workflows/store.ts";
import type { Incident } from "./incident.ts";
import { acknowledgeIncident, findIncident, incidentIdOf, openIncidents } from "./store.ts";
import { tellChanged } from "./telling.ts";

/** By a button's id, by a run, or all that a workflow has open. */
export type IncidentKey = { readonly id: string } | { readonly run: number } | { readonly workflow: string };

export interface Acknowledged {
  readonly name: string;
  /** Incidents that the caller acknowledged now; 0 when somebody had done so before. */
  readonly now: number;
  /** Who did, and when; of several the last. */
  readonly by: string;
  readonly at: string;
}

/**
 * Somebody has seen it: who and when shows on the card, and its count goes on without a word. The first one stays; a
 * second call changes nothing and says who was first.
 * @throws ClawError `unknown_subject`, `conflict` when nothing is open, `forbidden` for all but the owner, approvers and admins
 */
export async function acknowledge(caller: Caller, which: IncidentKey): Promise<Acknowledged> {
  const { work, actor } = caller;
  const { defined, chosen } = await choose(caller, which);
  const { workflow } = defined;
  if (!mayChange(actor, workflow.ownerId) && !atLeast(actor.role, "approver")) {
    throw new ClawError(
      "forbidden",
      `Only the owner of ${workflow.name}, an approver or an admin can acknowledge this. I have not told anyone that you tried.`,
    );
  }
  const done: Incident[] = [];
  for (const incident of chosen) {
    const acknowledged = await acknowledgeIncident(work.tx, incident, actor.name, work.now);
    if (!acknowledged) continue;
    done.push(acknowledged);
    await tellChanged(work, acknowledged);
  }
  await appendAudit(
    work.tx,
    done.map((incident) => ({
      workspaceId: actor.workspaceId,
      at: work.now,
      actor: actor.memberId,
      action: "incident.acknowledged",
      subject: { kind: "incident", id: incident.id },
      workflowId: workflow.id,
      runId: null,
      detail: { count: incident.count, run: incident.lastRunNumber },
    })),
  );
  const before = chosen.findLast(({ acknowledgedAt }) => acknowledgedAt !== null);
  const first = done.length > 0 ? null : before;
  return {
    name: workflow.name,
    now: done.length,
    by: first?.acknowledgedBy ?? actor.name,
    at: (first?.acknowledgedAt ?? work.now).toISOString(),
  };
}

/** Under the lock of their workflow. */
async function choose(caller: Caller, which: IncidentKey): Promise<{ defined: Defined; chosen: Incident[] }> {
  const { work, actor } = caller;
  if ("workflow" in which) {
    const defined = await lockWorkflow(work.tx, actor.workspaceId, { name: which.workflow });
    if (!defined || defined.workflow.status === "draft") throw unknown(`workflow "${which.workflow}"`, "list");
    const chosen = await openIncidents(work.tx, actor.workspaceId, [defined.workflow.id]);
    if (chosen.length === 0) {
      throw new ClawError(
        "conflict",
        `${which.workflow} has no open incident: no run of it failed since one ended well.`,
      );
    }
    return { defined, chosen };
  }
  const found = "id" in which ? { id: which.id } : await incidentIdOf(work.tx, actor.workspaceId, which.run);
  if (!found) throw "run" in which ? unknown(`run ${which.run}`, "runs") : gone();
  if (found.id === null)
    throw new ClawError("conflict", `Run ${"run" in which ? which.run : ""} belongs to no incident.`);
  const known = await findIncident(work.tx, actor.workspaceId, found.id);
  const defined = known && (await lockWorkflow(work.tx, actor.workspaceId, { id: known.workflowId }));
  const incident = defined && (await findIncident(work.tx, actor.workspaceId, found.id));
  if (!incident) throw gone();
  if (incident.status !== "open") {
    throw new ClawError("conflict", `This is over already: ${defined.workflow.name} had a run that ended well.`);
  }
  return { defined, chosen: [incident] };
}

const gone = (): ClawError =>
  new ClawError("unknown_subject", "There is no such incident any more. /claw status shows what is open.");
const unknown = (what: string, where: "list" | "runs"): ClawError =>
  new ClawError(
    "unknown_subject",
    `There is no ${what}. /claw ${where} shows ${where === "list" ? "them all" : "the latest"}.`,
  );
