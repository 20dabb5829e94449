/** Money: a run at its ceiling, and what was spent. Pure. */
import type { CostView, Notice } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Card, card, instant } from "./card.ts";
import { ceiling, money, plural } from "./figures.ts";
import { fact, firstOf, heading, row, workflowName } from "./parts.ts";
import { person } from "./plain.ts";

export function budgetCard(notice: Extract<Notice, { kind: "budgetAsked" }>): Card {
  const { run, decision } = notice;
  const at =
    notice.scope === "run" ? ceiling(notice.limitMicros) : `the workspace's ${ceiling(notice.limitMicros)} a day`;
  const facts = [
    ...fact("spent", `${money(notice.spentMicros)} of ${ceiling(notice.limitMicros)}`),
    ...fact("today", `workspace ${money(notice.dayMicros)} of ${ceiling(notice.dayLimitMicros)}`),
  ];
  if (decision !== null) {
    const allowed = decision.kind === "allowed";
    return card({
      state: allowed ? "done" : "failed",
      title: heading(
        `${allowed ? `${money(notice.offerMicros)} more allowed` : "Stopped"} by ${person(decision.by)} ${instant(decision.at)}`,
      ),
      aside: `${workflowName(run)}, run ${run.number}`,
      facts,
    });
  }
  return card({
    state: "paused",
    title: heading(
      `Paused at ${at}: run ${run.number} wants one more model call (at most ${money(notice.neededMicros)})`,
    ),
    aside: workflowName(run),
    facts: [...facts, ...fact("who", notice.scope === "run" ? "its owner or an admin" : "an admin")],
    buttons: [
      button(`Allow ${money(notice.offerMicros)} more`, "budget.allow", notice.waitId, "primary"),
      button("Stop", "budget.stop", notice.waitId, "danger"),
    ],
  });
}

const BAR = 20;

/** What was spent: by workflow as rows, by day as a bar each. */
export function costCard(view: CostView): Card {
  const most = Math.max(1, ...view.byDay.map((day) => day.micros));
  const { shown, rest } = firstOf(view.byWorkflow);
  const bars = view.byDay.map(({ day, micros }) =>
    `${day}  ${money(micros).padStart(8)}  ${"█".repeat(Math.ceil((micros / most) * BAR))}`.trimEnd(),
  );
  return card({
    title: `${money(view.totalMicros)} in ${plural(view.days, "day")} · today ${money(view.todayMicros)} of ${ceiling(view.todayLimitMicros)}`,
    text: bars.length === 0 ? "" : `\`\`\`\n${bars.join("\n")}\n\`\`\``,
    rows: shown.map((workflow) =>
      row(null, workflowName(workflow), `${money(workflow.micros)} · ${plural(workflow.runs, "run")}`),
    ),
    footer: rest,
  });
}
