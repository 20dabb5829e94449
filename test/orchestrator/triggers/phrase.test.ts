/** What people say a workflow waits for, and what is made of it. */
import { describe, expect, it } from "vitest";
import { parsePhrase } from "../../../src/orchestrator/schedules/phrase/phrase.ts";
import { readTriggerPhrase, type TriggerPhrase } from "../../../src/orchestrator/triggers/phrase.ts";
import { triggerWords } from "../../../src/orchestrator/triggers/words.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const read = (text: string): TriggerPhrase =>
  readTriggerPhrase(text, (phrase) => parsePhrase(phrase, { now: NOW, zone: "Europe/Paris" }));

/** `trigger words | instruction` of what was understood, else its kind and what is said. */
function said(text: string): string {
  const phrase = read(text);
  switch (phrase.kind) {
    case "triggered":
    case "scheduled":
      return `${phrase.words} | ${phrase.instruction}`;
    case "question":
      return `? ${phrase.question}`;
    case "refused":
      return `! ${phrase.reason}`;
  }
}

const SAID: readonly (readonly [string, string])[] = [
  ["when a webhook arrives summarise it", "When a webhook arrives | summarise it"],
  ["Whenever a GitHub webhook comes in, tell #ops", "When a webhook arrives | tell #ops"],
  ["summarise it when a webhook arrives", "When a webhook arrives | summarise it"],
  ["when the webhook fires: then open an issue", "When a webhook arrives | open an issue"],
  [
    'when a message in #ops matches "deploy failed" find out why',
    'When a message in #ops matches "deploy failed" | find out why',
  ],
  [
    "when a message in #ops matches “deploy failed”, find out why",
    'When a message in #ops matches "deploy failed" | find out why',
  ],
  ["when a message matches /fail(ed|ure)/i in #ops look", "When a message in #ops matches /fail(ed|ure)/i | look"],
  [
    'when someone says "lunch" in #food including bots post the menu',
    'When a message in #food matches "lunch", including bots | post the menu',
  ],
  ["when a message arrives in #support answer it", "When a message arrives in #support | answer it"],
  ['when a message here mentions "outage" tell #ops', 'When a message here matches "outage" | tell #ops'],
  ["when someone reacts with :eyes: look into it", "When someone reacts with :eyes: | look into it"],
  ["when someone reacts with :eyes: in #ops look into it", "When someone reacts with :eyes: in #ops | look into it"],
  ["when a message in #ops gets :+1: thank them", "When someone reacts with :+1: in #ops | thank them"],
  ["when anyone reacts to a message with 👀 in #ops look", "When someone reacts with 👀 in #ops | look"],
  ["when nightly-backup fails tell me why", "When nightly-backup fails | tell me why"],
  ["when workflow `nightly-backup` succeeds clean up", "When nightly-backup succeeds | clean up"],
  ["translate it to French when menu reports", "When menu reports | translate it to French"],
  [
    "when https://example.com/prices changes tell me what is new",
    "When https://example.com/prices changes, checked every 15 minutes, Europe/Paris | tell me what is new",
  ],
  [
    "when https://example.com/prices changes every weekday at 9 tell me what is new",
    "When https://example.com/prices changes, checked every weekday at 09:00, Europe/Paris | tell me what is new",
  ],
  [
    "tell me what is new when https://example.com/prices changes, checked every hour",
    "When https://example.com/prices changes, checked every hour, Europe/Paris | tell me what is new",
  ],
  [
    'every hour only if GET https://x.test/y.json $.status is not "ok" tell #ops',
    'Every hour, Europe/Paris only if GET https://x.test/y.json $.status is not "ok" | tell #ops',
  ],
  [
    "tell #ops every hour only if https://x.test/y.json $.queue[0].length > 12.5",
    "Every hour, Europe/Paris only if GET https://x.test/y.json $.queue[0].length is greater than 12.5 | tell #ops",
  ],
  [
    "every day at 9, only if https://x.test/feed changed, summarise it",
    "Every day at 09:00, Europe/Paris only if GET https://x.test/feed changed | summarise it",
  ],
  [
    "every day at 9 if https://x.test/feed has changed summarise it",
    "Every day at 09:00, Europe/Paris only if GET https://x.test/feed changed | summarise it",
  ],
  [
    "every hour only if GET https://x.test/ contains error tell #ops",
    'Every hour, Europe/Paris only if GET https://x.test/ contains "error" | tell #ops',
  ],
  [
    'when a webhook arrives only if look_at {"what":"door"} $.n is at most -3 close it',
    'When a webhook arrives only if look_at {"what":"door"} $.n is at most -3 | close it',
  ],
  // Words that only look like it.
  [
    "every day at 9 check https://x.test/a and tell me if https://x.test/b changed",
    "Every day at 09:00, Europe/Paris | check https://x.test/a and tell me if https://x.test/b changed",
  ],
  [
    "check https://x.test/status and tell me when it changes every minute",
    "Every minute, Europe/Paris | check https://x.test/status and tell me when it changes",
  ],
  [
    "every weekday at 9 deploy only if the tests pass",
    "Every weekday at 09:00, Europe/Paris | deploy only if the tests pass",
  ],
  [
    "every weekday at 9 tell me when nightly fails",
    "Every weekday at 09:00, Europe/Paris | tell me when nightly fails",
  ],
];

