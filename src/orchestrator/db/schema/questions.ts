/** Questions that runs ask people. */
import { sql } from "drizzle-orm";
import { index, integer, pgEnum, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { QUESTION_STATUSES } from "../../questions/question.ts";
import { at } from "./columns.ts";
import { runs } from "./runs.ts";
import { workspaceId } from "./workspaces.ts";

export const questionStatus = pgEnum("question_status", QUESTION_STATUSES);

export const questions = pgTable(
  "questions",
  {
    id: uuid("id").primaryKey(),
    workspaceId: workspaceId(),
    number: integer("number").notNull(),
    runId: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    turn: integer("turn").notNull(),
    callIndex: integer("call_index").notNull(),
    status: questionStatus("status").notNull(),
    text: text("text").notNull(),
    /** Null: any text answers. */
    choices: text("choices").array(),
    /** Roles, and groups or members as `@name`; null: the workflow's owner, approvers and admins. */
    answerers: text("answerers").array(),
    /** When people are reminded; null once they were, or when it is not to be. */
    remindAt: at("remind_at"),
    createdAt: at("created_at").notNull(),
    answer: text("answer"),
    answeredBy: text("answered_by"),
    endedAt: at("ended_at"),
  },
  (t) => [
    unique("questions_number").on(t.workspaceId, t.number),
    index("questions_of_run").on(t.runId),
    index("questions_remind").on(t.remindAt).where(sql`status = 'open' and remind_at is not null`),
  ],
);
