/** What inputs hold: what the app put in, then what a person typed or chose. Pure. */
import { copyOf, isObject, type Json, objectsOf, textOf } from "./json.ts";

export type ViewState = Record<string, Record<string, Json>>;

/** The key under which an element's value stands, both in `state.values` and, as `initial_…`, in the element. */
const KEYS: Readonly<Record<string, readonly [state: string, initial: string]>> = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  multi_static_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  users_select: ["selected_user", "initial_user"],
  multi_users_select: ["selected_users", "initial_users"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
};

const LISTS = new Set(["multi_static_select", "checkboxes"]);

/** The first state of blocks; what is already there under the same ids is kept. */
export function initialState(blocks: readonly Json[], before: ViewState = {}): ViewState {
  const state: ViewState = {};
  for (const block of blocks) {
    const id = textOf(block.block_id);
    const elements = [...objectsOf(block.elements), ...[block.element, block.accessory].filter(isObject)];
    for (const element of elements) {
      const type = textOf(element.type);
      const keys = KEYS[type];
      if (!keys) continue;
      const action = textOf(element.action_id);
      const kept = before[id]?.[action];
      const empty = LISTS.has(type) ? [] : null;
      state[id] ??= {};
      state[id][action] = kept?.type === type ? copyOf(kept) : { type, [keys[0]]: element[keys[1]] ?? empty };
    }
  }
  return state;
}

/**
 * A value as a person gives it: a text into an input, an option by its label, several as a list.
 * @throws Error when the element has no such option or takes no value
 */
export function valueGiven(element: Json, given: string | readonly string[] | null): Json {
  const type = textOf(element.type);
  const key = KEYS[type]?.[0];
  if (key === undefined) throw new Error(`a ${type} takes no value`);
  if (given === null) return { type, [key]: LISTS.has(type) ? [] : null };
  const offered = [element, ...objectsOf(element.option_groups)].flatMap((each) => objectsOf(each.options));
  if (offered.length === 0) return { type, [key]: type === "datetimepicker" ? Number(given) : given };
  const find = (wanted: string): Json => {
    const option = offered.find((each) => each.value === wanted || (isObject(each.text) && each.text.text === wanted));
    if (option) return copyOf(option);
    throw new Error(`no option "${wanted}" among ${offered.map((each) => JSON.stringify(each.value)).join(", ")}`);
  };
  if (LISTS.has(type)) return { type, [key]: (typeof given === "string" ? [given] : given).map(find) };
  return { type, [key]: find(String(given)) };
}

/** True when a person has left it empty. */
export const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  Object.entries(value).every(
    ([key, each]) => key === "type" || each === null || each === "" || (Array.isArray(each) && each.length === 0),
  );
