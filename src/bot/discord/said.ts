/** What a message says that somebody pressed a button of: which may be so new that it is being noted just now. */
import { setTimeout as sleep } from "node:timers/promises";
import { inTime } from "../chat/waiting.ts";
import type { DiscordDeps, Said } from "./deps.ts";

/** Discord waits for 3 s, of which recording may take half; milliseconds. */
const READ_MS = 1_200;
const LOOKS = 4;
const AGAIN_MS = 150;

/** @returns null for a message that says nothing, or was forgotten; `unknown` when it could not be read in time */
export async function settledSaid(
  deps: Pick<DiscordDeps, "saidIn" | "log">,
  messageId: string,
): Promise<Said | "unknown" | null> {
  const reading = look(deps, messageId).catch((error: unknown) => {
    deps.log.warn({ err: error }, "what a message says could not be read");
    return "unknown" as const;
  });
  return inTime(READ_MS, reading, "unknown" as const);
}

async function look({ saidIn }: Pick<DiscordDeps, "saidIn">, messageId: string): Promise<Said | null> {
  for (let looks = 1; ; looks++) {
    const said = await saidIn(messageId);
    if (said !== null || looks === LOOKS) return said;
    await sleep(AGAIN_MS);
  }
}
