/** Standing yeses: what one would allow, those there are, and what became of one. Pure. */
import type { Given, GrantView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Card, card, type Fact, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, firstOf, heading, row } from "./parts.ts";
import { marked, person, plain } from "./plain.ts";

/** The second step: nothing is allowed before *Give it*. @param wrong what was wrong with the change, nothing of it is kept */
export function grantCard(view: GrantView, wrong: string | null = null): Card {
  return card({
    state: "asks",
    title: heading(`${wrong === null ? "" : "Not changed. "}Always allow this in ${plain(view.workflow)}?`),
    text: wrong === null ? "" : plain(wrong),
    facts: [
      whole("allows", marked(view.words)),
      ...fact("uses", `at most ${plural(view.uses, "call")}, until ${instant(view.expiresAt)}`),
      ...fact("outside", outsideWords(view)),
      ...fact("void", "when the tool or the workflow's instruction changes; /claw revoke takes it back"),
    ],
    buttons: [
      button("Give it", "grant.give", view.grantId, "primary"),
      button("Change…", "grant.change", view.grantId, "plain", {
        label: "What it allows: * stands for any letters; \\* is a star",
        initial: view.lines,
        required: true,
      }),
      ...(view.mayHoldOutside || view.afterOutside
        ? [
            button(
              view.afterOutside ? "☑ Even after outside text" : "☐ Even after outside text",
              "grant.outside",
              view.grantId,
            ),
          ]
        : []),
      button("Cancel", "grant.drop", view.grantId),
    ],
    footer: "only who asked for it can give it · kept for a day",
  });
}

/** Never cut: what is allowed has to be seen whole. */
const whole = (label: string, value: string): Fact => ({ label, value, code: true });

/** Said before it is given: what reads text from outside passes it on in its report, so that the next run asks again. */
function outsideWords({ afterOutside, mayHoldOutside, readsOutside }: GrantView): string {
  if (afterOutside) return "it holds also after the run has read text from outside";
  const reads =
    readsOutside.length === 0
      ? ""
      : `. This workflow can read such text (${readsOutside.map(plain).join(", ")}), and its last report carries it into the next run`;
  const cure = reads === "" ? "" : ": tick Even after outside text, or expect to be asked again";
  return mayHoldOutside
    ? `after the run has read text from outside it still asks${reads}${cure}`
    : `after the run has read text from outside it always asks: not every argument that says where is fixed${reads}`;
}

/** All grants, those that hold first. */
export function grantsCard(views: readonly GrantView[]): Card {
  if (views.length === 0) {
    return card({
      title: "Nothing is granted: every call that changes something asks",
      buttons: commandButtons("Approvals", "approvals"),
    });
  }
  const held = views.filter(({ over }) => over === null);
  const { shown, rest } = firstOf([...held, ...views.filter(({ over }) => over !== null)]);
  return card({
    title: `${plural(held.length, "grant")} ${held.length === 1 ? "holds" : "hold"}${held.length === views.length ? "" : `, ${views.length - held.length} over`}`,
    rows: shown.map((view) =>
      row(
        view.over === null ? "done" : "failed",
        `${view.number}: ${plain(view.workflow)} may call ${marked(view.words)}`,
        dotted(
          view.over === null
            ? `${view.usesLeft} of ${view.uses} left, until ${instant(view.expiresAt)}`
            : plain(view.over),
          view.afterOutside ? "even after outside text" : "not after outside text",
          `given by ${person(view.by)}`,
        ),
        view.over === null ? commandButtons("Revoke", `revoke ${view.number}`) : [],
      ),
    ),
    footer: rest,
  });
}

export function givenCard({ grant, approved }: Given): Card {
  return card({
    state: "done",
    title: heading(
      `Grant ${grant.number} holds in ${plain(grant.workflow)}${approved === null ? "" : `; approval ${approved} is approved with it`}`,
    ),
    facts: [
      whole("allows", marked(grant.words)),
      ...fact("uses", `at most ${plural(grant.uses, "call")}, until ${instant(grant.expiresAt)}`),
      ...fact("outside", grant.afterOutside || grant.readsOutside.length === 0 ? null : outsideWords(grant)),
    ],
    buttons: [...commandButtons("Revoke", `revoke ${grant.number}`), ...commandButtons("Grants", "grants")],
  });
}

export const revokedCard = (view: GrantView): Card =>
  card({
    state: "done",
    title: heading(`Grant ${view.number} is taken back: ${plain(view.workflow)} asks again`),
    facts: [whole("was", marked(view.words)), ...fact("used", `${view.uses - view.usesLeft} of ${view.uses}`)],
  });
