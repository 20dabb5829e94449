/** What Slack's window does before it tells the app: builds the action, and keeps an incomplete form. */
import { type Json, objectsOf, textOf } from "./json.ts";
import { controlsOf, type SeenControl } from "./seen.ts";
import { isEmpty } from "./view-state.ts";
import type { StoredView } from "./world.ts";

/** An action as its payload carries it. */
export function pressed({ element, blockId, actionId, type }: SeenControl): Json {
  const { text, value, style, placeholder } = element;
  return {
    action_id: actionId,
    block_id: blockId,
    type,
    ...(text !== undefined && { text }),
    ...(value !== undefined && { value }),
    ...(style !== undefined && { style }),
    ...(placeholder !== undefined && { placeholder }),
  };
}

/** @throws Error in Slack's words when a required input is empty or out of its limits */
export function refuseIncomplete(view: StoredView): void {
  for (const block of objectsOf(view.view.blocks)) {
    if (block.type !== "input") continue;
    for (const { actionId, blockId, label, element } of controlsOf([block])) {
      const value = view.state[blockId]?.[actionId];
      if (isEmpty(value)) {
        if (block.optional === true) continue;
        throw new Error(`Please complete this required field: ${label}`);
      }
      const { min_length: min, max_length: max } = element;
      const length = textOf(value?.value).length;
      const tooShort = typeof min === "number" && length < min;
      if (tooShort || (typeof max === "number" && length > max)) throw new Error(`"${label}" is out of its limits`);
    }
  }
}
