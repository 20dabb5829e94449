/** How a run ends: the tool a model calls last. */
import { z } from "zod";
import { defineTool, ok, type ToolContract } from "./contract.ts";

export const FINISH = "finish";

const input = z
  .strictObject({
    verdict: z.enum(["report", "nothing_to_report", "blocked"]),
    text: z.string().max(20_000).describe("Markdown for people; first line is the fact."),
    notes: z.string().max(4_000).nullish().describe("Kept for the next run."),
  })
  .refine(({ verdict, text }) => verdict === "nothing_to_report" || text.trim() !== "", {
    path: ["text"],
    message: "expected what people should read",
  });

const output = z.object({
  verdict: z.enum(["report", "nothing_to_report", "blocked"]),
  text: z.string(),
  notes: z.string().nullable(),
});

/** What `finish` gives back: the call's arguments, `notes` null when nothing is kept. */
export type Finish = z.infer<typeof output>;

/** Touches nothing: the runner reads its output as the run's verdict. */
export const finish: ToolContract<z.infer<typeof input>, Finish> = defineTool({
  name: FINISH,
  description:
    "Ends the run; call it last and alone. report: there is something people should know. nothing_to_report: checked, nothing new. blocked: the task could not be done; say what is needed.",
  input,
  output,
  effect: "read",
  egress: "none",
  retry: "safe",
  timeoutMs: 1_000,
  outputTrust: "trusted",
  execute: async ({ verdict, text, notes }) => ok({ verdict, text: text.trim(), notes: notes?.trim() || null }),
});
