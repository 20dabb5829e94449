/** What runs of a workflow were given of sources that grow, such as a feed. */
import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";
import { workflows } from "./workflows.ts";
import { workspaceId } from "./workspaces.ts";

export const seenItems = pgTable(
  "seen_items",
  {
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    /** SHA-256 of the source's name and of the item's, hex. */
    source: text("source").notNull(),
    item: text("item").notNull(),
    /** The first run that ended well, or else the last, that was given it. May be pruned: then it ended. */
    runId: uuid("run_id").notNull(),
    /** When a run last came upon it. */
    seenAt: at("seen_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workflowId, t.source, t.item] }), index("seen_items_old").on(t.seenAt)],
);
