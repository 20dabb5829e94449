/** What starts a workflow, and the gate that may stand before a run. Pure. */
import { z } from "zod";
import { assertNever } from "../errors.ts";
import type { FiringKind } from "../schedules/firing.ts";
import { Schedule } from "../schedules/schedule.ts";

export const COMPARISONS = ["greater", "less", "at_least", "at_most"] as const;

/** What must hold of the answer of a call; `changed`: it is another one than at the last look. */
export const Condition = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("changed") }),
  z.object({ kind: z.literal("exists"), not: z.boolean() }),
  z.object({
    kind: z.literal("equals"),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
    not: z.boolean(),
  }),
  z.object({ kind: z.literal("contains"), text: z.string(), not: z.boolean() }),
  z.object({ kind: z.literal("compares"), than: z.enum(COMPARISONS), number: z.number() }),
]);
export type Condition = z.infer<typeof Condition>;

/** A call of a reading tool and what must hold of its answer; if it does not, there is nothing to do. */
export const Gate = z.object({
  tool: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  /** JSONPath (RFC 9535) into the answer; null: the answer as a whole. */
  path: z.string().nullable(),
  condition: Condition,
});
export type Gate = z.infer<typeof Gate>;

/** The tool that reads a page; a gate on it can be said as `GET <url>`. */
export const READS_PAGES = "http_get";

/** `words` matches whole words, in any case; `regex` is RE2, which takes time linear in the message. */
export const Match = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("any") }),
  z.object({ kind: z.literal("words"), text: z.string().min(1) }),
  z.object({ kind: z.literal("regex"), source: z.string().min(1), flags: z.string() }),
]);
export type Match = z.infer<typeof Match>;

export const OUTCOMES = ["fails", "succeeds", "reports"] as const;

const gate = Gate.optional();
/** A channel with the name that people gave it. */
const Place = z.object({ channelId: z.string().min(1), name: z.string().min(1) });

export const Trigger = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("schedule"), schedule: Schedule, words: z.string(), gate }),
  /** `now …`: runs once, when it is created. */
  z.object({ kind: z.literal("person") }),
  z.object({ kind: z.literal("webhook"), gate }),
  z.object({ kind: z.literal("message"), channel: Place, match: Match, includingBots: z.boolean(), gate }),
  /** `channel` null: anywhere Claw reads. `emoji`: a name without colons, or the sign itself. */
  z.object({
    kind: z.literal("reaction"),
    emoji: z.string().min(1),
    channel: Place.nullable(),
    includingBots: z.boolean(),
    gate,
  }),
  /** `name` is how the other workflow was called when this was said. */
  z.object({
    kind: z.literal("outcome"),
    workflowId: z.string().min(1),
    name: z.string().min(1),
    on: z.enum(OUTCOMES),
    gate,
  }),
  /** A page is looked at by this schedule, at no cost; it runs when the page has changed. */
  z.object({ kind: z.literal("change"), url: z.url(), schedule: Schedule }),
]);
export type Trigger = z.infer<typeof Trigger>;

/** A trigger as people say it: channels and workflows by their names. `here` is the channel it is said in. */
export type SaidTrigger =
  | Exclude<Trigger, { kind: "message" | "reaction" | "outcome" }>
  | (Omit<Extract<Trigger, { kind: "message" }>, "channel"> & { readonly channel: string })
  | (Omit<Extract<Trigger, { kind: "reaction" }>, "channel"> & { readonly channel: string | null })
  | Omit<Extract<Trigger, { kind: "outcome" }>, "workflowId">;

/** The channel that a trigger is said in. */
export const HERE = "here";

/** When it is due by itself; null for what waits for something to happen. */
export const scheduleOf = (trigger: Trigger): Schedule | null =>
  trigger.kind === "schedule" || trigger.kind === "change" ? trigger.schedule : null;

/** What is asked before each run; null: nothing. */
export function gateOf(trigger: Trigger): Gate | null {
  if (trigger.kind === "person") return null;
  if (trigger.kind !== "change") return trigger.gate ?? null;
  return { tool: READS_PAGES, input: { url: trigger.url }, path: null, condition: { kind: "changed" } };
}

/** The page that a gate compares as a whole with how it was; null: its tool is called. */
export function pageOf(gate: Gate): string | null {
  const { url } = gate.input;
  const isPlain = gate.tool === READS_PAGES && Object.keys(gate.input).length === 1 && typeof url === "string";
  return isPlain && gate.path === null && gate.condition.kind === "changed" ? url : null;
}

/** Of which kind the firings of a trigger are. */
export function firingKindOf(trigger: Trigger): FiringKind {
  switch (trigger.kind) {
    case "schedule":
      return "slot";
    case "person":
    case "webhook":
    case "message":
    case "reaction":
    case "outcome":
    case "change":
      return trigger.kind;
    default:
      return assertNever(trigger, "trigger");
  }
}
