/** A workflow as fields to fill in: what is filled in is read field by field, and set beside what others changed. Pure. */

import { z } from "zod";
import { ClawError } from "../errors.ts";
import { parseScheduleWords } from "../schedules/phrase/phrase.ts";
import type { PartTimes } from "../schedules/phrase/vocabulary.ts";
import { describeSchedule } from "../schedules/words.ts";
import { splitBroadcast } from "./broadcast.ts";
import { POLICY_NAMES, type PolicyName, readPolicy, sayPolicy } from "./policy-terms.ts";
import { type RevisionContent, revisionDiff } from "./revision-diff.ts";
import type { Policies } from "./workflow.ts";

/** What the fields hold, in the words people read and type. */
export const EditForm = z.strictObject({
  /** The revision that the fields were filled from. */
  revision: z.number().int().positive(),
  instruction: z.string(),
  /** Empty: it has no schedule. */
  schedule: z.string(),
  broadcast: z.boolean(),
  policies: z.partialRecord(z.enum(POLICY_NAMES), z.string()),
});
export type EditForm = z.infer<typeof EditForm>;

export type EditField = "instruction" | "schedule" | PolicyName;

/** A field that cannot be read, and what to type instead. */
export interface EditFault {
  readonly field: EditField;
  readonly message: string;
}

/** What stands in the fields before anybody touches them; read again it is the same revision. */
export const formOf = (revision: RevisionContent & { readonly number: number }): EditForm => ({
  revision: revision.number,
  instruction: revision.instruction,
  schedule: revision.trigger.kind === "schedule" ? describeSchedule(revision.trigger.schedule) : "",
  broadcast: revision.destination.broadcast === true,
  policies: Object.fromEntries(POLICY_NAMES.map((name) => [name, sayPolicy(name, revision.policies)])),
});

export interface EditContext {
  /** Milliseconds since the epoch, for schedules that count from now. */
  readonly now: number;
  /** Of who fills it in. */
  readonly zone: string;
  /** As the phrases of the same people have them. Absent: the usual times. */
  readonly partsOfDay?: Partial<PartTimes>;
  /** What `default` means. */
  readonly defaults: Policies;
  /** Characters of an instruction at most. */
  readonly maxInstruction: number;
}

export type ReadEdit =
  | { readonly kind: "faults"; readonly faults: readonly EditFault[] }
  | {
      readonly kind: "edit";
      readonly after: RevisionContent;
      /** Against the present revision; empty when it is just that already. */
      readonly diff: readonly string[];
    };

/**
 * Reads a form as a change of the present revision: only what was touched counts, so what others changed since the fields
 * were filled stays, unless both changed the same field.
 * @param base the revision the form was filled from
 */
export function readEditForm(
  form: EditForm,
  base: RevisionContent & { readonly number: number },
  present: RevisionContent,
  context: EditContext,
): ReadEdit {
  const before = formOf(base);
  const faults: EditFault[] = [];
  const attempt = <T>(field: EditField, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ClawError)) throw error;
      faults.push({ field, message: error.message });
      return null;
    }
  };
  const said = splitBroadcast(form.instruction.trim());
  const instruction =
    form.instruction === before.instruction
      ? present.instruction
      : attempt("instruction", () => readInstruction(said.instruction, context));
  const trigger =
    form.schedule.trim() === before.schedule
      ? present.trigger
      : attempt("schedule", () => readSchedule(form.schedule.trim(), context, present.trigger));
  const isBroadcast = form.broadcast || (form.instruction !== before.instruction && said.broadcast);
  const destination =
    isBroadcast === before.broadcast ? present.destination : { ...present.destination, broadcast: isBroadcast };
  const policies = { ...present.policies };
  for (const name of POLICY_NAMES) {
    const value = form.policies[name]?.trim() ?? before.policies[name];
    if (value === before.policies[name]) continue;
    const read = attempt(name, () => readPolicy(`${name} ${value}`, context.defaults));
    if (read) Object.assign(policies, read.change);
  }
  if (faults.length > 0 || instruction === null || trigger === null) return { kind: "faults", faults };
  const after = { instruction, trigger, destination, policies };
  return { kind: "edit", after, diff: revisionDiff(present, after) };
}

function readInstruction(text: string, { maxInstruction }: EditContext): string {
  if (text === "") throw new ClawError("invalid_input", "Say what it should do.");
  if ([...text].length > maxInstruction) {
    throw new ClawError(
      "invalid_input",
      `An instruction has at most ${maxInstruction.toLocaleString("en")} characters.`,
    );
  }
  return text;
}

/** @param present its condition stays, for the field holds the times alone */
function readSchedule(
  text: string,
  { now, zone, partsOfDay = {} }: EditContext,
  present: RevisionContent["trigger"],
): RevisionContent["trigger"] {
  const gate = present.kind === "schedule" && present.gate ? { gate: present.gate } : {};
  if (text === "") {
    throw new ClawError("invalid_input", 'Say when, such as "every weekday at 9:00". To stop it, pause it.');
  }
  const read = parseScheduleWords(text, { now, zone, partsOfDay });
  switch (read.kind) {
    case "schedule":
      return { kind: "schedule", schedule: read.schedule, words: describeSchedule(read.schedule), ...gate };
    case "ask": {
      const ways = read.options.map((option) => `"${describeSchedule(option)}"`);
      throw new ClawError("invalid_input", `${read.question} ${ways.length === 0 ? "" : `Type ${ways.join(" or ")}.`}`);
    }
    case "refuse":
      throw new ClawError("invalid_input", `${sentence(read.reason)} Type, for example, "${read.example}".`);
  }
}

const sentence = (text: string): string => {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(first) ? first : `${first}.`;
};
