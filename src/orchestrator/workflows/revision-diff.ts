/** What differs between two revisions of a workflow, in words. Pure. */
import { describeSchedule } from "../schedules/words.ts";
import { policyDiff } from "./policy-terms.ts";
import type { Revision, Trigger } from "./workflow.ts";

export type RevisionContent = Pick<Revision, "trigger" | "instruction" | "destination" | "policies">;

export const scheduleWords = (trigger: Trigger): string =>
  trigger.kind === "schedule" ? describeSchedule(trigger.schedule) : "Once, now";

/** As lines of a diff; empty when nothing does. */
export const revisionDiff = (before: RevisionContent, after: RevisionContent): string[] => [
  ...changed(scheduleWords(before.trigger), scheduleWords(after.trigger)),
  ...changed(before.instruction, after.instruction),
  ...changed(reportsTo(before), reportsTo(after)),
  ...policyDiff(before.policies, after.policies),
];

const reportsTo = ({ destination }: RevisionContent): string =>
  destination.broadcast ? "reports in the thread and in the channel" : "reports in the thread";

const changed = (from: string, to: string): string[] => (from === to ? [] : [`- ${from}`, `+ ${to}`]);
