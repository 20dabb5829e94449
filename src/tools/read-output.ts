/** Reading on in a result that was too long to be shown whole. */
import { z } from "zod";
import { defineTool, fail, ok, type ToolContract } from "./contract.ts";
import { cut } from "./text.ts";

export const READ_OUTPUT = "read_output";

/** Characters of one answer. */
const PAGE = 8_000;
const MAX_FOUND = 20;
/** Characters around what was looked for. */
const AROUND = 200;

const Place = z.object({ at: z.int(), text: z.string() });

/** `read_output`: offered to a run once one of its results was cut or left out. */
export const readOutput: ToolContract = defineTool({
  name: READ_OUTPUT,
  description: "Reads on in a result of this run that was cut or left out, or finds a text in it.",
  input: z.strictObject({
    step: z
      .string()
      .regex(/^[1-9]\d{0,3}\.[1-9]\d{0,2}$/, "expected a step such as 2.1")
      .describe("2.1"),
    from: z.int().min(0).optional().describe("character to read from"),
    find: z.string().min(1).max(200).optional(),
  }),
  output: z.object({
    characters: z.int(),
    text: z.string(),
    /** Where to read on; null at the end. */
    next: z.int().nullable(),
    found: z.array(Place),
  }),
  effect: "read",
  egress: "none",
  retry: "safe",
  timeoutMs: 5_000,
  outputTrust: "untrusted",
  execute: async ({ step, from = 0, find }, ctx) => {
    const whole = ctx.output?.(step) ?? null;
    if (whole === null) return fail("not_found", `there is no result of step ${step} in this run`);
    const characters = whole.length;
    if (find !== undefined) return ok({ characters, text: "", next: null, found: placesOf(whole, find, from) });
    const { text } = cut(whole.slice(from), PAGE);
    const next = from + text.length;
    return ok({ characters, text, next: text === "" || next >= characters ? null : next, found: [] });
  },
});

function placesOf(whole: string, find: string, from: number): z.infer<typeof Place>[] {
  const [text, wanted] = [whole.toLowerCase(), find.toLowerCase()];
  // Lower case may be longer than the text (İ): then places would be off.
  const exact = text.length === whole.length;
  const found: z.infer<typeof Place>[] = [];
  for (let at = from - 1; found.length < MAX_FOUND; ) {
    at = exact ? text.indexOf(wanted, at + 1) : whole.indexOf(find, at + 1);
    if (at < 0) break;
    const start = Math.max(0, at - AROUND);
    found.push({ at, text: whole.slice(start, at + find.length + AROUND) });
  }
  return found;
}
