/** Policies: what they are, and what one would become. Pure. */
import type { PoliciesView, PolicyChangeView } from "../../orchestrator/index.ts";
import { button, commandButtons } from "./actions.ts";
import { type Button, type Card, card } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, fact, heading, row, upperFirst, workflowName } from "./parts.ts";
import { diffLine, plain } from "./plain.ts";

/** Every policy of a workflow, which of them are defaults, and what each may be. */
export function policiesCard(view: PoliciesView): Card {
  const own = view.policies.filter(({ isDefault }) => !isDefault).length;
  return card({
    title: heading(`Policies of ${workflowName(view)}: ${own === 0 ? "all are defaults" : `${own} of its own`}`),
    aside: `revision ${view.revision}`,
    rows: view.policies.map(({ name, value, isDefault, takes, token }) =>
      row(null, `${name}: ${value}`, dotted(isDefault ? "default" : "set here", takes), [
        button("Change…", "policy.change", token, "plain", {
          label: upperFirst(takes),
          initial: value,
          required: true,
        }),
      ]),
    ),
    footer: `or /claw set ${view.name} <policy> <value> · <policy> default goes back`,
  });
}

/** Before and after, before anything changes. Its value is checked again when it is pressed. */
export function policyChangeCard(view: PolicyChangeView): Card {
  return card({
    state: "asks",
    title: heading(`Change this policy of ${workflowName(view)}?`),
    diff: view.diff.map(diffLine),
    facts: fact(
      "open runs",
      view.open === 0 ? null : `${plural(view.open, "run")} under way or waiting: kept to what they began with`,
    ),
    buttons: [button("Save", "policy.save", view.token, "primary"), button("Cancel", "policy.cancel", view.token)],
    footer: "nothing changes before you save; its owner or an admin may",
  });
}

/** Leads to where the policy that decided can be changed. */
export const policyButtons = (name: string): readonly Button[] =>
  commandButtons("Change policy", `policies ${plain(name)}`);
