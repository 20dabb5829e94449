/** `when a message in #ops matches "deploy failed"`: what a workflow waits for, in words. Pure. */
import { HERE, type Match, type SaidTrigger } from "../trigger.ts";
import { type Cursor, take, takeQuoted, takeRegex } from "./scan.ts";

/** What waits for something to happen, and needs no schedule. */
export type Waiting = Exclude<SaidTrigger, { kind: "schedule" | "person" | "change" }>;

export type When =
  | { readonly kind: "none" }
  | { readonly kind: "waits"; readonly trigger: Waiting; readonly rest: string }
  /** How often the page is looked at may stand in `rest`. */
  | { readonly kind: "change"; readonly url: string; readonly rest: string }
  | { readonly kind: "refused"; readonly reason: string; readonly example: string };

const OPENING = /(?:please\s+)?(?:when|whenever|as\s+soon\s+as|each\s+time|any\s?time)\s+/iy;
const WEBHOOK =
  /(?:(?:a|an|the|my|any|its)\s+)?(?:new\s+|incoming\s+|github\s+)?web-?\s?hook\s+(?:arrives|comes(?:\s+in)?|is\s+(?:received|called|sent|posted)|fires|calls)(?![\w-])/iy;
const PAGE =
  /(?:the\s+(?:page|site|url|address|feed|content\s+of)\s+(?:at\s+)?)?<?(https?:\/\/[^\s<>"“”,]+)>?\s+(?:changes|has\s+changed|is\s+changed|changed|updates|is\s+updated)(?![\w-])/iy;
const RUN =
  /(?:the\s+workflow\s+|workflow\s+)?(["'`“‘]?)([a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?)["'`”’]?\s+(fails|succeeds|reports)(?![\w-])(?:\s+(?:again|something|anything)(?![\w-]))?/iy;
const MESSAGE = /(?:a|an|any|the|some|every)\s+(?:new\s+)?message\s+/iy;
const SOMEBODY = /(?:someone|somebody|anyone|anybody)\s+/iy;
const WRITES = /(?:writes|says|posts|mentions)\s+(?:a\s+message\s+|something\s+)?/iy;
const REACTS = /reacts\s+(?:to\s+(?:a|any|the)\s+message\s+)?/iy;
const GETS = /(?:gets|receives)\s+(?:a\s+|an\s+|the\s+)?(?:reaction\s+)?/iy;
const WITH = /with\s+(?:a\s+|an\s+|the\s+)?(?:reaction\s+)?/iy;
/** A channel as people name it; in Discord also with emoji and the like. */
export const CHANNEL_NAME = "#[\\p{L}\\p{M}\\p{N}\\p{So}\\p{Emoji_Modifier}\\u200d・「」【】_-]{1,100}";
const PLACE = new RegExp(
  `(?:(?:in|on|to)\\s+(?:(${CHANNEL_NAME})|this\\s+channel(?![\\w-]))|(?:in\\s+)?here(?![\\w-]))\\s*`,
  "iuy",
);
const MATCHES = /(?:that\s+|which\s+)?(?:matches|contains|mentions|says|includes)\s+(?:the\s+words?\s+)?/iy;
const COMES = /(?:arrives|comes(?:\s+in)?|appears|is\s+(?:posted|written|sent))(?![\w-])\s*/iy;
const BOTS = /,?\s*(?:including|also\s+from|and\s+from)\s+(?:other\s+)?bots(?![\w-])\s*/iy;
const EMOJI =
  /:([\w+'-]{1,80}):(?::skin-tone-\d:)?|(\p{Extended_Pictographic}(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200D|\uFE0F)*)/uy;
const SEPARATOR = /\s*(?:[,:;]|[-–—](?=\s))?\s*(?:then\s+)?/iy;

/** Nobody calls a workflow so. */
const PRONOUNS: ReadonlySet<string> = new Set(
  "it this that something anything everything nothing one he she they someone anyone".split(" "),
);

/** The kinds there are, for whoever said one that there is not. */
export const WHEN_KINDS =
  'when a webhook arrives, when a message in #channel matches "words", when someone reacts with :eyes:, when <workflow> fails, succeeds or reports, or when <url> changes';

/** Reads a trigger at the beginning of a text. */
export function readWhen(text: string): When {
  const cursor: Cursor = { text, at: 0 };
  if (!take(cursor, OPENING)) return { kind: "none" };
  if (take(cursor, WEBHOOK)) return waits(cursor, { kind: "webhook" });
  const url = take(cursor, PAGE)?.[1];
  if (url !== undefined) {
    return URL.canParse(url) ? { kind: "change", url, rest: restOf(cursor) } : { kind: "none" };
  }
  if (take(cursor, MESSAGE)) return readMessage(cursor);
  if (take(cursor, SOMEBODY)) {
    if (take(cursor, REACTS)) return readReaction(cursor, null);
    return take(cursor, WRITES) ? readMessage(cursor, true) : { kind: "none" };
  }
  const run = take(cursor, RUN);
  const name = run?.[2]?.toLowerCase() ?? "";
  if (!run || (run[1] === "" && PRONOUNS.has(name))) return { kind: "none" };
  const on = (run[3] ?? "").toLowerCase() as "fails" | "succeeds" | "reports";
  return waits(cursor, { kind: "outcome", name, on });
}

function restOf(cursor: Cursor): string {
  take(cursor, SEPARATOR);
  return cursor.text.slice(cursor.at).trim();
}

const waits = (cursor: Cursor, trigger: Waiting): When => ({ kind: "waits", trigger, rest: restOf(cursor) });

const refused = (reason: string, example: string): When => ({ kind: "refused", reason, example });
const MESSAGE_EXAMPLE = 'when a message in #ops matches "deploy failed" look into it';

/** @param spoken behind "someone says" stands what was said */
function readMessage(cursor: Cursor, spoken = false): When {
  let channel: string | null = null;
  let match: Match | null = null;
  let comes = spoken;
  let includingBots = false;
  if (spoken) match = takePattern(cursor);
  while (true) {
    const place: RegExpExecArray | null = channel === null ? take(cursor, PLACE) : null;
    if (place) {
      channel = place[1] ?? HERE;
      continue;
    }
    if (take(cursor, BOTS)) {
      includingBots = true;
      continue;
    }
    if (match === null && take(cursor, MATCHES)) {
      match = takePattern(cursor);
      if (match === null) {
        return refused(
          'say which words in quotes, "deploy failed", or an expression, /fail(ed|ure)/i',
          MESSAGE_EXAMPLE,
        );
      }
      take(cursor, /\s+(?=(?:in|on|to|including)\s)/iy);
      continue;
    }
    if (!spoken && take(cursor, GETS)) return readReaction(cursor, channel);
    if (!comes && take(cursor, COMES)) {
      comes = true;
      continue;
    }
    break;
  }
  if (match === null && !comes) return { kind: "none" };
  if (spoken && match === null && channel === null) return { kind: "none" };
  if (channel === null) return refused("say in which channel, such as #ops, or here", MESSAGE_EXAMPLE);
  return waits(cursor, { kind: "message", channel, match: match ?? { kind: "any" }, includingBots });
}

function takePattern(cursor: Cursor): Match | null {
  const start = cursor.at;
  const regex = takeRegex(cursor);
  if (regex) {
    take(cursor, /\s+/y);
    return { kind: "regex", ...regex };
  }
  const text = takeQuoted(cursor)?.trim();
  if (text === undefined || text === "") {
    cursor.at = start;
    return null;
  }
  take(cursor, /\s+/y);
  return { kind: "words", text };
}

function readReaction(cursor: Cursor, before: string | null): When {
  let channel = before;
  let emoji: string | null = null;
  let includingBots = false;
  while (true) {
    take(cursor, /\s+/y);
    const place: RegExpExecArray | null = channel === null ? take(cursor, PLACE) : null;
    if (place) {
      channel = place[1] ?? HERE;
      continue;
    }
    if (emoji === null) {
      take(cursor, WITH);
      const sign = take(cursor, EMOJI);
      if (!sign) break;
      emoji = sign[1]?.toLowerCase() ?? sign[2] ?? null;
      continue;
    }
    if (!take(cursor, BOTS)) break;
    includingBots = true;
  }
  if (emoji === null)
    return refused("say with which emoji, such as :eyes:", "when someone reacts with :eyes: look into it");
  return waits(cursor, { kind: "reaction", emoji, channel, includingBots });
}
