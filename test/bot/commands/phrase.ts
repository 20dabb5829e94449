import type { ParsePhrase } from "../../../src/bot/commands/command.ts";

const WHEN =
  "(?:every (?:minute|hour|day|weekday|friday)(?: at \\d{1,2}(?::\\d\\d)?)?|every \\d+ minutes|tomorrow at \\d{1,2}|hourly)";
const FIRST = new RegExp(`^(${WHEN})(?:[,:]?\\s+([\\s\\S]+))?$`, "iu");
const LAST = new RegExp(`^([\\s\\S]+?)\\s+(${WHEN})$`, "iu");

/** A phrase grammar of a few words, so that these tests are about the command language alone. */
export const parsePhrase: ParsePhrase = (text) => {
  if (/bi-?weekly/iu.test(text)) {
    return {
      kind: "question",
      question: '"bi-weekly" can mean two things',
      readings: [
        { label: "Every second week", phrase: text.replace(/bi-?weekly/iu, "every 2 weeks") },
        { label: "Twice a week", phrase: text.replace(/bi-?weekly/iu, "twice a week") },
      ],
    };
  }
  if (/at 99/u.test(text)) {
    return {
      kind: "refused",
      code: "not_understood",
      reason: "There is no 99 o'clock.",
      try: "/claw every day at 9 x",
    };
  }
  if (/every second/u.test(text)) {
    return { kind: "refused", code: "too_often", reason: "At most once a minute.", try: "every minute check it" };
  }
  const first = FIRST.exec(text);
  const last = first === null ? LAST.exec(text) : null;
  const words = first?.[1] ?? last?.[2];
  const instruction = first === null ? last?.[1] : first[2];
  if (words === undefined) return { kind: "refused", code: "no_schedule", reason: "No time in it.", try: "" };
  if (instruction === undefined) {
    return {
      kind: "refused",
      code: "no_instruction",
      reason: "And do what?",
      try: `${words} check https://example.com`,
    };
  }
  const schedule = { kind: "cron", expression: "0 9 * * *", zone: "UTC", from: null, until: null } as const;
  return { kind: "scheduled", schedule, words, instruction };
};
