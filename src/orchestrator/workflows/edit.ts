/** *Edit* in fields: what would change is shown first, and saved only as it was shown. */

import type { Caller } from "../caller.ts";
import type { Database } from "../db/client.ts";
import { ClawError } from "../errors.ts";
import { findMember, findWorkspace } from "../members/store.ts";
import type { Actor, Clock, MemberId, WorkspaceId } from "../ports.ts";
import type { PartTimes } from "../schedules/phrase/vocabulary.ts";
import { BROADCAST_WORDS } from "./broadcast.ts";
import { type EditFault, EditForm, formOf, readEditForm } from "./edit-form.ts";
import { mustChange } from "./permissions.ts";
import { POLICY_NAMES, POLICY_TERMS, type PolicyName } from "./policy-terms.ts";
import { editWorkflow, lockOwn } from "./service.ts";
import { findDefined, findRevision } from "./store.ts";
import type { Policies } from "./workflow.ts";

/** As {@link parseCommand} of the bot counts it. */
const MAX_INSTRUCTION = 4_000;

export interface EditReader {
  readonly db: Database;
  readonly clock: Clock;
  readonly partsOfDay: Partial<PartTimes>;
  readonly defaults: Policies;
}

/** A workflow and the fields to change it in. */
export interface WorkflowToEdit {
  readonly workflowId: string;
  readonly name: string;
  readonly form: EditForm;
  readonly policies: readonly {
    readonly name: PolicyName;
    readonly takes: string;
    readonly offers: readonly string[];
  }[];
}

/** Only these are closed sets; the other policies take more than what is offered. */
const CHOICES: ReadonlySet<PolicyName> = new Set(["overlap", "report", "quiet hours"]);

/** @returns null when there is none such, or only a draft */
export async function readWorkflowToEdit(
  { db }: Pick<EditReader, "db">,
  workspaceId: WorkspaceId,
  workflowId: string,
): Promise<WorkflowToEdit | null> {
  const defined = await findDefined(db, workspaceId, { id: workflowId });
  if (!defined || defined.workflow.status === "draft") return null;
  return {
    workflowId,
    name: defined.workflow.name,
    form: formOf(defined.revision),
    policies: POLICY_NAMES.map((name) => ({
      name,
      takes: POLICY_TERMS[name].takes,
      offers: CHOICES.has(name) ? POLICY_TERMS[name].offers : [],
    })),
  };
}

export type PlannedEdit =
  | { readonly kind: "gone" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "faults"; readonly faults: readonly EditFault[] }
  | {
      readonly kind: "edit";
      readonly name: string;
      readonly diff: readonly string[];
      /** The same change, of the present revision. */
      readonly form: EditForm;
      /** Who changed it since the form was filled; null when nobody did. */
      readonly changedBy: string | null;
    };

/** What a form would change; only reads. Whether it may be changed is asked again when it is saved. */
export async function planEdit(
  reader: EditReader,
  workspaceId: WorkspaceId,
  by: { readonly memberId: MemberId; readonly workflowId: string },
  form: EditForm,
): Promise<PlannedEdit> {
  const { db, clock, partsOfDay, defaults } = reader;
  const defined = await findDefined(db, workspaceId, { id: by.workflowId });
  if (!defined || defined.workflow.status === "draft") return { kind: "gone" };
  const { workflow, revision } = defined;
  const member = await findMember(db, workspaceId, by.memberId);
  // Who is not known yet is met when it is saved.
  if (member) {
    const actor: Actor = { workspaceId, memberId: by.memberId, name: member.name, role: member.role };
    try {
      mustChange(actor, workflow.ownerId, workflow.name);
    } catch (error) {
      if (error instanceof ClawError) return { kind: "refused", message: error.message };
      throw error;
    }
  }
  const base =
    form.revision === revision.number
      ? revision
      : await findRevision(db, workspaceId, { workflowId: workflow.id, number: form.revision });
  if (!base) return { kind: "gone" };
  const read = readEditForm(form, base, revision, {
    now: clock.now(),
    // As whoever saves it is read, so that what is saved is what was shown.
    zone: member?.timezone ?? (await findWorkspace(db, workspaceId))?.timezone ?? "UTC",
    partsOfDay,
    defaults,
    maxInstruction: MAX_INSTRUCTION,
  });
  if (read.kind === "faults") return read;
  const author = base === revision ? null : await findMember(db, workspaceId, revision.authorId);
  return {
    kind: "edit",
    name: workflow.name,
    diff: read.diff,
    form: formOf({ ...read.after, number: revision.number }),
    changedBy: base === revision ? null : (author?.name ?? "somebody"),
  };
}

export type SavedEdit =
  | {
      readonly kind: "saved";
      readonly workflowId: string;
      readonly name: string;
      readonly revision: number;
      readonly diff: readonly string[];
      readonly nextAt: string | null;
    }
  /** Somebody was faster: nothing was changed, and what this one would change now is said. */
  | {
      readonly kind: "overtaken";
      readonly workflowId: string;
      readonly name: string;
      readonly by: string;
      readonly diff: readonly string[];
      readonly form: EditForm;
    };

/**
 * *Save*: as it was shown, or not at all.
 * @param text a form as JSON
 * @throws ClawError `forbidden`, `unknown_subject`, `conflict` when it is just that already, `invalid_input`
 */
export async function saveEdit(caller: Caller, workflowId: string, text: string): Promise<SavedEdit> {
  const form = readForm(text);
  const { work, actor, deps } = caller;
  const { workflow, revision } = await lockOwn(caller, { id: workflowId });
  const overtaken = revision.number !== form.revision;
  const base = overtaken
    ? await findRevision(work.tx, actor.workspaceId, { workflowId, number: form.revision })
    : revision;
  if (!base) throw notUnderstood();
  const read = readEditForm(form, base, revision, {
    now: work.now.getTime(),
    zone: caller.zone,
    ...(deps.partsOfDay && { partsOfDay: deps.partsOfDay }),
    defaults: deps.policies,
    maxInstruction: MAX_INSTRUCTION,
  });
  if (read.kind === "faults") {
    throw new ClawError("invalid_input", read.faults.map(({ field, message }) => `${field}: ${message}`).join(" "));
  }
  const { after, diff } = read;
  if (overtaken && diff.length > 0) {
    const author = await findMember(work.tx, actor.workspaceId, revision.authorId);
    const by = author?.name ?? "somebody";
    return { kind: "overtaken", workflowId, name: workflow.name, by, diff, form };
  }
  const words = { instruction: `${after.instruction}${after.destination.broadcast ? BROADCAST_WORDS : ""}` };
  const edited = await editWorkflow(
    caller,
    { id: workflowId },
    { ...words, trigger: after.trigger, policies: after.policies },
  );
  return { kind: "saved", workflowId, name: workflow.name, ...edited };
}

function readForm(text: string): EditForm {
  try {
    const read = EditForm.safeParse(JSON.parse(text));
    if (read.success) return read.data;
  } catch {
    // Not even JSON.
  }
  throw notUnderstood();
}

const notUnderstood = () => new ClawError("unknown_subject", "This form is no longer understood. Open it again.");
