/** The names of secrets, and what to do instead of typing one. Pure. */
import type { SecretView } from "../../orchestrator/index.ts";
import { type Card, card, instant } from "./card.ts";
import { plural } from "./figures.ts";
import { dotted, firstOf, row } from "./parts.ts";
import { person, plain } from "./plain.ts";

/** How a value comes in: nobody but the command line takes one. */
const setting = (workspaceId: string): string =>
  `\`claw secret set <name> --workspace ${plain(workspaceId)}\` on Claw's machine asks for the value`;

export function secretsCard(secrets: readonly SecretView[], workspaceId: string): Card {
  const { shown, rest } = firstOf(secrets);
  return card({
    title: secrets.length === 0 ? "This workspace has no secrets" : plural(secrets.length, "secret"),
    rows: shown.map(({ name, by, at }) =>
      row(null, plain(name), dotted(`set by ${person(by)}`, instant(at.toISOString()))),
    ),
    text: `${setting(workspaceId)}; no card and no command shows it again.`,
    footer: rest,
  });
}

/** @param workspaceId where it was typed */
export const pastedSecretCard = (workspaceId: string): Card =>
  card({
    state: "failed",
    title: "A secret is never typed in chat",
    text: [
      "Claw has not kept what you typed. Others may have read it: delete your message, and change the secret where it comes from.",
      `Then ${setting(workspaceId)}.`,
    ].join("\n\n"),
  });
