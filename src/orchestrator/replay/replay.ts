/** A replay: a run made again, with every tool answered from the journal of the run it repeats. Pure. */
import { z } from "zod";

/** `pinned`: the revision and the opening of the run it repeats. `present`: today's revision and prompt, on what else it was told then. */
export const REPLAY_MODES = ["pinned", "present"] as const;
export type ReplayMode = (typeof REPLAY_MODES)[number];

/** What a person asked for, kept as the payload of the replay's firing. */
export const ReplayRequest = z.object({
  mode: z.enum(REPLAY_MODES),
  /** Where it was asked, and by whom: only they are told what came out. */
  channelId: z.string(),
  threadId: z.string().nullable(),
  memberId: z.string(),
});
export type ReplayRequest = z.infer<typeof ReplayRequest>;
