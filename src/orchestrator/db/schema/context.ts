/** Texts that may go into a model call, each kept once. */
import { index, integer, pgEnum, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";
import { workspaceId } from "./workspaces.ts";

export const sensitivity = pgEnum("sensitivity", ["public", "workspace", "private"]);
export const pieceTrust = pgEnum("piece_trust", ["trusted", "untrusted"]);

export const pieces = pgTable(
  "pieces",
  {
    workspaceId: workspaceId(),
    /** SHA-256 of the text, hex. */
    hash: text("hash").notNull(),
    body: text("body").notNull(),
    tokens: integer("tokens").notNull(),
    sensitivity: sensitivity("sensitivity").notNull(),
    trust: pieceTrust("trust").notNull(),
    createdAt: at("created_at").notNull(),
    /** To about a day; a piece that nothing uses any more is pruned. */
    lastUsedAt: at("last_used_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.hash] }), index("pieces_unused").on(t.lastUsedAt)],
);
