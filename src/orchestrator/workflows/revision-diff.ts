/** What differs between two revisions of a workflow, in words. Pure. */
import { triggerWords } from "../triggers/words.ts";
import { policyDiff } from "./policy-terms.ts";
import type { Revision } from "./workflow.ts";

export type RevisionContent = Pick<Revision, "trigger" | "instruction" | "destination" | "policies">;

/** As lines of a diff; empty when nothing does. */
export const revisionDiff = (before: RevisionContent, after: RevisionContent): string[] => [
  ...changed(triggerWords(before.trigger), triggerWords(after.trigger)),
  ...changed(before.instruction, after.instruction),
  ...changed(reportsTo(before), reportsTo(after)),
  ...policyDiff(before.policies, after.policies),
];

const reportsTo = ({ destination }: RevisionContent): string =>
  destination.broadcast ? "reports in the thread and in the channel" : "reports in the thread";

const changed = (from: string, to: string): string[] => (from === to ? [] : [`- ${from}`, `+ ${to}`]);
