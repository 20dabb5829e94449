/**
 * *Edit*: a workflow's fields are filled in, what would change is shown to who filled them in, and only that is saved. What
 * was typed is kept here until then; nothing is stored before *Save*.
 */
import { assertNever, type EditForm, type InboundEvent, type WorkflowToEdit } from "../../orchestrator/index.ts";
import { diffLine } from "../cards/plain.ts";
import { inTime } from "../chat/waiting.ts";
import type { DiscordDeps } from "./deps.ts";
import { type Markdown, markdownOf, writeCode } from "./markdown.ts";
import type { Incoming } from "./normalize.ts";
import type { Interaction } from "./payloads.ts";
import { workspaceIdOf } from "./places.ts";
import type { Responses } from "./responses.ts";
import { type EditFields, editModal, faultLine, fieldsOf, formIn, readFields, typedIn } from "./views-edit.ts";

type Of<K extends Incoming["kind"]> = Extract<Incoming, { kind: K }>;

export interface Editing {
  /** Opens the fields of a workflow. */
  open(interaction: Interaction, guild: string, workflowId: string): Promise<void>;
  /** Shows what the fields would change, or why they cannot be taken. */
  show(interaction: Interaction, submitted: Of<"edit">): Promise<void>;
  /** @returns what is to be stored: *Save* was pressed. Null: answered */
  press(interaction: Interaction, pressed: Of<"change">): Promise<InboundEvent | null>;
}

export interface EditingDeps extends Pick<DiscordDeps, "log" | "workflowToEdit" | "planEdit"> {
  readonly responses: Responses;
  /** New ids. */
  readonly newRef: () => string;
}

interface Kept {
  readonly memberId: string;
  readonly workflowId: string;
  readonly base: number;
  readonly fields: EditFields;
  /** What *Save* saves; null when it cannot be saved as it is. */
  readonly form: EditForm | null;
}

/** Discord waits for 3 s; milliseconds. */
const READ_MS = 900;
const MAX_KEPT = 500;
const MAX_SHOWN = 1_300;
const NOT_OPENED = "The form did not open; press again.";
const NO_WORKFLOW = "There is no such workflow any more. Nothing was changed.";
const FORGOTTEN = "This change is no longer kept, and was not saved. Press Edit on the workflow's card again.";

export function createEditing(deps: EditingDeps): Editing {
  const { responses, log } = deps;
  const kept = new Map<string, Kept>();

  function keep(change: Kept): string {
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    const ref = deps.newRef();
    kept.set(ref, change);
    return ref;
  }

  const say = async (interaction: Interaction, sentence: string): Promise<void> => {
    await responses.say(interaction, markdownOf(sentence));
  };

  async function read<T>(what: Promise<T>): Promise<T | "unknown"> {
    const reading = what.catch((error: unknown) => {
      log.warn({ err: error }, "a workflow to be changed could not be read");
      return "unknown" as const;
    });
    return inTime(READ_MS, reading, "unknown" as const);
  }
  const workflowFor = (guild: string, workflowId: string): Promise<WorkflowToEdit | "unknown" | null> =>
    read(deps.workflowToEdit(workspaceIdOf(guild), workflowId));

  async function openWith(
    interaction: Interaction,
    guild: string,
    workflowId: string,
    typed: Pick<Kept, "base" | "fields"> | null,
  ): Promise<void> {
    const current = await workflowFor(guild, workflowId);
    if (current === "unknown") return say(interaction, NOT_OPENED);
    if (!current) return say(interaction, NO_WORKFLOW);
    const fields = typed?.fields ?? fieldsOf(current.form, current.policies);
    const modal = editModal(current, typed?.base ?? current.form.revision, fields);
    const tooLong = `What ${current.name} does is too long to be changed in Discord. Type it anew: /claw request:edit ${current.name} and the new text.`;
    if (!modal) return say(interaction, tooLong);
    await responses.open(interaction, modal);
  }

  /** Discord has no errors at fields: they come with the way back into the form, where everything stands as it was typed. */
  async function giveBack(interaction: Interaction, change: Kept, errors: readonly string[]): Promise<void> {
    const ref = keep(change);
    const why = errors
      .map((error) => markdownOf(`• ${error}`))
      .join("\n")
      .slice(0, 600);
    const typed = typedIn(change.fields);
    const back = typed.length > 900 ? "" : `\nThis is what you typed:\n${writeCode(typed)}`;
    await responses.show(interaction, `Nothing was saved yet.\n${why}${back}` as Markdown, ["change", "cancel"], ref);
  }

  return {
    open: (interaction, guild, workflowId) => openWith(interaction, guild, workflowId, null),

    async show(interaction, { guild, memberId, workflowId, base, entered }) {
      const fields = readFields(entered);
      const change = { memberId, workflowId, base, fields, form: null };
      const retry = (why: string) => giveBack(interaction, change, [why]);
      const current = await workflowFor(guild, workflowId);
      if (current === "unknown") return retry("It could not be checked just now. Try again.");
      if (!current) return say(interaction, NO_WORKFLOW);
      const filled = formIn(current, base, fields);
      if (filled.kind === "errors") return giveBack(interaction, change, filled.errors);
      const planned = await read(deps.planEdit(workspaceIdOf(guild), { memberId, workflowId }, filled.form));
      if (planned === "unknown") return retry("It could not be checked just now. Try again.");
      switch (planned.kind) {
        case "gone":
          return say(interaction, NO_WORKFLOW);
        case "refused":
          return say(interaction, planned.message);
        case "faults":
          return giveBack(interaction, change, planned.faults.map(faultLine));
        case "edit": {
          if (planned.diff.length === 0) return retry("Nothing would change yet.");
          const { form } = planned;
          const ref = keep({ ...change, base: form.revision, fields: fieldsOf(form, current.policies), form });
          await responses.show(interaction, shownChange(planned), ["save", "change", "cancel"], ref);
          return;
        }
        default:
          return assertNever(planned, "edit");
      }
    },

    async press(interaction, { step, ref, guild, memberId, eventOf }) {
      const change = kept.get(ref);
      if (step === "cancel") {
        kept.delete(ref);
        await responses.replace(interaction, markdownOf("Nothing was changed."));
        return null;
      }
      if (!change || change.memberId !== memberId) {
        await responses.replace(interaction, markdownOf(FORGOTTEN));
        return null;
      }
      if (step === "save" && change.form) return eventOf(change.workflowId, JSON.stringify(change.form));
      await openWith(interaction, guild, change.workflowId, change);
      return null;
    },
  };
}

function shownChange(planned: {
  readonly name: string;
  readonly diff: readonly string[];
  readonly changedBy: string | null;
}): Markdown {
  const lines = planned.diff.map(diffLine).join("\n");
  const isCut = lines.length > MAX_SHOWN;
  const meanwhile =
    planned.changedBy === null
      ? ""
      : `${markdownOf(`${planned.changedBy} changed it while you did. What you left alone is now as they set it.`)}\n`;
  const cut = isCut ? "\nThe rest of it does not fit here; Change… shows all of it." : "";
  const head = markdownOf(`This would change in ${planned.name}. Save it, or go on changing it.`);
  return `${meanwhile}${head}\n${writeCode(lines.slice(0, MAX_SHOWN))}${cut}` as Markdown;
}
