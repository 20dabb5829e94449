/** Outside services as all workers know them: their circuit breakers, and the calls made to them in a minute. */
import { index, integer, jsonb, pgEnum, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Failure } from "../../errors.ts";
import { BREAKER_STATUSES } from "../../services/breaker.ts";
import { at } from "./columns.ts";
import { workspaceId } from "./workspaces.ts";

export const breakerStatus = pgEnum("breaker_status", BREAKER_STATUSES);

export const breakers = pgTable(
  "breakers",
  {
    workspaceId: workspaceId(),
    /** `model:api.openai.com`, `http:status.example.com`. */
    service: text("service").notNull(),
    status: breakerStatus("status").notNull(),
    /** Failures in a row. */
    failures: integer("failures").notNull().default(0),
    /** How often it opened without closing between: what the pause doubles with. */
    opens: integer("opens").notNull().default(0),
    openedAt: at("opened_at"),
    /** Open: when one probe may go. */
    probeAt: at("probe_at"),
    /** Half open: until when the probe has the service to itself. */
    probeUntil: at("probe_until"),
    failure: jsonb("failure").$type<Failure>(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.service] }), index("breakers_status").on(t.workspaceId, t.status)],
);

export const serviceMinutes = pgTable(
  "service_minutes",
  {
    workspaceId: workspaceId(),
    service: text("service").notNull(),
    minute: at("minute").notNull(),
    calls: integer("calls").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.service, t.minute] }), index("service_minutes_old").on(t.minute)],
);
