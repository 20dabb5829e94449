/** A console on a database of its own, with sample pages behind it. */
import { join } from "node:path";
import { type Card, card } from "../../../src/bot/cards/card.ts";
import { createConsole } from "../../../src/bot/console/console.ts";
import type { Console, ConsoleDeps, ConsolePages } from "../../../src/bot/console/deps.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { systemIds } from "../../../src/orchestrator/ids.ts";
import { quietLog, type TestDatabase } from "../../support/database.ts";

export const WORKSPACE = "console:demo";
export const ADA = { memberId: "console:demo:ada", name: "Ada", role: "admin" } as const;
export const LIN = { memberId: "console:demo:lin", name: "Lin", role: "approver" } as const;

const NO_PAGES: ConsolePages = {
  workflows: async () => [],
  workflow: async () => null,
  run: async () => null,
  audit: async () => [],
};

const cardOf = (notice: Notice): Card =>
  notice.kind === "reply" ? (notice.card as Card) : card({ title: notice.kind });

export interface Printed {
  readonly urls: string[];
}

/** Not started yet. */
export function consoleOn(
  database: TestDatabase,
  parts: Partial<ConsoleDeps> = {},
): Console & { readonly printed: Printed } {
  const printed: Printed = { urls: [] };
  const made = createConsole({
    db: database.db,
    listen: async (channel, onMessage) => {
      const { unlisten } = await database.sql.listen(channel, onMessage);
      return unlisten;
    },
    clock: { now: () => Date.now() },
    ids: systemIds,
    log: quietLog,
    host: "127.0.0.1",
    port: 0,
    token: null,
    workspace: { id: WORKSPACE, name: "Demo", demo: true },
    people: [ADA, LIN],
    channels: ["general", "ops"],
    noticeCard: cardOf,
    completions: async (text) => ["list", "status", "help"].filter((command) => command.startsWith(text)),
    pages: NO_PAGES,
    onNewKey: (url) => printed.urls.push(url),
    publicDir: join(import.meta.dirname, "../../../src/bot/console/public"),
    ...parts,
  });
  return { ...made, printed };
}
