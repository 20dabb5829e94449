/** Replays: that one began, and what came out otherwise than in the run it repeats. Pure. */
import type { Notice, StartedReplay } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { doneCard } from "./answer.ts";
import { type Card, type CardRow, card } from "./card.ts";
import { duration, money, plural } from "./figures.ts";
import { dotted, fact, heading, row, workflowName } from "./parts.ts";
import { cut, diffLine, exact, plain } from "./plain.ts";

type Replayed = Extract<Notice, { kind: "replayed" }>;

export const replayingCard = ({ number, of, revision }: StartedReplay): Card =>
  doneCard(
    `Run ${number} replays run ${of} on revision ${revision}. It touches nothing and asks nobody; you alone see what differs.`,
  );

export function replayedCard(notice: Replayed): Card {
  const { run, of, was, is, calls, report } = notice;
  const differs = calls.differences.length + calls.more;
  const same = differs === 0 && report.length === 0 && endOf(was) === endOf(is);
  return card({
    state: is.status === "succeeded" ? "done" : "failed",
    title: heading(
      `${workflowName(run)}: the replay of run ${of.number} ${same ? "came out the same" : "came out differently"}`,
    ),
    aside: `run ${run.number} · ${duration(is.figures.durationMs)} · ${money(is.figures.costMicros)}`,
    facts: [
      ...fact("ended", both(endOf(was), endOf(is))),
      ...fact("calls", dotted(`${calls.same} the same`, differs === 0 ? null : `${differs} not`, unanswered(calls))),
      ...fact("report", report.length === 0 ? "the same" : null),
      ...fact("cost", both(money(was.figures.costMicros), money(is.figures.costMicros))),
      ...fact("steps", both(String(was.figures.steps), String(is.figures.steps))),
      ...fact("revision", both(String(was.revision), String(is.revision))),
      ...fact("model", was.model === is.model ? null : both(plain(was.model), plain(is.model))),
    ],
    diff: [
      ...report.map((line) => cut(diffLine(line), 400)),
      ...(notice.reportMore > 0 ? [`  and ${plural(notice.reportMore, "more line")}`] : []),
    ],
    rows: [
      ...calls.differences.map(callRow),
      ...(calls.more > 0 ? [row(null, `and ${plural(calls.more, "more difference")}`)] : []),
    ],
    buttons: [button("Inspect", "run.inspect", run.runId), button(`Inspect run ${of.number}`, "run.inspect", of.runId)],
    footer: "tools were answered from the journal; nothing was changed and nobody was asked",
  });
}

const both = (was: string, is: string): string => (was === is ? was : `${was} → ${is}`);

const endOf = ({ status, verdict }: Replayed["was"]): string =>
  status === "succeeded" && verdict !== null ? verdict.replaceAll("_", " ") : status;

const unanswered = ({ unanswered: count }: Replayed["calls"]): string | null =>
  count === 0 ? null : `${count} not in the journal`;

function callRow(call: Replayed["calls"]["differences"][number]): CardRow {
  const tool = cut(plain(call.tool), 80);
  switch (call.kind) {
    case "added":
      return row(null, `+ ${tool}`, shown(call.is));
    case "missing":
      return row(null, `- ${tool}`, shown(call.was));
    case "changed":
      return row(null, `${tool}, other arguments`, `${shown(call.was)} → ${shown(call.is)}`);
  }
}

const shown = (json: string): string => cut(exact(json), 300);
