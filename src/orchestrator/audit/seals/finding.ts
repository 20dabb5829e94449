/** What the verifier can find wrong with the record. Pure. */
import { assertNever } from "../../errors.ts";

export type Finding =
  /** Any column of a sealed event is not what was sealed; two swapped events are two of these. */
  | { readonly kind: "event_changed"; readonly id: number; readonly seal: number }
  | { readonly kind: "event_missing"; readonly id: number; readonly seal: number }
  /** Listed by the seal, but marked with another one, or with none (null). */
  | { readonly kind: "event_unmarked"; readonly id: number; readonly seal: number; readonly marked: number | null }
  /** Marked with a seal that does not list them. */
  | {
      readonly kind: "events_unlisted";
      readonly seal: number;
      readonly count: number;
      readonly firstId: number;
      readonly lastId: number;
    }
  | { readonly kind: "seals_missing"; readonly from: number; readonly to: number }
  | { readonly kind: "seal_changed"; readonly seal: number; readonly events: number }
  /** Whole in itself, but not the successor of the seal before it. */
  | { readonly kind: "seal_out_of_chain"; readonly seal: number }
  /** The chain ends (at `last`) before the head that was kept. */
  | { readonly kind: "head_missing"; readonly seal: number; readonly last: number }
  | { readonly kind: "head_differs"; readonly seal: number };

/** A sentence for operators. */
export function findingInWords(finding: Finding): string {
  switch (finding.kind) {
    case "event_changed":
      return `Event ${finding.id}, covered by seal ${finding.seal}, was changed.`;
    case "event_missing":
      return `Event ${finding.id}, covered by seal ${finding.seal}, was removed.`;
    case "event_unmarked":
      return `Event ${finding.id}, covered by seal ${finding.seal}, is marked ${
        finding.marked === null ? "as not sealed" : `as covered by seal ${finding.marked}`
      }.`;
    case "events_unlisted":
      return finding.count === 1
        ? `Event ${finding.firstId} says it is covered by seal ${finding.seal}, which does not list it: it was inserted.`
        : `${finding.count} events from ${finding.firstId} to ${finding.lastId} say they are covered by seal ${finding.seal}, which does not list them.`;
    case "seals_missing":
      return finding.from === finding.to
        ? `Seal ${finding.from} was removed.`
        : `Seals ${finding.from} to ${finding.to} were removed.`;
    case "seal_changed":
      return `Seal ${finding.seal} was changed; the ${finding.events} events it lists cannot be checked.`;
    case "seal_out_of_chain":
      return `Seal ${finding.seal} does not follow the seal before it: one of the two was replaced.`;
    case "head_missing":
      return `The chain was cut: the head kept elsewhere is seal ${finding.seal}, the last one here is ${finding.last}.`;
    case "head_differs":
      return `The chain was rewritten: seal ${finding.seal} is not the one in the head kept elsewhere.`;
    default:
      return assertNever(finding, "finding");
  }
}
