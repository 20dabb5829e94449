/** Names of time zones: IANA's own, cities, countries and abbreviations. */
import { distance } from "fastest-levenshtein";
import { ABBREVIATED_ZONES, PLACE_ZONES, UNCLEAR_ZONES } from "./cities.ts";

const IANA = new Map(Intl.supportedValuesOf("timeZone").map((name) => [name.toLowerCase(), name]));

/** `Europe/Paris` is named after the city `paris`. */
const CITIES = new Map(
  [...IANA.values()]
    .filter((name) => /^(Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[^/]+$/.test(name))
    .map((name): [string, string] => [
      name
        .slice(name.indexOf("/") + 1)
        .replaceAll("_", " ")
        .toLowerCase(),
      name,
    ])
    // "in easter week", "at wake time": these are words first.
    .filter(([city]) => !["easter", "wake", "midway", "resolute", "thule"].includes(city)),
);

/** IANA names without an area that are no abbreviation of something else. */
const BARE = ["utc", "cet", "eet", "wet", "met"];

/** The first words of all names that a zone can have without a slash. */
const FIRST_WORDS: ReadonlySet<string> = new Set(
  [...CITIES.keys(), ...PLACE_ZONES.keys(), ...ABBREVIATED_ZONES.keys(), ...UNCLEAR_ZONES.keys(), ...BARE].map(
    (name) => name.split(" ")[0] ?? name,
  ),
);

/** True when the name of a city, a country or a zone begins with this lower-case word. */
export const zoneNameBegins = (word: string): boolean => FIRST_WORDS.has(word);

const AREAS =
  /^(africa|america|antarctica|arctic|asia|atlantic|australia|brazil|canada|chile|etc|europe|indian|mexico|pacific|us)\//i;

const valid = new Map<string, boolean>();

function engineKnows(name: string): boolean {
  const known = valid.get(name);
  if (known !== undefined) return known;
  let knows = true;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
  } catch {
    knows = false;
  }
  if (valid.size > 1000) valid.clear();
  valid.set(name, knows);
  return knows;
}

/** `europe/paris` as IANA writes it; older and newer names of a zone both stand (`Europe/Kyiv`, `Europe/Kiev`). */
function written(name: string): string {
  const known = IANA.get(name.toLowerCase());
  if (known !== undefined) return known;
  if (/^[a-z]{3,4}$/i.test(name)) return name.toUpperCase();
  const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1).toLowerCase()}`;
  const usual = name
    .split("/")
    .map((part) =>
      part
        .split(/([_-])/)
        .map(capital)
        .join(""),
    )
    .join("/")
    .replace(/_(Of|Es|Au)_/g, (small) => small.toLowerCase())
    .replace(/^Us\//, "US/")
    .replace(/^Etc\/(Gmt|Utc|Uct)/, (small) => `Etc/${small.slice(4).toUpperCase()}`);
  return engineKnows(usual) ? usual : name;
}

/**
 * True for an IANA name, in any case: `Europe/Paris`, `UTC`, `CET`. False for a city, a country, an offset, and for
 * IANA's relics that mean a fixed offset where people mean a place (`EST`).
 */
export function isZone(name: string): boolean {
  if (name.length > 60 || !/^[a-z][a-z0-9_+/-]*$/i.test(name)) return false;
  return BARE.includes(name.toLowerCase()) || (name.includes("/") && engineKnows(name));
}

/** True for text in the form of an IANA name (`Europe/Pariss`), whether or not there is such a zone. */
export const looksLikeZone = (text: string): boolean =>
  AREAS.test(text) || /^[A-Z][A-Za-z_]+\/[A-Z][A-Za-z_]+$/.test(text);

/** The zone of a city or country (`paris`, `new york`, `japan`), null when it is not known. */
export function zoneOfPlace(text: string): string | null {
  const name = text.trim().toLowerCase();
  return PLACE_ZONES.get(name) ?? CITIES.get(name) ?? null;
}

/**
 * The IANA zone that a text names: an IANA name in any case, a big city, a country with one zone, or a usual
 * abbreviation (`EST` is New York's time, with its summer time). Null when it names none, or more than one (`IST`).
 */
export function zoneFor(text: string): string | null {
  const name = text.trim();
  if (/^(utc|gmt)$/i.test(name)) return "UTC";
  const abbreviation = ABBREVIATED_ZONES.get(name.toLowerCase());
  if (name.includes("/") && isZone(name)) return written(name);
  const offset = /^(?:utc|gmt)([+-])(\d{1,2})(?::?00)?$/i.exec(name);
  if (offset) {
    // POSIX turned the sign round: Etc/GMT-2 is two hours ahead.
    const hours = Number(offset[2]);
    const fixed = hours === 0 ? "UTC" : `Etc/GMT${offset[1] === "+" ? "-" : "+"}${hours}`;
    return isZone(fixed) ? fixed : null;
  }
  return abbreviation ?? zoneOfPlace(name.replaceAll("_", " ")) ?? null;
}

const HALF_HOURS: Readonly<Record<number, readonly string[]>> = {
  [-570]: ["Pacific/Marquesas"],
  [-210]: ["America/St_Johns"],
  210: ["Asia/Tehran"],
  270: ["Asia/Kabul"],
  330: ["Asia/Kolkata", "Asia/Colombo"],
  345: ["Asia/Kathmandu"],
  390: ["Asia/Yangon"],
  525: ["Australia/Eucla"],
  570: ["Australia/Darwin", "Australia/Adelaide"],
  630: ["Australia/Adelaide", "Australia/Lord_Howe"],
  765: ["Pacific/Chatham"],
};

/** Zones of an offset in minutes east of UTC: the fixed one of a whole hour, otherwise places; empty when there is none. */
export function zonesOfOffset(minutes: number): readonly string[] {
  if (minutes === 0) return ["UTC"];
  if (minutes % 60 !== 0) return HALF_HOURS[minutes] ?? [];
  const hours = minutes / 60;
  // POSIX turned the sign round: Etc/GMT-2 is two hours ahead.
  return hours >= -12 && hours <= 14 ? [`Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`] : [];
}

/** Two letters that changed places are one slip. */
function slips(one: string, two: string): number {
  const far = distance(one, two);
  return far === 2 && one.length === two.length && [...one].sort().join("") === [...two].sort().join("") ? 1 : far;
}

/** Up to three IANA names that a mistyped zone or city may mean, nearest first; empty when nothing is near. */
export function nearestZones(text: string): string[] {
  const name = text.trim().toLowerCase().replaceAll("_", " ").slice(0, 60);
  const city = name.slice(name.lastIndexOf("/") + 1);
  const far = (known: string): number =>
    Math.min(slips(name, known), name.includes("/") ? slips(name, known.slice(known.lastIndexOf("/") + 1)) : 99);
  const candidates: [string, string][] = [...PLACE_ZONES, ...CITIES];
  for (const [lower, zone] of IANA) candidates.push([lower.replaceAll("_", " "), zone]);
  const limit = Math.max(1, Math.floor(city.length / 4));
  const found = new Map<string, number>();
  for (const [known, zone] of candidates) {
    if (known.length < 4) continue;
    const best = Math.min(far(known), known.includes("/") ? 99 : slips(city, known));
    if (best <= limit && best < (found.get(zone) ?? 99)) found.set(zone, best);
  }
  return [...found]
    .sort((a, b) => a[1] - b[1] || a[0].localeCompare(b[0]))
    .slice(0, 3)
    .map(([zone]) => zone);
}
