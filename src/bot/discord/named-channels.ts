/** Channels that are named and not linked: by people in what they type, by tools in what they post. */
import { assertNever, type FoundChannel, type PostOutcome, type PostTarget } from "../../orchestrator/index.ts";
import type { Directory } from "./directory.ts";
import { channelIdOf, channelIn, guildOf } from "./places.ts";

export interface NamedChannels {
  channelNamed(name: string, workspaceId: string): Promise<FoundChannel>;
  /** The target with the id of its channel, or what becomes of what was to go there. */
  settle(target: PostTarget): Promise<PostTarget | PostOutcome>;
}

const AGAIN_MS = 2_000;
const UNKNOWN = "Discord does not say at present which channels there are.";

export function createNamedChannels(directory: Pick<Directory, "named">): NamedChannels {
  return {
    async channelNamed(name, workspaceId) {
      const guild = guildOf(workspaceId);
      if (guild === null) return null;
      const found = await directory.named(guild, name);
      switch (found.kind) {
        case "one":
          return channelIdOf(guild, found.id);
        case "none":
          return null;
        case "several":
          return { unclear: found.why };
        case "unavailable":
          return { unclear: `${UNKNOWN} Try again in a minute.` };
        default:
          return assertNever(found, "channel");
      }
    },

    async settle(target) {
      const { workspaceId, channelId } = target;
      const guild = guildOf(workspaceId);
      const prefix = `${workspaceId}:`;
      if (guild === null || channelIn(workspaceId, channelId) !== null || !channelId.startsWith(prefix)) return target;
      const found = await directory.named(guild, channelId.slice(prefix.length));
      switch (found.kind) {
        case "one":
          return { ...target, channelId: channelIdOf(guild, found.id) };
        case "none":
          return refused("there is no such channel in this server, or Claw may not see it.");
        case "several":
          return refused(found.why);
        case "unavailable":
          return { kind: "retry", afterMs: AGAIN_MS, failure: { code: "platform_unavailable", message: UNKNOWN } };
        default:
          return assertNever(found, "channel");
      }
    },
  };
}

const refused = (why: string): PostOutcome => ({
  kind: "refused",
  failure: { code: "platform_refused", message: `Discord: ${why}` },
});
