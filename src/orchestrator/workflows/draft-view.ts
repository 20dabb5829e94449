/** What a draft would be, for its preview. */
import { FINISH } from "../../tools/index.ts";
import type { Caller } from "../caller.ts";
import { PROMPT } from "../context/context.ts";
import { worstCaseMicros } from "../model/prices.ts";
import { placesOfWorkflow } from "../policy/places.ts";
import { clockChangeNote } from "../schedules/clock-change.ts";
import type { Sieve } from "../schedules/closed-times.ts";
import { closedFor, nextRun, type OpenTimes, openSlots } from "../schedules/next-run.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { nextSlots } from "../schedules/slots.ts";
import { gateOf, scheduleOf } from "../triggers/trigger.ts";
import { whyNoWebhooks } from "../triggers/webhook.ts";
import { triggerWords } from "../triggers/words.ts";
import type { DraftView } from "../views.ts";
import type { Revision } from "./workflow.ts";

const MONTH_MS = 30 * 24 * 60 * 60_000;

export async function draftView(
  caller: Caller,
  draft: { name: string; workflowId: string; revision: Revision; channelId: string; expiresAt: Date },
): Promise<DraftView> {
  const { deps, work } = caller;
  const { revision } = draft;
  const { trigger } = revision;
  const schedule = scheduleOf(trigger);
  const now = work.now.getTime();
  const closed = closedFor(openTimesOf(caller), revision.policies);
  const next = schedule ? openSlots(schedule, now, 5, closed) : [];
  const [first] = schedule && next.length === 0 ? nextSlots(schedule, now, 1) : [];
  const allClosed = first ? closed?.(first) : null;
  // Most of the times that a gate is asked, nothing runs.
  const month = schedule && gateOf(trigger) === null ? slotsIn(schedule, now, closed) : null;
  return {
    workflowId: draft.workflowId,
    name: draft.name,
    instruction: revision.instruction,
    schedule: triggerWords(trigger),
    zone: schedule?.zone ?? caller.zone,
    next: next.map((at) => at.toISOString()),
    ...(allClosed ? { allClosed } : {}),
    clockChange: schedule ? clockChangeNote(schedule, now) : null,
    starts: startsHow(caller, revision),
    tools: revision.tools.flatMap((name) => {
      const tool = deps.registry.get(name);
      return tool ? [{ name, effect: tool.effect, ...(tool.inside && { inside: tool.inside }) }] : [];
    }),
    places: await placesOfWorkflow(caller, { id: draft.workflowId, name: draft.name }, revision.instruction),
    ...unseenIn(caller, revision),
    channelId: draft.channelId,
    broadcast: revision.destination.broadcast === true,
    cannotPost: caller.cannotPost,
    model: deps.model.name,
    runsAMonth: month,
    costPerRunMicros: estimateMicros(caller, revision),
    runCeilingMicros: revision.policies.runCeilingMicros,
    keptUntil: draft.expiresAt.toISOString(),
  };
}

/** What it names and its author does not see is not posted to, whatever it says. */
function unseenIn({ unseen = [] }: Caller, { instruction }: Revision): Pick<DraftView, "unseen"> {
  const named = unseen.filter((name) => instruction.includes(name));
  return named.length > 0 ? { unseen: named } : {};
}

/** Slots counted one by one; beyond that the month is reckoned from their pace. */
const COUNTED = 800;

function slotsIn(schedule: Schedule, now: number, closed: Sieve["closed"]): number {
  const slots = nextSlots(schedule, now, COUNTED);
  const open = (slot: Date) => schedule.kind === "once" || !closed?.(slot);
  const last = slots.at(-1)?.getTime();
  if (slots.length === COUNTED && last !== undefined && last < now + MONTH_MS) {
    return Math.round((slots.filter(open).length * MONTH_MS) / (last - now));
  }
  return slots.filter((slot) => slot.getTime() < now + MONTH_MS && open(slot)).length;
}

/** What is closed where the caller is. */
export const openTimesOf = ({ deps, workspaceZone }: Caller): OpenTimes => ({
  closedTimes: deps.closedTimes,
  zone: workspaceZone,
});

/** When a workflow that is due at `nextAt` will really run, as an ISO instant; null when it is not, or never near. */
export const realNext = (caller: Caller, nextAt: Date | null, revision: Revision, skipNext = 0): string | null =>
  nextRun({ nextSlotAt: nextAt, skipNext }, revision, openTimesOf(caller))?.toISOString() ?? null;

/** A guess at a run's cost: three model calls, one of them with a page of tool output. */
export function estimateMicros(caller: Caller, revision: Revision): number {
  const { model, registry } = caller.deps;
  const tools = JSON.stringify(registry.specs([...revision.tools, FINISH]));
  const opening = model.countTokens(PROMPT) + model.countTokens(revision.instruction) + model.countTokens(tools);
  return worstCaseMicros(3 * opening + 4_000, 900, model.price);
}

/** What a person should know of how it starts, beside the sentence; null: nothing. */
function startsHow({ deps }: Caller, { trigger, policies }: Revision): string | null {
  const overlap = policies.overlap === "allow" ? "" : "what comes while a run is open follows the overlap policy";
  const first = (() => {
    switch (trigger.kind) {
      case "schedule":
        return trigger.gate ? "the condition is asked first, at no cost; if it says no, nothing runs" : null;
      case "person":
        return null;
      case "webhook":
        return whyNoWebhooks(deps.webhooks) ?? "you get its URL and secret, privately, when you create it";
      case "message":
      case "reaction":
        return `at most one run a minute, the rest is counted; ${trigger.includingBots ? "bots may start it, Claw itself never does" : "bots and Claw itself never start it"}`;
      case "outcome":
        return `its report, or why it failed, is told to the run`;
      case "change":
        return "looking costs nothing; the first look only notes how the page is";
    }
  })();
  return (
    [first, trigger.kind === "webhook" || trigger.kind === "outcome" ? overlap : ""].filter(Boolean).join("; ") || null
  );
}
