/** The channels that a person names in what they type. */
import type { NamedChannel } from "../caller.ts";
import type { ChatPlatform, InboundEvent } from "../ports.ts";
import { CHANNEL_NAME } from "./phrase/when.ts";

const NAMES = new RegExp(CHANNEL_NAME, "gu");
/** Names that are looked up for one line. */
const MOST = 5;

/** Asks the platform, before anything is done, about the channels that a line names. */
export async function namedChannels(
  platform: ChatPlatform,
  { body, workspaceId }: InboundEvent,
): Promise<ReadonlyMap<string, NamedChannel>> {
  const text = body.kind === "command" || body.kind === "action" ? (body.text ?? "") : "";
  // Only what waits for something names a channel that Claw has to read.
  if (!/\b(?:when|whenever|each\s+time|any\s?time|as\s+soon\s+as)\b/iu.test(text)) return new Map();
  const linked = body.kind === "command" ? (body.channels ?? {}) : {};
  const names = [...new Set(text.match(NAMES) ?? [])].slice(0, MOST);
  const found = await Promise.all(
    names.map(async (name): Promise<readonly [string, NamedChannel][]> => {
      const own = Object.hasOwn(linked, name) ? linked[name] : undefined;
      const channelId = own ?? (await platform.channelNamed?.(name, workspaceId)) ?? null;
      if (channelId === null) return [];
      if (typeof channelId === "object") return [[name, { channelId: "", cannotPost: channelId.unclear }]];
      return [[name, { channelId, cannotPost: await platform.whyNotPost(channelId, workspaceId) }]];
    }),
  );
  return new Map(found.flat());
}
