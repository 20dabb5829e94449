/** Dry runs: that one began, and what it read, would have asked for and would have reported. Pure. */
import type { Notice, StartedDryRun } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Card, type CardRow, card } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, heading, headline, row, runAside, upperFirst, workflowName } from "./parts.ts";
import { cut, diffLine, exact, plain, prose, withInstants } from "./plain.ts";

type DryRan = Extract<Notice, { kind: "dryRan" }>;

/** Lines of diffs a card shows in all. */
const MAX_DIFF = 60;

export const dryRunningCard = ({ runId, number, name }: StartedDryRun): Card =>
  card({
    state: "running",
    title: heading(`Run ${number} tries ${cut(plain(name), 60)} now, dry`),
    text: "It reads, and changes nothing. You alone see what comes of it.",
    buttons: [button("Cancel", "run.cancel", runId, "danger")],
  });

export function dryRanCard(notice: DryRan): Card {
  const { run, would, moreWould } = notice;
  const asked = would.filter(asks).length + moreWould;
  return card({
    state: notice.status === "succeeded" ? "done" : "failed",
    title: heading(`Dry run of ${workflowName(run)}: ${outcomeOf(notice, asked)}`),
    aside: runAside(run, notice.figures),
    text: reportOf(notice),
    facts: [
      ...fact("read", readsOf(notice)),
      ...fact("asks", asked === 0 ? "nothing" : `about ${plural(asked, "call")}, as below`),
      ...fact(
        "model",
        notice.model === "rules" ? "rules model: fetches, compares, reminds, no reasoning" : plain(notice.model),
      ),
    ],
    diff: diffOf(notice),
    rows: [
      ...would.map(wouldRow),
      ...(moreWould > 0 ? [row(null, `and ${plural(moreWould, "more call")}; Inspect shows them`)] : []),
    ],
    buttons: [
      ...(notice.draft ? [button("Create", "draft.create", run.workflowId, "primary")] : []),
      button("Inspect", "run.inspect", run.runId),
    ],
    footer: "reads were made; nothing was changed, nobody was asked, nothing was remembered",
  });
}

function outcomeOf({ status, verdict, failure }: DryRan, asked: number): string {
  if (status === "cancelled") return "cancelled";
  if (status !== "succeeded") return failure === null ? "failed" : withInstants(plain(failure.message));
  if (verdict?.kind === "blocked") return "it would have been blocked";
  const says = verdict?.kind === "nothing_to_report" ? "it would report nothing" : "it would report";
  return asked === 0 ? says : `${says}, and ask about ${plural(asked, "call")} first`;
}

function reportOf({ verdict }: DryRan): string {
  if (verdict === null || verdict.text.trim() === "") return "";
  const { title, text } = headline(verdict.text);
  const lead = verdict.kind === "report" ? "It would report" : upperFirst(verdict.kind.replaceAll("_", " "));
  return `**${lead}:** ${title}${text === "" ? "" : `\n\n${prose(text)}`}`;
}

function readsOf({ reads, moreReads }: DryRan): string {
  if (reads.length === 0) return "nothing";
  const named = reads.map(({ tool, target, exactly, failure }) =>
    dotted(
      `${plain(tool)} ${cut(plain(target ?? exact(exactly)), 80)}`,
      failure && `failed: ${cut(plain(failure), 120)}`,
    ),
  );
  return `${named.join("; ")}${moreReads > 0 ? `; and ${moreReads} more` : ""}`;
}

/**
 * Nobody is asked about a write that has no reason to ask, for it changes only what Claw itself keeps; nor whether a run
 * may wait.
 */
const asks = ({ effect, reasons, waits }: DryRan["would"][number]): boolean =>
  !waits && (effect !== "write" || reasons.length > 0);

const wouldRow = (call: DryRan["would"][number]): CardRow =>
  row(
    asks(call) ? "asks" : null,
    asks(call)
      ? `Would have asked: may I ${cut(plain(call.action), 110)}?`
      : `Would ${call.waits ? "" : "do without asking: "}${cut(plain(call.action), 110)}`,
    dotted(
      call.effect,
      call.target === null ? null : `to ${cut(plain(call.target), 100)}`,
      call.reasons.map(plain).join("; "),
      `${plain(call.tool)} ${cut(exact(call.exactly), 500)}`,
    ),
  );

/** Of all calls together, each under its action. */
function diffOf({ would }: DryRan): readonly string[] {
  const lines = would.flatMap(({ action, diff, moreDiff }) =>
    diff.length === 0
      ? []
      : [
          ...(would.length > 1 ? [`  ${cut(plain(action), 100)}`] : []),
          ...diff.map((line) => cut(diffLine(line), 400)),
          ...(moreDiff > 0 ? [`  and ${plural(moreDiff, "more line")}`] : []),
        ],
  );
  const left = lines.length - MAX_DIFF;
  return left <= 0 ? lines : [...lines.slice(0, MAX_DIFF), `  and ${plural(left, "more line")}; Inspect shows them`];
}
