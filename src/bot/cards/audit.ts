/** Who changed what, when. Pure. */
import type { AuditView } from "../../orchestrator/index.ts";
import { type Card, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, firstOf, row } from "./parts.ts";
import { cut, exact, person, plain } from "./plain.ts";

export function auditCard(events: readonly AuditView[]): Card {
  if (events.length === 0) return card({ title: "Nothing was changed yet" });
  const { shown, rest } = firstOf(events);
  const open = events.filter(({ sealed }) => !sealed).length;
  return card({
    title: plural(events.length, "change"),
    rows: shown.map((event) => {
      const detail = Object.keys(event.detail).length === 0 ? null : cut(exact(JSON.stringify(event.detail)), 200);
      return row(
        null,
        `${plain(event.action)} by ${person(event.actor)}`,
        dotted(instant(event.at), cut(plain(event.subject), 100), detail, event.sealed ? null : "not sealed yet"),
      );
    }),
    footer: dotted(rest, open === 0 ? "all sealed" : `${open} of ${events.length} not sealed yet`),
  });
}
