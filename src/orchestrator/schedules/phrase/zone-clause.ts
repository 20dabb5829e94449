/** Zones within a phrase: `Europe/Paris`, `in Tokyo`, `London time`, `9am EST`, `UTC+2`. */
import { UNCLEAR_ZONES } from "../cities.ts";

import { isZone, looksLikeZone, nearestZones, zoneFor, zoneOfPlace } from "../zone.ts";
import type { Cursor } from "./cursor.ts";
import type { Clause } from "./draft.ts";
import { weekdayNamed } from "./vocabulary.ts";

/** Abbreviations that are words or names too count only in capitals. */
const SHY = ["et", "ct", "mt", "pt", "west", "met", "bst", "ast", "art", "cat", "eat", "pet", "cot", "wat", "ict"];

export function unknownZone(name: string): Extract<Clause, { kind: "refusal" }> {
  const near = nearestZones(name);
  const hint = near.length === 0 ? "an IANA name such as Europe/Paris works" : `did you mean ${near.join(" or ")}?`;
  const zone = near[0] ?? "Europe/Paris";
  return {
    kind: "refusal",
    code: "unknown_zone",
    reason: `I do not know the time zone "${name}"; ${hint}`,
    example: zone,
  };
}

function readIana(cursor: Cursor): Clause | null {
  const { text, tokens } = cursor.chunk();
  const plain = text.replace(/^\(|\)$/g, "");
  if (!/^[A-Za-z]/.test(plain) || !(plain.includes("/") || isZone(plain))) return null;
  if (plain.split("/").every((part) => weekdayNamed(part.toLowerCase()) !== null || part.length < 3)) return null;
  if (SHY.includes(plain.toLowerCase()) && plain !== plain.toUpperCase()) return null;
  const zone = isZone(plain) ? zoneFor(plain) : null;
  if (zone === null && !looksLikeZone(plain)) return null;
  cursor.at += tokens;
  return zone === null ? unknownZone(plain) : { kind: "zone", zone };
}

function readAbbreviation(cursor: Cursor): Clause | null {
  const { text, tokens } = cursor.chunk();
  const plain = text.replace(/^\(|\)$/g, "");
  const lower = plain.toLowerCase();
  if (plain.length > 10 || (SHY.includes(lower) && plain !== plain.toUpperCase())) return null;
  const offset = /^(?:utc|gmt)([+-])(\d{1,2}):?(\d\d)$/.exec(lower);
  if (offset) {
    cursor.at += tokens;
    const size = Number(offset[2]) * 60 + Number(offset[3]);
    return { kind: "offset", minutes: offset[1] === "-" ? -size : size };
  }
  const unclear = UNCLEAR_ZONES.get(lower);
  const zone =
    lower.length <= 5 || /^(utc|gmt)[+-]/.test(lower) ? (zoneOfPlace(plain) === null ? zoneFor(plain) : null) : null;
  if (zone === null && unclear === undefined) return null;
  cursor.at += tokens;
  cursor.take("time", "timezone");
  if (zone !== null) return { kind: "zone", zone };
  const options = (unclear ?? []).map((name): Clause => ({ kind: "zone", zone: name }));
  return { kind: "choice", choice: { question: `"${plain}" is the time of several places. Which one?`, options } };
}

const isCapitals = (cursor: Cursor): boolean => /^[A-Z]{3,5}$/.test(cursor.chunk().text);

/** A word, or one that is opaque for its accents: `São`. */
const isName = (cursor: Cursor, ahead: number): boolean => {
  const { kind, start, end } = cursor.peek(ahead);
  return kind === "word" || (kind === "other" && end - start < 20 && /^\p{L}+$/u.test(cursor.source.slice(start, end)));
};

const nameAt = (cursor: Cursor, ahead: number): string => {
  const { kind, text, start, end } = cursor.peek(ahead);
  return kind === "word" ? text : cursor.source.slice(start, end).normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
};

