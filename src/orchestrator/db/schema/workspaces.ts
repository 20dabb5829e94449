/** Workspaces, their members and their secrets. */
import { sql } from "drizzle-orm";
import { integer, pgEnum, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { PLATFORMS, ROLES } from "../../ports.ts";
import { at, bytea } from "./columns.ts";

export const platform = pgEnum("platform", PLATFORMS);
export const role = pgEnum("role", ROLES);

export const workspaces = pgTable("workspaces", {
  id: text("id").primaryKey(),
  platform: platform("platform").notNull(),
  team: text("team").notNull(),
  name: text("name").notNull(),
  timezone: text("timezone").notNull(),
  /** Last number given to a run, to an approval, to a question and to a memory; people type them. */
  runCounter: integer("run_counter").notNull().default(0),
  approvalCounter: integer("approval_counter").notNull().default(0),
  questionCounter: integer("question_counter").notNull().default(0),
  memoryCounter: integer("memory_counter").notNull().default(0),
  /** Since when everything is stopped, and who said so (a member's name); null while it goes on. */
  stoppedAt: at("stopped_at"),
  stoppedBy: text("stopped_by"),
  createdAt: at("created_at").notNull(),
});

/** Every other table carries its workspace. */
export const workspaceId = () =>
  text("workspace_id")
    .notNull()
    .references(() => workspaces.id);

export const members = pgTable(
  "members",
  {
    workspaceId: workspaceId(),
    id: text("id").notNull(),
    name: text("name").notNull(),
    role: role("role").notNull(),
    /** IANA zone, or null: the workspace's. */
    timezone: text("timezone"),
    /** User groups or roles of the platform, by id and by `@name`. */
    groups: text("groups").array().notNull().default(sql`'{}'::text[]`),
    leftAt: at("left_at"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.id] })],
);

export const secrets = pgTable(
  "secrets",
  {
    workspaceId: workspaceId(),
    name: text("name").notNull(),
    /** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. */
    sealed: bytea("sealed").notNull(),
    keyId: text("key_id").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.name] })],
);
