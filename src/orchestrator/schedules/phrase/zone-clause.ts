/** Zones within a phrase: `Europe/Paris`, `in Tokyo`, `London time`, `9am EST`, `UTC+2`. */
import { UNCLEAR_ZONES } from "../cities.ts";
import { isZone, looksLikeZone, nearestZones, zoneFor, zoneOfPlace } from "../zone.ts";
import type { Cursor } from "./cursor.ts";
import type { Clause } from "./draft.ts";

/** Abbreviations that are words or names too count only in capitals. */
const SHY = ["et", "ct", "mt", "pt", "west", "met", "bst", "ast"];

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
  const unclear = UNCLEAR_ZONES.get(lower);
  const zone =
    lower.length <= 4 || /^(utc|gmt)[+-]/.test(lower) ? (zoneOfPlace(plain) === null ? zoneFor(plain) : null) : null;
  if (zone === null && unclear === undefined) return null;
  cursor.at += tokens;
  cursor.take("time", "timezone");
  if (zone !== null) return { kind: "zone", zone };
  const options = (unclear ?? []).map((name): Clause => ({ kind: "zone", zone: name }));
  return { kind: "choice", choice: { question: `"${plain}" is the time of several places. Which one?`, options } };
}

/** One to three words that name a city or a country, the longest first. */
function readPlace(cursor: Cursor): string | null {
  for (let words = 3; words > 0; words--) {
    const name: string[] = [];
    for (let ahead = 0; ahead < words && cursor.peek(ahead).kind === "word"; ahead++)
      name.push(cursor.peek(ahead).text);
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
 * @param afterTime a time of day stands right before: then a bare abbreviation counts
 */
export function readZone(cursor: Cursor, afterTime: boolean): Clause | null {
  cursor.mark("(");
  const lead = cursor.take("in", "timezone", "zone", "tz") !== null || cursor.takeAll("time", "zone");
  if (lead) cursor.take("the");
  const clause =
    cursor.attempt(readIana) ??
    (lead || afterTime ? cursor.attempt(readAbbreviation) : null) ??
    cursor.attempt((c) => readNamedPlace(c, !lead)) ??
    (afterTime ? cursor.attempt(readAmerican) : null);
  if (clause === null) return null;
  cursor.mark(")");
  zoneWords(cursor);
  return clause;
}