/** One to three words that name a city or a country, the longest first. */
function readPlace(cursor: Cursor): string | null {
  for (let words = 4; words > 0; words--) {
    const name: string[] = [];
    for (let ahead = 0; ahead < words && isName(cursor, ahead); ahead++) name.push(nameAt(cursor, ahead));
    const zone = name.length === words ? zoneOfPlace(name.join(" ")) : null;
    if (zone === null) continue;
    cursor.at += words;
    return zone;
  }
  return null;
}

const zoneWords = (cursor: Cursor): boolean =>
  cursor.take("time", "timezone") !== null || cursor.takeAll("local", "time") || cursor.takeAll("time", "zone");

function readNamedPlace(cursor: Cursor, needsWord: boolean): Clause | null {
  const from = cursor.at;
  const zone = readPlace(cursor);
  if (zone === null) return null;
  const said = cursor.tokens[cursor.at - 1]?.text === "time";
  const worded = zoneWords(cursor) || said;
  if (needsWord && !worded) return null;
  return cursor.at > from ? { kind: "zone", zone } : null;
}

/** "in the US", "in Australia": more than one zone. */
function readUnclearPlace(cursor: Cursor): Clause | null {
  for (let words = 2; words > 0; words--) {
    const name = Array.from({ length: words }, (_, ahead) => cursor.peek(ahead).text).join(" ");
    const zones = UNCLEAR_ZONES.get(name);
    if (zones === undefined || (name.length === 3 && name !== "usa")) continue;
    cursor.at += words;
    const options = zones.map((zone): Clause => ({ kind: "zone", zone }));
    return { kind: "choice", choice: { question: `"${name}" has several time zones. Which one?`, options } };
  }
  return null;
}

/** "every day at 9am Berlin": a city with a capital that ends the schedule. */
function readClosingPlace(cursor: Cursor): Clause | null {
  const { at } = cursor;
  const token = cursor.peek();
  if (!/^[A-Z]/.test(cursor.source.slice(token.start, token.end))) return null;
  const zone = readPlace(cursor);
  if (zone === null || cursor.at === at) return null;
  return cursor.done || (cursor.peek().kind === "mark" && !cursor.peek().leads && cursor.peek().text !== "'")
    ? { kind: "zone", zone }
    : null;
}

/** "9 AM Pacific": with a capital, right behind a time. */
function readAmerican(cursor: Cursor): Clause | null {
  const word = cursor.take("eastern", "central", "mountain", "pacific");
  const token = cursor.tokens[cursor.at - 1];
  if (word === null || token === undefined || !/^[A-Z]/.test(cursor.source.slice(token.start, token.end))) return null;
  const zone = zoneOfPlace(`${word} time`);
  return zone === null ? null : { kind: "zone", zone };
}

/**
 * A zone.
 * @param capitals an abbreviation counts when it is in capitals: "every 2 hours EST"
 * @param afterTime a time of day stands right before: then a bare abbreviation counts
 */
export function readZone(cursor: Cursor, afterTime: boolean, capitals = false): Clause | null {
  const bracket = cursor.mark("(") !== null;
  const lead = cursor.take("in", "timezone", "zone", "tz") !== null || cursor.takeAll("time", "zone");
  if (lead) cursor.take("the");
  if (!lead && (cursor.takeAll("local", "time") || cursor.takeAll("my", "time") || cursor.takeAll("our", "time")))
    return { kind: "open" };
  const unclear = lead ? cursor.attempt(readUnclearPlace) : null;
  if (unclear !== null) return unclear;
  const clause =
    cursor.attempt(readIana) ??
    (lead || afterTime || (capitals && isCapitals(cursor)) ? cursor.attempt(readAbbreviation) : null) ??
    cursor.attempt((c) => readNamedPlace(c, !lead && !bracket)) ??
    (afterTime ? cursor.attempt(readClosingPlace) : null) ??
    (afterTime ? cursor.attempt(readAmerican) : null);
  if (clause === null) return null;
  cursor.mark(")");
  zoneWords(cursor);
  return clause;
}
