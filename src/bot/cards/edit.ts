/** A workflow that was changed, or that somebody else changed first. Pure. */
import type { SavedEdit, WorkflowView } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Button, type Card, card, instant } from "./card.ts";
import { fact, heading, lowerFirst } from "./parts.ts";
import { diffLine, person, plain } from "./plain.ts";

/** Its line is read as the same workflow again. */
export const editButton = ({
  workflowId,
  schedule,
  instruction,
}: Pick<WorkflowView, "workflowId" | "schedule" | "instruction">): Button =>
  button("Edit…", "workflow.edit", workflowId, "plain", {
    label: "When and what",
    initial: /^(?:once, now)?$/iu.test(schedule) ? instruction : `${lowerFirst(schedule)} ${instruction}`,
    required: true,
  });

export const editedCard = (edited: {
  readonly name: string;
  readonly revision: number;
  readonly diff: readonly string[];
  readonly nextAt: string | null;
}): Card =>
  card({
    state: "done",
    title: heading(`${plain(edited.name)} is changed, revision ${edited.revision}`),
    diff: edited.diff.map(diffLine),
    text: edited.nextAt === null ? "" : `Next: ${instant(edited.nextAt, "day_time")}`,
  });

/** Nothing is lost: what was filled in stands here, as the change it would make now. */
export function overtakenCard(edit: Extract<SavedEdit, { kind: "overtaken" }>): Card {
  const { form } = edit;
  return card({
    state: "failed",
    title: heading(`${plain(edit.name)} was changed by ${person(edit.by)} meanwhile, so your change was not saved`),
    facts: [...fact("when", plain(form.schedule)), ...fact("what", plain(form.instruction))],
    diff: edit.diff.map(diffLine),
    buttons: [editButton({ workflowId: edit.workflowId, schedule: form.schedule, instruction: form.instruction })],
    footer: "this is what you wanted, against what it is now",
  });
}
