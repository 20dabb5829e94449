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

/** What it may call no more, and what it may call besides. */
export const toolsDiff = (before: readonly string[], after: readonly string[]): string[] => [
  ...listed("- may call", before, after),
  ...listed("+ may call", after, before),
];

function listed(lead: string, these: readonly string[], those: readonly string[]): string[] {
  const only = these.filter((name) => !those.includes(name));
  return only.length === 0 ? [] : [`${lead} ${only.join(", ")}`];
}

const reportsTo = ({ destination }: RevisionContent): string =>
  destination.broadcast ? "reports in the thread and in the channel" : "reports in the thread";

const changed = (from: string, to: string): string[] => (from === to ? [] : [`- ${from}`, `+ ${to}`]);
