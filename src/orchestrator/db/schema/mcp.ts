/** What MCP servers offer: of the installation, not of a workspace, as its servers are. */
import { jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Offer } from "../../../tools/index.ts";
import { at } from "./columns.ts";

export const mcpTools = pgTable(
  "mcp_tools",
  {
    server: text("server").notNull(),
    /** The server's own name of it. */
    tool: text("tool").notNull(),
    /** As it was when a person last looked at it, or first seen. */
    accepted: jsonb("accepted").$type<Offer>().notNull(),
    acceptedAt: at("accepted_at").notNull(),
    /** As the server offers it now, when that differs; else null. */
    offered: jsonb("offered").$type<Offer>(),
  },
  (t) => [primaryKey({ columns: [t.server, t.tool] })],
);
