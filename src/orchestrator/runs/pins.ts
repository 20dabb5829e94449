/** What a run began with, beside what this Claw has now. Pure. */
import type { RunPins } from "./run.ts";

/**
 * What of a run's pins this process cannot keep, a few words each; empty when the run goes on as it began. Its revision,
 * prompt, prices and output cap travel with it; the tools and the model are the process's own.
 */
export function pinChanges(pins: RunPins, present: RunPins): string[] {
  const tools = Object.entries(pins.tools).flatMap(([name, hash]) => {
    const now = present.tools[name];
    if (now === undefined) return [`the tool ${name} is gone`];
    return now === hash ? [] : [`the tool ${name} has changed`];
  });
  const model = pins.model === present.model ? [] : [`the model is ${present.model} and was ${pins.model}`];
  return [...tools, ...model];
}
