/** At half of its time an open approval is said again: who can decide, and elsewhere, too, where the policy says so. */
import { appendAudit } from "../audit/store.ts";
import type { Work, WorkDeps } from "../db/work.ts";
import { announce, noticesOf } from "../delivery/store.ts";
import type { Notice } from "../events.ts";
import { personsOf } from "../members/store.ts";
import { mayDecide } from "../policy/decider.ts";
import type { Ids } from "../ports.ts";
import { namesSaid, remindAtHalfTime } from "../runs/half-time.ts";
import { tellHome } from "../runs/home.ts";
import type { HeldRun } from "../runs/store.ts";
import { type Approval, termsOf } from "./approval.ts";
import { approvalKey, reminderKey } from "./ask.ts";
import { approvalsToRemind, clearReminder } from "./store.ts";

/** Again is harmless. */
export const remindOfApprovals = (deps: WorkDeps & { readonly ids: Ids }): Promise<void> =>
  remindAtHalfTime(deps, {
    due: approvalsToRemind,
    clear: clearReminder,
    remind: (work, run, approval) => remind(deps, work, run, approval),
  });

async function remind(deps: { readonly ids: Ids }, work: Work, run: HeldRun, approval: Approval): Promise<void> {
  const { workspaceId } = approval;
  const key = approvalKey(approval.id);
  const asked = (await noticesOf(work.tx, workspaceId, [key])).get(key);
  if (asked?.kind !== "approvalRequested" || asked.decision !== null) return;
  const terms = termsOf(approval);
  const able = [...(await personsOf(work.tx, workspaceId, "all")).values()]
    .filter((person) => mayDecide(terms, person, approval.authors))
    .map(({ name }) => name)
    .sort();
  const notice: Notice = {
    kind: "approvalReminder",
    approval: asked.approval,
    ...namesSaid(able),
    decision: null,
  };
  await tellHome(deps, work, run, reminderKey(approval.id), notice);
  for (const [at, channel] of terms.escalateTo.entries()) {
    await announce(work, {
      id: deps.ids.next(),
      workspaceId,
      key: `${reminderKey(approval.id)}:${at}`,
      channelId: channel.startsWith(`${workspaceId}:`) ? channel : `${workspaceId}:${channel.replace(/^#/, "")}`,
      place: { kind: "channel" },
      workflowId: run.workflowId,
      runId: run.id,
      privateTo: null,
      notice,
    });
  }
  await appendAudit(work.tx, [
    {
      workspaceId,
      at: work.now,
      actor: "claw",
      action: "approval.reminded",
      subject: { kind: "approval", id: approval.id },
      workflowId: run.workflowId,
      runId: run.id,
      detail: { number: approval.number, able: able.length, escalatedTo: terms.escalateTo },
    },
  ]);
}
