/** What MCP servers offer, pinned as it was when a person last looked at it. */
import { and, asc, eq, isNotNull, sql } from "drizzle-orm";
import { type Offer, offerHash, type Pin, type Pins } from "../../tools/index.ts";
import type { Database } from "../db/client.ts";
import { mcpTools } from "../db/schema.ts";
import type { Clock } from "../ports.ts";

export const createPins = ({ db, clock }: { readonly db: Database; readonly clock: Clock }): Pins => ({
  async of(server) {
    const rows = await db.select().from(mcpTools).where(eq(mcpTools.server, server)).orderBy(asc(mcpTools.tool));
    return new Map(rows.map(({ tool, accepted, offered }) => [tool, { accepted, offered } satisfies Pin]));
  },

  async keep(server, offers) {
    const acceptedAt = new Date(clock.now());
    await db.transaction(async (tx) => {
      // Two processes hear of a server at once: one after the other.
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`claw.mcp.${server}`}, 0))`);
      const known = new Map(
        (await tx.select().from(mcpTools).where(eq(mcpTools.server, server))).map((row) => [row.tool, row]),
      );
      for (const offer of offers) {
        const pin = known.get(offer.name);
        if (!pin) {
          await tx.insert(mcpTools).values({ server, tool: offer.name, accepted: offer, acceptedAt, offered: null });
          continue;
        }
        const offered = offerHash(pin.accepted) === offerHash(offer) ? null : offer;
        if (offered === null && pin.offered === null) continue;
        await tx
          .update(mcpTools)
          .set({ offered })
          .where(and(eq(mcpTools.server, server), eq(mcpTools.tool, offer.name)));
      }
    });
  },
});

export interface McpTool extends Pin {
  readonly server: string;
  readonly tool: string;
  readonly acceptedAt: Date;
}

/** All that is pinned, by server and tool. */
export const listMcpTools = (db: Database): Promise<readonly McpTool[]> =>
  db.select().from(mcpTools).orderBy(asc(mcpTools.server), asc(mcpTools.tool));

/**
 * Accepts a tool as it is offered now.
 * @param seen what the person looked at: when the server offers something else by now, nothing is accepted
 * @returns false when there is nothing of that to accept
 */
export async function acceptMcpTool(
  db: Database,
  server: string,
  tool: string,
  seen: Offer,
  at: Date,
): Promise<boolean> {
  const rows = await db
    .update(mcpTools)
    .set({ accepted: sql`${mcpTools.offered}`, offered: null, acceptedAt: at })
    .where(
      and(
        eq(mcpTools.server, server),
        eq(mcpTools.tool, tool),
        isNotNull(mcpTools.offered),
        eq(mcpTools.offered, seen),
      ),
    )
    .returning({ tool: mcpTools.tool });
  return rows.length > 0;
}
