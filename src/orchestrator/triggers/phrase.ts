/**
 * People's own words for what starts a workflow, whatever it is: a schedule is left to the schedule's own grammar, the
 * rest is read here, first or last in the phrase, with the gate that may stand before a run. Never a guess. Pure.
 */
import type { PhraseResult } from "../schedules/phrase/result.ts";
import { findGate, GATE_EXAMPLE } from "./phrase/gate.ts";
import { readWhen, WHEN_KINDS, type When } from "./phrase/when.ts";
import type { Gate, SaidTrigger } from "./trigger.ts";
import { triggerWords } from "./words.ts";

export type TriggerPhrase =
  | PhraseResult
  | {
      readonly kind: "triggered";
      readonly trigger: SaidTrigger;
      /** The canonical sentence of the trigger, gate included. */
      readonly words: string;
      readonly instruction: string;
    };

export type ReadSchedule = (text: string) => PhraseResult;

/** How often a page is looked at when nobody says. */
const LOOKS = "every 15 minutes";
const STAND_IN = "check it";
const OFTEN =
  /^(?:,\s*)?(?:and\s+)?(?:(?:checked|checking|check(?:\s+it)?)\s+|(?=(?:every|each|hourly|daily|weekly|monthly|twice)(?![\w-])))/iu;
const BEHIND = /[\s,]+(?=(?:when|whenever|as\s+soon\s+as|each\s+time|any\s?time)\s)/giu;

/** @param readSchedule reads a phrase that begins or ends with a schedule */
export function readTriggerPhrase(text: string, readSchedule: ReadSchedule): TriggerPhrase {
  const found = findGate(text, (before) => isAllWhen(before, readSchedule));
  switch (found.kind) {
    case "none":
      return readUngated(text, readSchedule);
    case "bad":
      return isAllWhen(found.before, readSchedule)
        ? refusal(`${found.reason}: a condition such as is "ok", is greater than 5, contains "x", exists or changed`, {
            words: `every hour ${GATE_EXAMPLE}`,
          })
        : readUngated(text, readSchedule);
    case "gate":
      return gated(found.before, found.after, found.gate, readSchedule);
  }
}

/** A text that says when, and not what. */
const isAllWhen = (text: string, readSchedule: ReadSchedule): boolean => {
  const read = readUngated(`${text}: ${STAND_IN}`, readSchedule);
  return (read.kind === "scheduled" || read.kind === "triggered") && read.instruction === STAND_IN;
};

function gated(before: string, after: string, gate: Gate, readSchedule: ReadSchedule): TriggerPhrase {
  const whole = isAllWhen(before, readSchedule)
    ? after === ""
      ? before
      : `${before}: ${after}`
    : `${before} ${after}`;
  const read = readUngated(whole.trim(), readSchedule);
  switch (read.kind) {
    case "scheduled":
      return triggered({ kind: "schedule", schedule: read.schedule, words: read.words, gate }, read.instruction);
    case "triggered": {
      const { trigger } = read;
      if (trigger.kind === "change" || trigger.kind === "person") {
        return refusal("a page that is watched for changes takes no further condition", {
          words: `every 15 minutes ${GATE_EXAMPLE}`,
        });
      }
      return triggered({ ...trigger, gate }, read.instruction);
    }
    case "question": {
      const { question } = read;
      return { kind: "question", question: `${question} (with the condition behind it)`, readings: [] };
    }
    case "refused":
      return read;
  }
}

function readUngated(text: string, readSchedule: ReadSchedule): TriggerPhrase {
  const lead = understood(readWhen(text.trim()), readSchedule);
  if (lead) return lead;
  const scheduled = readSchedule(text);
  if (scheduled.kind === "question") return scheduled;
  // A schedule that stands last may be how often a page is looked at.
  if (scheduled.kind === "scheduled" && !text.trim().startsWith(scheduled.instruction)) return scheduled;
  for (const place of text.matchAll(BEHIND)) {
    const when = readWhen(text.slice(place.index + place[0].length));
    const read = when.kind === "refused" ? null : understood(when, readSchedule, text.slice(0, place.index).trim());
    if (read && read.kind !== "refused") return read;
  }
  if (scheduled.kind === "scheduled") return scheduled;
  const isWhen = /^\s*(?:when|whenever)\s/iu.test(text);
  if (!isWhen || scheduled.code !== "no_schedule") return scheduled;
  return refusal(`I do not know what to wait for there. I can start ${WHEN_KINDS}`, {
    words: "when a webhook arrives",
  });
}

/**
 * @param before the instruction, when the trigger stands last: then nothing may stand behind it
 * @returns null for what is no trigger there
 */
function understood(when: When, readSchedule: ReadSchedule, before?: string): TriggerPhrase | null {
  switch (when.kind) {
    case "none":
      return null;
    case "refused":
      return { kind: "refused", code: "not_understood", reason: when.reason, try: when.example };
    case "waits":
      return placed(when.trigger, when.rest, before);
    case "change": {
      const often = OFTEN.exec(when.rest);
      const said = often ? when.rest.slice(often[0].length) : null;
      const read = readSchedule(said === null ? `${LOOKS}: ${STAND_IN}` : `${said}: ${STAND_IN}`);
      if (read.kind === "scheduled" && read.instruction === STAND_IN) {
        return placed(
          { kind: "change", url: when.url, schedule: read.schedule },
          said === null ? when.rest : "",
          before,
        );
      }
      if (said === null) return null;
      const whole = readSchedule(said);
      if (whole.kind === "scheduled") {
        return placed({ kind: "change", url: when.url, schedule: whole.schedule }, whole.instruction, before);
      }
      if (whole.kind !== "question") return whole;
      const readings = whole.readings.map(({ label, phrase }) => ({
        label,
        phrase: `when ${when.url} changes, checked ${phrase}`,
      }));
      return { kind: "question", question: whole.question, readings };
    }
  }
}

function placed(trigger: SaidTrigger, rest: string, before?: string): TriggerPhrase | null {
  const end = rest.replace(/^[\s.,;:!?)]+$/u, "");
  if (before === undefined) return triggered(trigger, end);
  return end === "" && before !== "" ? triggered(trigger, before.replace(/[,;]$/u, "")) : null;
}

function triggered(trigger: SaidTrigger, instruction: string): TriggerPhrase {
  const words = triggerWords(trigger);
  if (instruction === "") {
    return { kind: "question", question: `What should I do? I understood when: ${words}.`, readings: [] };
  }
  return { kind: "triggered", trigger, words, instruction };
}

const refusal = (reason: string, example: { readonly words: string }): TriggerPhrase => ({
  kind: "refused",
  code: "not_understood",
  reason,
  try: `${example.words} summarise what happened`,
});
