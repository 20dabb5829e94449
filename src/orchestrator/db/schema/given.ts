/** Which version of a source that changes, such as a page, runs of a workflow were given. */
import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at } from "./columns.ts";
import { workflows } from "./workflows.ts";
import { workspaceId } from "./workspaces.ts";

export const givenVersions = pgTable(
  "given_versions",
  {
    workspaceId: workspaceId(),
    workflowId: uuid("workflow_id")
      .notNull()
      .references(() => workflows.id),
    /** SHA-256 of the source's name, hex. */
    source: text("source").notNull(),
    /** Who was given it. It counts when that run has ended well. May be pruned: then it does not count. */
    runId: uuid("run_id").notNull(),
    url: text("url").notNull(),
    digest: text("digest").notNull(),
    etag: text("etag"),
    lastModified: text("last_modified"),
    /** When a run was first given this version. */
    since: at("since").notNull(),
    /** When this run was. */
    givenAt: at("given_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workflowId, t.source, t.runId] }), index("given_versions_old").on(t.givenAt)],
);
