/** Changing a workflow: by a line, or by a form that was filled in. */
import {
  assertNever,
  type Caller,
  editWorkflow,
  saveEdit,
  unknownWorkflow,
  type Wanted,
  workflowView,
} from "../../orchestrator/index.ts";
import { questionCard, unclearCard } from "../cards/answer.ts";
import { type Card, card } from "../cards/card.ts";
import { editButton, editedCard, overtakenCard } from "../cards/edit.ts";
import { type Edit, parseEdit } from "./parse.ts";
import { phrasesOf } from "./phrases.ts";

/** @param text null: how it is now */
export async function editCard(caller: Caller, name: string, text: string | null): Promise<Card> {
  const view = await workflowView(caller.work.tx, caller.actor.workspaceId, { name }, caller.work.now);
  if (!view) throw unknownWorkflow(name);
  if (text === null) {
    return card({
      title: `Now ${name} is:`,
      text: `${view.schedule}\n\n${view.instruction}`,
      buttons: [editButton(view)],
      footer: `/claw edit ${name} <new time, new instruction, or both>`,
    });
  }
  const edit = parseEdit(text, { parsePhrase: phrasesOf(caller) });
  if (edit.kind === "question") return questionCard(edit);
  if (edit.kind === "unclear") return unclearCard(edit);
  return editedCard({ name, ...(await editWorkflow(caller, { name }, changesOf(edit))) });
}

/** @param text a line, or a form as JSON */
export async function pressEdit(caller: Caller, workflowId: string, text: string): Promise<Card> {
  if (!text.trimStart().startsWith("{")) {
    const view = await workflowView(caller.work.tx, caller.actor.workspaceId, { id: workflowId }, caller.work.now);
    if (!view) throw unknownWorkflow(null);
    return editCard(caller, view.name, text);
  }
  const edited = await saveEdit(caller, workflowId, text);
  switch (edited.kind) {
    case "saved":
      return editedCard(edited);
    case "overtaken":
      return overtakenCard(edited);
    default:
      return assertNever(edited, "edit");
  }
}

export const changesOf = (edit: Edit): Partial<Wanted> => ({
  ...(edit.instruction === null ? {} : { instruction: edit.instruction }),
  ...(edit.schedule === null ? {} : { trigger: { kind: "schedule", ...edit.schedule } }),
  ...(edit.trigger ? { trigger: edit.trigger } : {}),
});
