/** A dry run: a run made now, of a draft or a workflow, whose reads are real and which changes nothing. Pure. */
import { z } from "zod";

/** What a person asked for, kept as the payload of the dry run's firing. */
export const DryRunRequest = z.object({
  /** Key of the event it was asked with. */
  asked: z.string(),
  /** Where it was asked, and by whom: only they are told what came out. */
  channelId: z.string(),
  threadId: z.string().nullable(),
  memberId: z.string(),
});
export type DryRunRequest = z.infer<typeof DryRunRequest>;