describe("what starts a workflow, in words", () => {
  it.each(SAID)("%s", (text, meant) => {
    expect(said(text)).toBe(meant);
  });

  it("is said in one canonical sentence that is read as the same again", () => {
    for (const [text] of SAID) {
      const phrase = read(text);
      if (phrase.kind !== "triggered") continue;
      const again = read(`${triggerWords(phrase.trigger)} do it`);
      expect(again, text).toMatchObject({ kind: "triggered", words: phrase.words, instruction: "do it" });
      const last = read(`do it ${triggerWords(phrase.trigger).replace(/^W/, "w").replace(/^E/, "e")}`);
      expect(last, text).toMatchObject({ kind: "triggered", words: phrase.words, instruction: "do it" });
    }
  });

  it.each([
    ["when a webhook arrives", "? What should I do?"],
    ["every hour only if GET https://x.test/ contains error", "? What should I do"],
    ['when a message matches "x" look', "! say in which channel"],
    ["when a message in #ops matches deploy failed look", "! say which words in quotes"],
    ["when someone reacts with joy dance", "! say with which emoji"],
    ["when the moon is full howl", "! I do not know what to wait for"],
    ["when it fails tell me", "! I do not know what to wait for"],
    ["every hour only if GET https://x.test/y.json $.status seems fine tell #ops", "! behind “only if”"],
    ["every hour only if POST https://x.test/y.json is 1 tell #ops", "! I cannot read the call"],
    ["every hour only if GET https://x.test/y.json $.n is greater than many tell #ops", "! behind “only if”"],
    ["when https://x.test/ changes only if GET https://y.test/ exists tell #ops", "! a page that is watched"],
    ["when https://x.test/ changes every second tell #ops", "!"],
  ])("asks or says what to type instead: %s", (text, start) => {
    const answer = said(text);
    expect(answer.startsWith(start), answer).toBe(true);
  });

  it("reads a long phrase in no time, whatever is in it", () => {
    // One that tries every way would not end before this test is given up.
    for (const part of [
      "when ",
      "only if ",
      '"',
      "/",
      "{",
      "$[",
      ":x: ",
      "if https://x.test/ ",
      "when a message in #a ",
    ]) {
      said(part.repeat(4_000 / part.length));
      said(`when a message in #ops matches ${part.repeat(4_000 / part.length)}`);
    }
    expect(said("when a webhook arrives go")).toBe("When a webhook arrives | go");
  });
});
