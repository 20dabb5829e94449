/** The channels that a person names in what they type. */
import type { NamedChannel } from "../caller.ts";
import type { ChatPlatform, InboundEvent, Sight } from "../ports.ts";
import { CHANNEL_NAME } from "./phrase/when.ts";

const NAMES = new RegExp(CHANNEL_NAME, "gu");
/** Names that are looked up for one line. */
const MOST = 5;

export interface ChannelsNamed {
  /** Those that whoever typed can see. */
  readonly seen: ReadonlyMap<string, NamedChannel>;
  /** Names of none that there is, or of one that they do not see: it is not said which. */
  readonly unseen: readonly string[];
}

/** Asks the platform, before anything is done, about the channels that a line names. */
export async function namedChannels(
  platform: ChatPlatform,
  { actor, body, workspaceId }: InboundEvent,
): Promise<ChannelsNamed> {
  const text = body.kind === "command" || body.kind === "action" ? (body.text ?? "") : "";
  const linked = body.kind === "command" ? (body.channels ?? {}) : {};
  const names = [...new Set(text.match(NAMES) ?? [])].filter(
    (name) => /\p{L}/u.test(name) || Object.hasOwn(linked, name),
  );
  const found = await Promise.all(
    names.slice(0, MOST).map(async (name): Promise<readonly [string, NamedChannel] | null> => {
      const own = Object.hasOwn(linked, name) ? linked[name] : undefined;
      const channelId = own ?? (await platform.channelNamed?.(name, workspaceId)) ?? null;
      if (channelId === null) return null;
      if (typeof channelId === "object") return [name, { channelId: "", cannotPost: channelId.unclear }];
      const [sight, cannotPost] = await Promise.all([
        platform.sight?.(actor.memberId, channelId, workspaceId) ?? NOBODY_TELLS,
        platform.whyNotPost(channelId, workspaceId),
      ]);
      if (sight.kind === "hidden") return null;
      if (sight.kind === "sees") return [name, { channelId, cannotPost }];
      const why = `it cannot be told whether you see it, and what you do not see is not worked with. ${sight.why}`;
      return [name, { channelId: "", cannotPost: why }];
    }),
  );
  const seen = new Map(found.filter((each) => each !== null));
  return { seen, unseen: names.slice(0, MOST).filter((name) => !seen.has(name)) };
}

const NOBODY_TELLS: Sight = {
  kind: "cannot_tell",
  why: "This platform does not say who sees a channel.",
  passes: false,
};
