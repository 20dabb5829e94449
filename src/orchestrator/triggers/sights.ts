/** Before a message or a reaction starts anything: whether the owners of what waits for it see where it happened. */
import type { Database } from "../db/client.ts";
import type { ChannelWork, InboundEvent, MemberId, PlatformName, Sight } from "../ports.ts";
import { listeningOwners } from "./store.ts";

/** @returns by member id; nobody for what starts nothing, or where the platform cannot be asked */
export async function sightsOf(
  deps: { readonly db: Database; readonly reach: ReadonlyMap<PlatformName, ChannelWork> },
  { body, platform, channelId, workspaceId }: InboundEvent,
): Promise<ReadonlyMap<MemberId, Sight>> {
  const work = deps.reach.get(platform);
  if (!work?.sight || (body.kind !== "channelMessage" && body.kind !== "reaction")) return new Map();
  const kind = body.kind === "reaction" ? "reaction" : "message";
  const owners = await listeningOwners(deps.db, workspaceId, kind, channelId);
  const seen = await Promise.all(
    owners.map(async (owner) => [owner, await work.sight?.(owner, channelId, workspaceId)] as const),
  );
  return new Map(seen.filter((each): each is readonly [MemberId, Sight] => each[1] !== undefined));
}
