/** A question to the people in the workflow's thread, and their answer. */
import { z } from "zod";
import { defineTool, ok } from "./contract.ts";

const HOUR = 3_600_000;
const DEFAULT_HOURS = 24;
const MAX_HOURS = 7 * 24;
/** What a button shows whole on every platform. */
const MAX_CHOICE = 70;

/** Something that people can read: a letter, a digit, or a sign such as 👍. */
const SEEN = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** As people tell choices apart. */
const looks = (text: string): string =>
  text
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase();

const readable = (text: string): boolean => SEEN.test(looks(text));

const input = z.strictObject({
  question: z.string().trim().min(1).max(600).refine(readable, "expected a question that people can read"),
  choices: z
    .array(z.string().trim().min(1).max(MAX_CHOICE).refine(readable, "expected a choice that people can read"))
    .min(2)
    .max(10)
    .refine((choices) => new Set(choices.map(looks)).size === choices.length, "expected choices that differ")
    .optional()
    .describe("left out: people answer in their own words"),
  of: z
    .array(
      z
        .string()
        .trim()
        .refine(
          (who) =>
            /^(?:member|approver|admin|@[\p{L}\p{N}._-]{1,80}|<@[!&]?\w{1,40}>|<!subteam\^\w{1,40}(?:\|[^>]{0,80})?>)$/u.test(
              who,
            ),
          "expected @group, @member-id, member, approver or admin",
        ),
    )
    .min(1)
    .max(10)
    .optional()
    .describe("who may answer; left out: the workflow's owner and approvers"),
  hours: z.number().min(0.05).max(MAX_HOURS).optional().describe(`until when; ${DEFAULT_HOURS} if left out`),
});

const output = z.union([
  z.strictObject({ answered: z.literal(true), answer: z.string(), by: z.string(), at: z.string() }),
  z.strictObject({ answered: z.literal(false), note: z.string() }),
]);

const NOBODY =
  "Nobody answered in time. That is not an answer, neither yes nor no: do nothing that hangs on it, and say in the report that it is open.";
const REHEARSED =
  "Nobody is asked in a dry run. Go on with what does not hang on the answer, and say in the report that you would have asked.";

/** `@lead`, `<@U1>` and `<!subteam^S1>` as one form. */
const decider = (who: string): string => {
  const id = /^<(?:@[!&]?|!subteam\^)(\w+)/u.exec(who)?.[1];
  return id === undefined ? who : `@${id}`;
};

/** `ask`: the run goes on when somebody has answered, or when the time for that is over. */
export const ask = defineTool({
  name: "ask",
  description:
    "Asks the people in this workflow's thread one question, with choices or for a text, and waits for the first answer. Ask only what you cannot find out.",
  input,
  output,
  effect: "read",
  egress: "none",
  retry: "safe",
  timeoutMs: 1_000,
  // Who may answer is a member, as those are whose words in the thread are trusted.
  outputTrust: "trusted",
  calledBy:
    /\b(?:ask(?:s|ed|ing)?|questions?|confirm(?:s|ation)?|choose|choices?|pick|decide[sd]?|decision|vote|survey|a poll|poll (?:us|the|our)|prefer(?:s|ence)?|check with|consult|(?:input|feedback) from|let (?:me|us|them|people|someone|somebody))\b/i,
  preview: ({ question, choices }) => ({
    action: `ask "${question}"${choices ? ` (${choices.join(" / ")})` : ""}`,
    diff: [],
    target: null,
  }),
  waitFor: ({ question, choices = null, of, hours = DEFAULT_HOURS }) =>
    ok({ kind: "answer", question, choices, of: of?.map(decider) ?? null, forMs: Math.round(hours * HOUR) }),
  execute: async (_call, { waited }) => {
    if (waited?.kind !== "answer") return ok({ answered: false as const, note: REHEARSED });
    if (!waited.answer) return ok({ answered: false as const, note: NOBODY });
    const { text, by, at } = waited.answer;
    return ok({ answered: true as const, answer: text, by, at: new Date(at).toISOString() });
  },
});
