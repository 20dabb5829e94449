/** Changing a workflow in fields, as many as a form of Discord holds: what, when, where, what is reported, and the rest as lines. Pure. */
import type { EditFault, EditForm, WorkflowToEdit } from "../../orchestrator/index.ts";
import { editFormIdOf } from "./custom-ids.ts";
import { isEditable, type Modal, modal, selectInput, textInput } from "./views-modal.ts";

const ID = { what: "what", when: "when", where: "where", report: "report", more: "more" } as const;
const LABEL = { what: "What it does", when: "When", where: "Where it reports", more: "Other policies" } as const;
const HERE = "thread";
const EVERYWHERE = "channel";
const REPORT = "report";

type Policies = WorkflowToEdit["policies"];

/** What stands in the fields, as it was typed. */
export interface EditFields {
  readonly what: string;
  readonly when: string;
  readonly where: string;
  readonly report: string;
  /** A line for each policy: `overlap: skip`. */
  readonly more: string;
}

export const fieldsOf = (form: EditForm, policies: Policies): EditFields => ({
  what: form.instruction,
  when: form.schedule,
  where: form.broadcast ? EVERYWHERE : HERE,
  report: form.policies[REPORT] ?? "",
  more: policies
    .filter(({ name }) => name !== REPORT)
    .map(({ name }) => `${name}: ${form.policies[name] ?? ""}`)
    .join("\n"),
});

/** @param base the revision the fields were filled from @returns null when it is longer than Discord lets be changed */
export function editModal(current: WorkflowToEdit, base: number, fields: EditFields): Modal | null {
  if (!isEditable(fields.what) || !isEditable(fields.more)) return null;
  const offers = current.policies.find(({ name }) => name === REPORT)?.offers ?? [];
  return modal(editFormIdOf(current.workflowId, base), `Edit ${current.name}`, [
    textInput({ id: ID.what, label: LABEL.what, hint: "", initial: fields.what, required: true, multiline: true }),
    textInput({
      id: ID.when,
      label: LABEL.when,
      hint: "such as: every weekday at 9:00, every 15 minutes, on the first Monday of the month at 10:00",
      initial: fields.when,
      required: false,
      multiline: false,
    }),
    selectInput({
      id: ID.where,
      label: LABEL.where,
      hint: "",
      required: true,
      options: [
        { value: HERE, label: "In its thread", chosen: fields.where !== EVERYWHERE },
        { value: EVERYWHERE, label: "In its thread, and in the channel too", chosen: fields.where === EVERYWHERE },
      ],
    }),
    offers.includes(fields.report)
      ? selectInput({
          id: ID.report,
          label: REPORT,
          hint: "",
          required: true,
          options: offers.map((offer) => ({ value: offer, label: offer, chosen: offer === fields.report })),
        })
      : textInput({
          id: ID.report,
          label: REPORT,
          hint: "",
          initial: fields.report,
          required: true,
          multiline: false,
        }),
    textInput({
      id: ID.more,
      label: LABEL.more,
      hint: "One a line, such as: retries: 3. A line that is taken away stays as it was.",
      initial: fields.more,
      required: false,
      multiline: true,
    }),
  ]);
}

export const readFields = (entered: ReadonlyMap<string, string>): EditFields => ({
  what: entered.get(ID.what) ?? "",
  when: entered.get(ID.when) ?? "",
  where: entered.get(ID.where) ?? HERE,
  report: entered.get(ID.report) ?? "",
  more: entered.get(ID.more) ?? "",
});

/** What the fields say, or the lines that are no policy. */
export function formIn(
  { policies }: WorkflowToEdit,
  base: number,
  fields: EditFields,
):
  | { readonly kind: "form"; readonly form: EditForm }
  | { readonly kind: "errors"; readonly errors: readonly string[] } {
  const values = new Map<string, string>(fields.report.trim() === "" ? [] : [[REPORT, fields.report.trim()]]);
  const errors: string[] = [];
  // The longest name first: one may begin another.
  const names = policies.map(({ name }) => name).toSorted((one, other) => other.length - one.length);
  for (const line of fields.more.split("\n").map((each) => each.trim())) {
    if (line === "") continue;
    const name = names.find((each) => new RegExp(`^${each}\\s*[:=\\s]`, "iu").test(line));
    const value = name === undefined ? "" : line.slice(name.length).replace(/^\s*[:=]?\s*/u, "");
    if (name === undefined || name === REPORT) {
      errors.push(
        `${LABEL.more}: "${line.slice(0, 60)}" is none. There is ${names.filter((each) => each !== REPORT).join(", ")}.`,
      );
    } else if (value !== "") values.set(name, value);
  }
  if (errors.length > 0) return { kind: "errors", errors };
  return {
    kind: "form",
    form: {
      revision: base,
      instruction: fields.what,
      schedule: fields.when,
      broadcast: fields.where === EVERYWHERE,
      policies: Object.fromEntries(names.flatMap((name) => (values.has(name) ? [[name, values.get(name)]] : []))),
    },
  };
}

export const faultLine = ({ field, message }: EditFault): string =>
  `${field === "instruction" ? LABEL.what : field === "schedule" ? LABEL.when : field}: ${message}`;

/** What was typed, to be read, or copied. */
export const typedIn = ({ what, when, report, more }: EditFields): string =>
  [what, when, `report: ${report}`, more].filter((part) => part !== "").join("\n");
