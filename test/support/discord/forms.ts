/** Menus and modals as a person fills them in. Pure. */
import { isObject, type Json, objectsOf, textOf } from "../slack/json.ts";
import { COMPONENT, isSelect } from "./components.ts";
import { controlNamed, type SeenControl, type SeenModal } from "./seen.ts";

/** What choosing sends. @throws Error for what is not offered, too few or too many */
export function valuesOf({ component, label }: SeenControl, given: readonly string[]): string[] {
  const options = objectsOf(component.options);
  const values = given.map((each) => {
    if (component.type !== COMPONENT.stringSelect) return each;
    const option = options.find((one) => one.label === each) ?? options.find((one) => one.value === each);
    if (!option)
      throw new Error(
        `"${label}" does not offer "${each}" but ${options.map((one) => `"${textOf(one.label)}"`).join(", ")}`,
      );
    return textOf(option.value);
  });
  const min = Number(component.min_values ?? 1);
  const max = Number(component.max_values ?? 1);
  if (values.length < min || values.length > max) throw new Error(`"${label}" takes ${min} to ${max} of its options`);
  return values;
}

/** The components of a submission. @throws Error that says what Discord itself would complain of */
export function submitted(modal: SeenModal, values: Readonly<Record<string, string | readonly string[]>>): Json[] {
  const filled = new Map<string, string | readonly string[]>();
  for (const [name, value] of Object.entries(values)) {
    filled.set(controlNamed(modal.controls, name, modal.title).customId, value);
  }
  let next = 0;
  const answer = (component: Json): Json => {
    next += 1;
    const id = typeof component.id === "number" && component.id > 0 ? component.id : next;
    const type = component.type;
    if (Array.isArray(component.components))
      return { type, id, components: objectsOf(component.components).map(answer) };
    if (isObject(component.component)) return { type, id, component: answer(component.component) };
    if (type === COMPONENT.text) return { type, id };
    const customId = textOf(component.custom_id);
    const control = modal.controls.find((each) => each.customId === customId);
    const value = filled.get(customId);
    if (control && isSelect(component)) {
      const chosen =
        value ??
        objectsOf(component.options)
          .filter((each) => each.default === true)
          .map((each) => textOf(each.value));
      const none = chosen.length === 0 && component.required === false;
      return {
        type,
        id,
        custom_id: customId,
        values: none ? [] : valuesOf(control, typeof chosen === "string" ? [chosen] : chosen),
      };
    }
    return { type, id, custom_id: customId, value: textWithin(component, control?.label ?? customId, value) };
  };
  return objectsOf(modal.raw.components).map(answer);
}

function textWithin(component: Json, label: string, value: string | readonly string[] | undefined): string {
  const text = typeof value === "string" ? value : textOf(component.value);
  const required = component.required !== false;
  if (required && text === "") throw new Error(`"${label}" is required`);
  const max = Number(component.max_length ?? 4000);
  const min = Number(component.min_length ?? 0);
  if (text.length > max) throw new Error(`"${label}" takes ${max} characters at most`);
  if (text !== "" && text.length < min) throw new Error(`"${label}" takes ${min} characters at least`);
  return text;
}
