/** What may be called, who is asked, and what a rule would change: in plain words. Pure. */
import type { CheckView, PermissionsView, RuleView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Card, card } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, heading, row, upperFirst } from "./parts.ts";
import { marked, plain } from "./plain.ts";

/** The whole policy of a workspace, or what of it holds for one workflow. */
export function permissionsCard(view: PermissionsView): Card {
  const of = view.workflow === null ? "this workspace" : plain(view.workflow);
  return card({
    title: heading(
      `What ${of} may do: ${view.rules.length === 0 ? "no rule of its own" : plural(view.rules.length, "rule")}`,
    ),
    text: [...view.basis.map((line) => `- ${upperFirst(line)}`)].join("\n"),
    facts: [
      ...fact("tools", view.tools.length === 0 ? null : plain(view.tools.join(", "))),
      ...fact("reads at", view.workflow === null ? null : placesWords(view.places)),
      ...fact("approves", upperFirst(marked(view.approvals))),
      ...fact("limits", plain(view.limits)),
    ],
    rows: view.rules.map(({ name, words }) => {
      const number = /^rule (\d+)$/u.exec(name)?.[1];
      const remove = number === undefined ? [] : commandButtons("Remove", `policy remove ${number}`);
      return row(null, `${upperFirst(plain(name))}: it ${marked(words)}`, "", remove);
    }),
    footer:
      "/claw allow … and /claw deny … add rules · /claw policy check <tool> {…} tries a call · the strictest rule wins",
  });
}

/** Where it reads without asking, whatever it has read before. What changes something asks there, too. */
export const placesWords = (places: readonly string[]): string =>
  places.length === 0
    ? "nowhere unasked once it has read text from outside"
    : `${places.map(marked).join(", ")} without asking, whatever it has read; elsewhere it asks once it has read text from outside`;

/** Before a rule holds. */
export function ruleCard(view: RuleView): Card {
  const where = view.workflow === null ? "every workflow here" : plain(view.workflow);
  return card({
    state: "asks",
    title: heading(`From now on ${where} ${marked(view.words)}?`),
    facts: [
      ...fact("rule", upperFirst(marked(view.words))),
      ...fact(
        "where",
        view.workflow === null ? "the whole workspace, open runs too" : `${plain(view.workflow)}, open runs too`,
      ),
      ...fact("wins", "the strictest rule: what another one forbids stays forbidden"),
    ],
    buttons: [button("Save", "rule.save", view.ruleId, "primary"), button("Cancel", "rule.drop", view.ruleId)],
    footer: "nothing changes before you save · kept for a day",
  });
}

/** What became of a rule. */
export function ruleDoneCard(view: RuleView, how: "added" | "removed"): Card {
  const where = view.workflow === null ? "every workflow here" : plain(view.workflow);
  return card({
    state: "done",
    title: heading(
      how === "added"
        ? `Rule ${view.number} holds: ${where} ${marked(view.words)}`
        : `Rule ${view.number} holds no more: ${where} ${marked(view.words)}`,
    ),
    buttons: commandButtons("Policy", view.workflow === null ? "policy" : `policy ${view.workflow}`),
  });
}

const OUTCOMES = { run: "would run", ask: "would ask", refuse: "would be refused" } as const;

/** What would become of a call; nothing was called. */
export function checkCard(view: CheckView): Card {
  const [first, second] = view.outcomes;
  const same =
    first &&
    second &&
    JSON.stringify({ ...first, afterOutside: null }) === JSON.stringify({ ...second, afterOutside: null });
  const shown = same ? view.outcomes.slice(0, 1) : view.outcomes;
  return card({
    title: heading(
      `${plain(view.tool)} ${first ? OUTCOMES[first.kind] : ""}${view.workflow === null ? "" : ` in ${plain(view.workflow)}`}`,
    ),
    rows: shown.map(({ afterOutside, kind, reasons, who, rules }) =>
      row(
        kind === "run" ? "done" : kind === "ask" ? "asks" : "failed",
        `${same ? "In any case" : afterOutside ? "After text from outside" : "As long as it read nothing from outside"} it ${OUTCOMES[kind]}${who === null ? "" : ` ${marked(who)}`}`,
        dotted(reasons.map(marked).join("; "), `decided by ${rules.map(plain).join(", ")}`),
      ),
    ),
    footer: "nothing was called; a grant may still cover a call that would ask",
  });
}
