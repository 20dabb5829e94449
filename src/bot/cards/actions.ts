/** What a press on a button can mean. Adapters carry these; the dispatcher answers each. Pure. */
import type { Button } from "./card.ts";

/** What may be done without a question, and the switch for everything. */
export const PERMISSION_ACTIONS = [
  "rule.save",
  "rule.drop",
  /** Its value is an approval's id: always allow calls like it. */
  "grant.ask",
  /** Its text is the grant's lines. */
  "grant.change",
  "grant.outside",
  "grant.give",
  "grant.drop",
  "stop.everything",
  "stop.cancel",
] as const;

export const ACTIONS = [
  "draft.create",
  "draft.edit",
  "draft.dry_run",
  "draft.cancel",
  "approval.approve",
  /** Its text is the arguments to approve instead, as JSON. */
  "approval.change",
  "approval.deny",
  /** Its value is a question's id and the place of a choice: `<id>:0`. */
  "question.choose",
  /** Its text is the answer. */
  "question.answer",
  "budget.allow",
  "budget.stop",
  "effect.happened",
  "effect.again",
  "effect.stop",
  "version.go_on",
  "version.again",
  "version.stop",
  "run.retry",
  "run.discard",
  "run.inspect",
  "run.cancel",
  /** Begin a dead run anew, although it had changed something already. */
  "run.restart",
  "incident.ack",
  "workflow.run",
  /** Its value is the id of an event that was left out: it is done now. */
  "firing.run",
  "workflow.pause",
  "workflow.resume",
  "workflow.inspect",
  /** The second step of *delete*, which nothing takes back. */
  "workflow.delete",
  "workflow.keep",
  "webhook.saved",
  /** What did not arrive in its channel. */
  "workflow.send_again",
  /** Its text is a line as after `/claw edit <workflow>`, or a filled form as JSON. */
  "workflow.edit",
  /** Their value is the question in short: which workflow, which times, which revision. */
  "backfill.run",
  "backfill.cancel",
  /** Their value says which workflow, which policy, and what it would be. */
  "policy.change",
  "policy.save",
  "policy.cancel",
  ...PERMISSION_ACTIONS,
  /** Its text is what the memory is to say. */
  "memory.correct",
  /** Its value is a whole line after `/claw`, as if the person who presses had typed it. */
  "command",
] as const;
export type Action = (typeof ACTIONS)[number];

export const isAction = (action: string): action is Action => (ACTIONS as readonly string[]).includes(action);

/** Longest value that every platform carries with a button. */
const MAX_VALUE = 80;

/** @param value opaque id of what it is about: a draft's, workflow's, run's, approval's, question's or wait's */
export function button(
  label: string,
  action: Exclude<Action, "command">,
  value: string,
  style: Button["style"] = "plain",
  input?: Button["input"],
): Button {
  return { label, action, value, style, ...(input === undefined ? {} : { input }) };
}

/** A button that runs a line, or none when the line is too long to be carried. */
export const commandButtons = (label: string, line: string): readonly Button[] =>
  line.length > MAX_VALUE ? [] : [{ label, action: "command", value: line, style: "plain" }];

/** Asks for a reason that may be left out. */
export const REASON = { label: "Reason (may be left empty)", initial: "", required: false } as const;
