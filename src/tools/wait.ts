/** Waiting until a time, or for a while, within a run. */
import { z } from "zod";
import { defineTool, fail, ok, type ToolContract, type ToolResult, type WaitFor } from "./contract.ts";

export interface WaitDeps {
  /** Reads a time such as `17:00`, `2026-05-04 17:00` or `tomorrow at 9`; null when it is none. */
  readonly moment: (text: string, at: { readonly now: number; readonly zone: string }) => number | null;
  /** An instant on the clock of a zone, for the model. */
  readonly words: (at: number, zone: string) => string;
}

const MINUTE = 60_000;
const MAX_DAYS = 30;
const MAX_MS = MAX_DAYS * 24 * 60 * MINUTE;

const input = z
  .strictObject({
    minutes: z.number().positive().optional(),
    until: z.string().trim().min(1).max(80).optional().describe("17:00, 2026-05-04 17:00 or tomorrow at 9"),
  })
  .refine(({ minutes, until }) => (minutes === undefined) !== (until === undefined), {
    message: "expected either minutes or until",
  });

const output = z.object({ now: z.string(), note: z.string().nullable() });

const REHEARSED = "Not waited: this is a dry run. Go on as if the time had come.";

/** `wait`: the run goes on by itself when its time has come. */
export function waitTool(deps: WaitDeps): ToolContract {
  return defineTool({
    name: "wait",
    description:
      "Waits for a while or until a time (in the workflow's zone), then says what time it is. Costs nothing.",
    input,
    output,
    effect: "read",
    egress: "none",
    retry: "safe",
    timeoutMs: 1_000,
    outputTrust: "trusted",
    calledBy:
      /\b(?:wait|sleep|pause|delay|later|afterwards?|until|till|meanwhile|postpone|hold off|again (?:in|after)|(?:in|after|for) (?:an?|one|two|three|five|ten|half|several|a few|\d+) ?(?:more )?(?:s|sec|m|min|h|d|second|minute|hour|day|week)s?)\b/i,
    preview: ({ minutes, until }) => ({
      action: until === undefined ? `wait for ${minutes} minutes` : `wait until ${until}`,
      diff: [],
      target: null,
    }),
    waitFor,
    execute: async (call, { now, zone = "UTC", waited }) => {
      // A rehearsal hears of a wrong time as the real run would.
      const asked = waited ? null : waitFor(call, { now: now(), zone });
      if (asked && !asked.ok) return asked;
      return ok({ now: deps.words(now(), zone), note: waited ? null : REHEARSED });
    },
  });

  function waitFor(
    { minutes, until }: z.infer<typeof input>,
    { now, zone }: { readonly now: number; readonly zone: string },
  ): ToolResult<WaitFor> {
    const isTime = until !== undefined;
    const at = isTime ? deps.moment(until, { now, zone }) : now + (minutes ?? 0) * MINUTE;
    const here = `It is ${deps.words(now, zone)}`;
    if (at === null) {
      return fail("invalid_input", `until is not a time that I can read. ${here}; write 17:00, or 2026-05-04 17:00.`);
    }
    if (at <= now) {
      return fail(
        "invalid_input",
        `until is over: ${deps.words(at, zone)}. ${here}. Write a later time, or go on without waiting.`,
      );
    }
    if (at - now > MAX_MS) {
      return fail(
        "invalid_input",
        `A run waits at most ${MAX_DAYS} days. ${here}. Wait for less, or finish and say in notes what is to be done then: the next run reads them.`,
      );
    }
    return ok({ kind: "timer", until: Math.ceil(at), isTime });
  }
}
