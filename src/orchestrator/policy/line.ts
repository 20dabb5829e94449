/** A rule as people type it: `http_get to *.example.com with method=GET for prs asking 2 of admin, @leads`. Pure. */
import { parseDuration } from "../workflows/amounts.ts";
import { Decider } from "./decider.ts";
import { MAX_PATTERN } from "./pattern.ts";
import type { RuleBody, RuleEffect } from "./rule.ts";

export interface RuleLine {
  readonly body: RuleBody;
  /** The workflow it is for; null: the whole workspace. */
  readonly workflow: string | null;
}

const TOOL = /^[a-z*][a-z0-9_*]{0,63}$/;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const ARGUMENT = /^([A-Za-z_][\w.-]{0,63})=(.+)$/s;
const MOST_PLACES = 50;

/** A word, or words in double quotes; a word may have a quoted part: `text="a b"`. */
const WORD = /(?:[^\s"]+|"(?:[^"\\]|\\.)*")+/gu;

function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([word]) =>
    word.replace(/"((?:[^"\\]|\\.)*)"/gu, (_, inner: string) => inner.replace(/\\"/gu, '"')),
  );
}

/**
 * Reads what follows `allow` or `deny`. Null when the whole of it does not fit: it may be something else.
 * @param verb with `asking`, an `allow` becomes a rule that asks
 */
export function readRuleLine(verb: "allow" | "deny", text: string): RuleLine | null {
  if (text.length > 2_000) return null;
  const words = wordsOf(text);
  const [first = "", ...rest] = words;
  const isSending = verb === "allow" && first.toLowerCase() === "sending";
  if (!isSending && !TOOL.test(first)) return null;
  const clauses = clausesOf(rest);
  if (!clauses) return null;
  const { to, args, workflow, terms } = clauses;
  if (isSending && (to === null || terms || Object.keys(args).length > 0)) return null;
  if (verb === "deny" && terms) return null;
  const effect: RuleEffect = isSending ? "send" : terms ? "ask" : verb;
  return { body: { effect, tool: isSending ? "*" : first, to, with: args, terms: terms ?? {} }, workflow };
}

interface Clauses {
  readonly to: string[] | null;
  readonly args: Record<string, string>;
  readonly workflow: string | null;
  readonly terms: RuleBody["terms"] | null;
}

const KEYWORDS = new Set(["to", "with", "for", "in", "asking"]);

function clausesOf(words: readonly string[]): Clauses | null {
  let to: string[] | null = null;
  let args: Record<string, string> = {};
  let workflow: string | null = null;
  let terms: RuleBody["terms"] | null = null;
  const seen = new Set<string>();
  for (let at = 0; at < words.length; ) {
    const keyword = (words[at] ?? "").toLowerCase();
    if (!KEYWORDS.has(keyword) || seen.has(keyword)) return null;
    seen.add(keyword);
    const end = keyword === "asking" ? words.length : nextKeyword(words, at + 1);
    const own = words.slice(at + 1, end);
    if (own.length === 0 && keyword !== "asking") return null;
    if (keyword === "to") to = placesOf(own);
    else if (keyword === "with") {
      const read = argumentsOf(own);
      if (!read) return null;
      args = read;
    } else if (keyword === "asking") {
      terms = termsOf(own);
      if (!terms) return null;
    } else {
      const [name = ""] = own;
      if (own.length !== 1 || !NAME.test(name)) return null;
      workflow = name;
    }
    if (keyword === "to" && !to) return null;
    at = end;
  }
  return { to, args, workflow, terms };
}

function nextKeyword(words: readonly string[], from: number): number {
  for (let at = from + 1; at < words.length; at++) if (KEYWORDS.has((words[at] ?? "").toLowerCase())) return at;
  return words.length;
}

/** `a, b or c`. */
function listOf(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(",")).filter((word) => word !== "" && !/^(?:or|and)$/i.test(word));
}

function placesOf(words: readonly string[]): string[] | null {
  const places = listOf(words);
  const good = places.length > 0 && places.length <= MOST_PLACES;
  // Words of a sentence are no places: a place has a dot, a colon, a slash, a sign or a star in it, or stands alone.
  const arePlaces = places.length === 1 || places.every((place) => /[.:/#*@_-]/.test(place));
  return good && arePlaces && places.every((place) => place.length <= MAX_PATTERN) ? places : null;
}

function argumentsOf(words: readonly string[]): Record<string, string> | null {
  const args: Record<string, string> = {};
  for (const word of words) {
    const [, name, value] = ARGUMENT.exec(word.replace(/,$/, "")) ?? [];
    if (name === undefined || value === undefined || value.length > MAX_PATTERN || Object.hasOwn(args, name))
      return null;
    args[name] = value;
  }
  return args;
}

/** `[<n> of] <who>[, <who>] [not the author] [after 10m] [within 4h] [then #oncall]`; nothing: whoever may anyway. */
function termsOf(words: readonly string[]): RuleBody["terms"] | null {
  const terms: { -readonly [K in keyof RuleBody["terms"]]: RuleBody["terms"][K] } = {};
  let text = words.join(" ");
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(text);
    if (found) text = `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`.trim();
    return found;
  };
  const channel = take(/(?:^|\s)then (\S+)/i);
  if (channel?.[1]) terms.escalateTo = channel[1];
  const within = take(/(?:^|\s)within (\d+(?:\.\d+)?\s?[a-z]+)/i);
  const after = take(/(?:^|\s)after (\d+(?:\.\d+)?\s?[a-z]+)/i);
  const expiryMs = within ? parseDuration(within[1] ?? "") : undefined;
  const waitMs = after ? parseDuration(after[1] ?? "") : undefined;
  if (expiryMs === null || waitMs === null) return null;
  if (expiryMs !== undefined) terms.expiryMs = expiryMs;
  if (waitMs !== undefined) terms.waitMs = waitMs;
  if (take(/(?:^|\s|,)\s*(?:but )?not (?:the )?author/i)) terms.authorMayApprove = false;
  const quorum = take(/^(\d{1,2})(?: of)?(?=\s|$)/i);
  if (quorum) {
    const people = Number(quorum[1]);
    if (people < 1 || people > 20) return null;
    terms.quorum = people;
  }
  const who = listOf(text.split(/\s+/)).map((name) => mentioned(name));
  if (who.length > 0) {
    const by = who.map((name) => Decider.safeParse(name).data ?? null);
    if (by.includes(null)) return null;
    terms.by = by.filter((each) => each !== null);
  }
  return terms;
}

/** `<@U123|lin>` and `<!subteam^S1|@leads>` are how Slack writes people and groups; `admins` are admins. */
function mentioned(name: string): string {
  const person = /^<@([A-Za-z0-9]+)(?:\|[^>]*)?>$/.exec(name);
  if (person) return `@${person[1]}`;
  const group = /^<(?:!subteam\^|@&)([A-Za-z0-9]+)(?:\|[^>]*)?>$/.exec(name);
  if (group) return `@${group[1]}`;
  const role = name.toLowerCase().replace(/s$/, "");
  return ["viewer", "member", "approver", "admin"].includes(role) ? role : name;
}
