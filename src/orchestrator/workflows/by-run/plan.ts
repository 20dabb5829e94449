/** A workflow that a run wants: what its words mean, and what people are shown of it. Reads nothing but a clock. */
import {
  FINISH,
  fail,
  type NewWorkflow,
  ok,
  type PlannedWorkflow,
  type ToolResult,
  wantedTools,
} from "../../../tools/index.ts";
import type { UseCaseDeps } from "../../caller.ts";
import { PROMPT } from "../../context/context.ts";
import { worstCaseMicros } from "../../model/prices.ts";
import { parsePhrase } from "../../schedules/phrase/phrase.ts";
import { nextSlots } from "../../schedules/slots.ts";
import { readTriggerPhrase } from "../../triggers/phrase.ts";
import { type SaidTrigger, scheduleOf, type Trigger } from "../../triggers/trigger.ts";
import { triggerWords } from "../../triggers/words.ts";

export type PlanDeps = Pick<UseCaseDeps, "clock" | "partsOfDay" | "registry" | "model" | "policies"> & {
  /** IANA; what times without a zone are read in. */
  readonly zone: string;
};

const SHOWN = 3;
const MONTH_MS = 30 * 24 * 60 * 60_000;
/** Counted no further. */
const COUNTED = 1_000;
const STAND_IN = "do it";
const TRY = 'Write it like "every weekday at 9", "every 6 hours" or "when somebody reacts with :eyes: in #ops".';

/** What starts it. What runs but once, or wants a secret shown to a person, is for people to ask for. */
export function readNew(deps: PlanDeps, { when }: NewWorkflow): ToolResult<Trigger | SaidTrigger> {
  const options = { now: deps.clock.now(), zone: deps.zone, partsOfDay: deps.partsOfDay ?? {} };
  const read = readTriggerPhrase(`${when}: ${STAND_IN}`, (phrase) => parsePhrase(phrase, options));
  switch (read.kind) {
    case "question":
      return fail("invalid_input", `${read.question} ${TRY}`);
    case "refused":
      return fail("invalid_input", `${read.reason}. ${TRY}`);
    case "scheduled":
    case "triggered": {
      if (read.instruction !== STAND_IN) return fail("invalid_input", `"${when}" says more than when. ${TRY}`);
      const trigger: Trigger | SaidTrigger =
        read.kind === "scheduled" ? { kind: "schedule", schedule: read.schedule, words: read.words } : read.trigger;
      const isOnce = trigger.kind === "person" || (trigger.kind === "schedule" && trigger.schedule.kind === "once");
      if (isOnce) return fail("invalid_input", `It has to repeat, or to wait for something. ${TRY}`);
      if (trigger.kind === "webhook") {
        return fail("invalid_input", `A webhook has a secret, which a person has to be shown: ask them to create it.`);
      }
      return ok(trigger);
    }
  }
}

/** @param given the tools of the run that asks; absent: as if it had all */
export function planNew(deps: PlanDeps, wanted: NewWorkflow, given?: readonly string[]): ToolResult<PlannedWorkflow> {
  const read = readNew(deps, wanted);
  if (!read.ok) return read;
  const trigger = read.value;
  // Its kind says all that is asked of it: where it happens is found when it is created.
  const schedule = scheduleOf(trigger as Trigger);
  const tools = wantedTools(wanted.instruction, deps.registry.list()).filter((name) => given?.includes(name) ?? true);
  const now = deps.clock.now();
  const slots = schedule ? nextSlots(schedule, now, COUNTED).filter((at) => at.getTime() < now + MONTH_MS) : [];
  return ok({
    when: `${triggerWords(trigger)}${schedule ? ` (${schedule.zone})` : ""}`,
    next: (schedule ? nextSlots(schedule, now, SHOWN) : []).map((at) => inZone(at, schedule?.zone ?? deps.zone)),
    tools: tools.map((name) => (deps.registry.get(name)?.effect === "read" ? name : `${name} (asks first)`)),
    cost: costOf(deps, wanted.instruction, tools, slots.length),
  });
}

const inZone = (at: Date, timeZone: string): string =>
  at.toLocaleString("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });

function costOf(
  { model, registry, policies }: PlanDeps,
  instruction: string,
  tools: readonly string[],
  many: number,
): string {
  const stops = `stops at ${dollars(policies.runCeilingMicros)} a run at most`;
  if (model.price.inputMicrosPerMillion === 0 && model.price.outputMicrosPerMillion === 0) return "nothing";
  const specs = JSON.stringify(registry.specs([...tools, FINISH]));
  const opening = model.countTokens(PROMPT) + model.countTokens(instruction) + model.countTokens(specs);
  const run = worstCaseMicros(3 * opening + 4_000, 900, model.price);
  const month =
    many === 0 ? "" : `, about ${dollars(run * many)} a month (${many >= COUNTED ? "over " : ""}${many} runs)`;
  return `about ${dollars(run)} a run${month}; ${stops}`;
}

const dollars = (micros: number): string => `$${(micros / 1e6).toFixed(2)}`;
