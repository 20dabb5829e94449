/** What is remembered beyond a run: small items, each for a workflow, a channel or the workspace. */
import { index, integer, pgEnum, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { MEMORY_SCOPES } from "../../memory/memory.ts";
import { at } from "./columns.ts";
import { pieceTrust, sensitivity } from "./context.ts";
import { workspaceId } from "./workspaces.ts";

export const memoryScope = pgEnum("memory_scope", MEMORY_SCOPES);

export const memories = pgTable(
  "memories",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    /** What people type; never given twice. */
    number: integer("number").notNull(),
    text: text("text").notNull(),
    /** Of what makes two of one place the same, and of their owner when they are private. */
    textHash: text("text_hash").notNull(),
    scope: memoryScope("scope").notNull(),
    /** The workflow's id, the channel's, or the workspace's. */
    place: text("place").notNull(),
    ownerId: text("owner_id").notNull(),
    /** `private`: for runs of its owner alone. */
    sensitivity: sensitivity("sensitivity").notNull(),
    trust: pieceTrust("trust").notNull(),
    /** The run that proposed it; null: a person said it. */
    runId: uuid("run_id"),
    /** Key of the step or of the event it came with, so that it is kept once. */
    key: text("key").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    /** Null: for good. */
    expiresAt: at("expires_at"),
  },
  (t) => [
    unique("memories_number").on(t.workspaceId, t.number),
    unique("memories_key").on(t.workspaceId, t.key),
    unique("memories_text").on(t.workspaceId, t.place, t.textHash),
    index("memories_over").on(t.expiresAt),
  ],
);
