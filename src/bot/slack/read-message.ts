/** The words of one message, for what is started by a reaction to it. */
import type { ChatPlatform } from "../../orchestrator/index.ts";
import { inTime } from "../chat/waiting.ts";
import type { Identity } from "./normalize.ts";
import { placeOf } from "./places.ts";
import type { Web } from "./web.ts";
import { wordsOf } from "./words.ts";

/** How long it may take; milliseconds. */
const LIMIT_MS = 2_000;

/** Null for a message in a thread: Slack finds those by their thread alone, and a reaction does not name it. */
export function createReadMessage(deps: {
  readonly web: Web;
  readonly identity: () => Identity | null;
}): NonNullable<ChatPlatform["readMessage"]> {
  const { client, call } = deps.web;
  const read = async ({ channel, ts }: { readonly channel: string; readonly ts: string }): Promise<string | null> => {
    const found = await call(client.conversations.history({ channel, latest: ts, inclusive: true, limit: 1 }));
    const message = found.ok ? found.value.messages?.find((each) => each.ts === ts) : undefined;
    return message?.text ? wordsOf(message.text, deps.identity()?.user ?? "").words : null;
  };
  return async (_channelId, messageId) => {
    const at = placeOf(messageId);
    return at && inTime(LIMIT_MS, read(at), null);
  };
}
