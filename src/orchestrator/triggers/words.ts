/** A trigger as one canonical English sentence; the phrase grammar reads it back to the same trigger. Pure. */
import { assertNever } from "../errors.ts";
import { describeSchedule } from "../schedules/words.ts";
import { gateWords } from "./phrase/gate.ts";
import { quoted } from "./phrase/scan.ts";
import { HERE, type Match, type SaidTrigger, type Trigger } from "./trigger.ts";

/** `Every weekday at 09:00, Europe/Paris`; `When a webhook arrives only if …`; `Once, now`. */
export function triggerWords(trigger: Trigger | SaidTrigger): string {
  const gate = "gate" in trigger && trigger.gate ? ` ${gateWords(trigger.gate)}` : "";
  return `${startWords(trigger)}${gate}`;
}

function startWords(trigger: Trigger | SaidTrigger): string {
  switch (trigger.kind) {
    case "schedule":
      return describeSchedule(trigger.schedule);
    case "person":
      return "Once, now";
    case "webhook":
      return "When a webhook arrives";
    case "message": {
      const place = placeWords(trigger.channel);
      const what = trigger.match.kind === "any" ? `arrives${place}` : `${place.trim()} ${matchWords(trigger.match)}`;
      return `When a message ${what}${botWords(trigger)}`;
    }
    case "reaction":
      return `When someone reacts with ${emojiWords(trigger.emoji)}${placeWords(trigger.channel)}${botWords(trigger)}`;
    case "outcome":
      return `When ${trigger.name} ${trigger.on}`;
    case "change": {
      const often = describeSchedule(trigger.schedule);
      return `When ${trigger.url} changes, checked ${often.charAt(0).toLowerCase()}${often.slice(1)}`;
    }
    default:
      return assertNever(trigger, "trigger");
  }
}

function placeWords(channel: string | { readonly name: string } | null): string {
  if (channel === null) return "";
  const name = typeof channel === "string" ? channel : channel.name;
  return name === HERE ? " here" : ` in ${name}`;
}

const matchWords = (match: Exclude<Match, { kind: "any" }>): string =>
  match.kind === "words" ? `matches ${quoted(match.text)}` : `matches /${match.source}/${match.flags}`;

const emojiWords = (emoji: string): string => (/^[\w+'-]+$/u.test(emoji) ? `:${emoji}:` : emoji);

const botWords = ({ includingBots }: { readonly includingBots: boolean }): string =>
  includingBots ? ", including bots" : "";
