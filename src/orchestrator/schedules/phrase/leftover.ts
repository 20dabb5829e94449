/** What stands behind a schedule and is still about when: to take it for the instruction would be a guess. */
import { isZone, zoneOfPlace } from "../zone.ts";
import { startsClause } from "./grammar.ts";
import type { Token } from "./tokens.ts";
import { monthNamed, numberNamed, ordinalNamed, partNamed, unitNamed, weekdayNamed } from "./vocabulary.ts";

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

/** No instruction begins with one of these. */
const NEVER = set(
  "until till til except excluding excepting starting beginning commencing ending or unless of past during overnight throughout am pm o'clock oclock ish h hrs hours minutes mins minute hour times onwards onward offset synchronized synchronised apart sharp between weekends weekend hundred respectively twice thrice approximately roughly mornings afternoons evenings nights outside inside today tomorrow tonight tea",
);

/** Points in a day that have no time of their own, and dates that have no name of their own. */
const MOMENTS = set(
  "noon midday midnight dawn dusk sunrise sunset breakfast dinner supper eod cob bedtime christmas easter today tomorrow yesterday tonight odd even alternate weekends weekend weekdays weekday",
);

const SEASONS = set("summer winter spring autumn summertime wintertime");

/** With a moment behind them these tell when. */
const PREPOSITIONS = set(
  "at on in by before after around about roughly approximately circa from through thru to till this next last the not no never only but save minus plus and also then twice once x every each for since early late mid within over bar omit aside all per a stop week day if around round z",
);

const HOLIDAYS = set("holiday holidays");

const isNumber = (token: Token | undefined): boolean =>
  token?.kind === "number" ||
  (token !== undefined && (numberNamed(token.text) !== null || ordinalNamed(token.text) !== null));

const isUnit = (token: Token | undefined): boolean =>
  token?.kind === "word" && token.text.length > 1 && unitNamed(token.text) !== null;

const isRank = (token: Token | undefined, suffix: Token | undefined): boolean =>
  token?.kind === "number" && suffix?.leads === false && ["st", "nd", "rd", "th"].includes(suffix.text);

/** A moment or a number stands here, so that a dash before it parts nothing. */
export const isTimeWord = (token: Token | undefined): boolean => token?.kind === "number" || isMoment(token);

/** A word that names a moment by itself. */
const isMoment = (token: Token | undefined): boolean =>
  token?.kind === "word" &&
  (weekdayNamed(token.text) !== null ||
    monthNamed(token.text) !== null ||
    partNamed(token.text) !== null ||
    MOMENTS.has(token.text));

const isCapital = (text: string, token: Token): boolean => /^[A-ZÀ-Þ]/.test(text.slice(token.start, token.end));

/** Places where work is done rather than time zones. */
const TOOLS = set("github gitlab slack discord jira linear notion google sentry confluence asana trello");

/** Words that begin an instruction as often as they go on about when: `may`, `march`, `second`, `sat`. */
const COMMON = set("may march mar sun sat second sec min wed");

/** What a schedule has said before the words that are judged. */
interface Said {
  /** A time or a distance. */
  readonly timed: boolean;
  /** A comma parts the two. */
  readonly comma: boolean;
  /** It names its zone. */
  readonly zoned?: boolean;
  /** It is a distance or a cron expression, which no part of the day goes with. */
  readonly distance?: boolean;
}

function afterPreposition(text: string, tokens: readonly Token[], at: number, said: Said): boolean {
  const [token, next, third] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (token === undefined || next === undefined) return false;
  switch (token.text) {
    case "in":
      if (next.kind === "other") return isCapital(text, next);
      if (next.kind === "number") return /^20\d\d$/.test(next.text);
      if (SEASONS.has(next.text) || (next.text === "the" && SEASONS.has(third?.text ?? ""))) return true;
      if (["the", "week", "weeks", "odd", "even", "q"].includes(next.text))
        return (
          next.text !== "the" ||
          isMoment(third) ||
          isUnit(third) ||
          isNumber(third) ||
          ["a", "p", "am", "pm"].includes(third?.text ?? "")
        );
      if (isCapital(text, next)) {
        if (next.kind !== "word" || TOOLS.has(next.text)) return false;
        return (
          !(third?.leads === false && third.text === "/") ||
          isZone(/^\S*/.exec(text.slice(next.start, next.start + 60))?.[0] ?? "")
        );
      }
      return next.kind === "word" && monthNamed(next.text) !== null;
    case "for":
      if (next.text === "the") return ["next", "rest"].includes(third?.text ?? "");
      return (
        ["ever", "forever", "another"].includes(next.text) ||
        ((isNumber(next) || next.text === "a" || next.text === "an") && isUnit(third))
      );
    case "within":
      return isNumber(next) || ["a", "an", "the"].includes(next.text);
    case "over":
      return SEASONS.has(next.text) || (next.text === "the" && (isMoment(third) || SEASONS.has(third?.text ?? "")));
    case "bar":
    case "omit":
      return isMoment(next);
    case "aside":
      return next.text === "from";
    case "all":
      return ["day", "night", "year", "week", "month"].includes(next.text);
    case "per":
    case "a":
      return ["hour", "day", "week", "month", "year"].includes(next.text);
    case "stop":
      return next.text === "after" && isNumber(third);
    case "round":
      return next.text === "the" && third?.text === "clock";
    case "z":
      return isCapital(text, token);
    case "this":
    case "next":
    case "last":
    case "every":
    case "each":
      return (
        isUnit(next) ||
        isMoment(next) ||
        (token.text.startsWith("e") && (isNumber(next) || next.text === "last" || startsClause(text, tokens, at)))
      );
    case "week":
    case "day":
      return next.kind === "number";
    case "if":
      return !said.timed;
    case "the":
      return isRank(next, third) || ["end", "start", "beginning"].includes(next.text);
    case "at":
      return (
        isNumber(next) ||
        isMoment(next) ||
        (["-", "the", "quarter", "half", "a", "exactly", "around", "about", "end", "close"].includes(next.text) &&
          next.text !== "a")
      );
    case "on":
      return (
        isNumber(next) ||
        isUnit(next) ||
        HOLIDAYS.has(next.text) ||
        (["public", "bank", "national", "school", "market"].includes(next.text) && HOLIDAYS.has(third?.text ?? "")) ||
        isMoment(next) ||
        startsClause(text, tokens, at) ||
        ((next.text === "the" || next.text === "every") && (isNumber(third) || third?.text === "last"))
      );
    case "x":
      return next.kind === "number" && !next.leads;
    case "twice":
    case "once":
      return startsClause(text, tokens, at) || next.text === "a";
    case "and":
    case "also":
    case "plus":
    case "then":
      if (next.text === "then") return false;
      return (
        isMoment(next) ||
        isNumber(next) ||
        (["am", "pm", "at", "on", "every", "each"].includes(next.text) && startsClause(text, tokens, at + 1)) ||
        ["am", "pm"].includes(next.text) ||
        (next.text === "a" && third?.text === "half") ||
        startsClause(text, tokens, at + 1) ||
        (isCapital(text, next) && ((said.zoned ?? false) || zoneOfPlace(next.text) !== null))
      );
    case "from":
    case "to":
    case "through":
    case "thru":
      return isNumber(next) || isMoment(next) || startsClause(text, tokens, at);
    case "only":
      return ["on", "in", "at", "during", "from", "between", "if"].includes(next.text) && next.text !== "if"
        ? true
        : isMoment(next);
    case "about":
    case "around":
      if (next.text === "the" && third?.text === "clock") return true;
      return isNumber(next) || isMoment(next);
    case "by":
      return isNumber(next) || (isMoment(next) && next.text !== "now");
    default:
      return isNumber(next) || isMoment(next) || (next.text === "on" && (isMoment(third) || isUnit(third)));
  }
}

function numberGoesOn(tokens: readonly Token[], at: number, comma: boolean): boolean {
  const [token, next, third] = [tokens[at], tokens[at + 1], tokens[at + 2]];
  if (token === undefined) return false;
  if (isRank(token, next)) return true;
  if (next?.leads === false && next.kind === "mark" && [":", "-", "/"].includes(next.text) && third?.leads === false)
    return true;
  if (
    next?.kind === "word" &&
    (isUnit(next) || ["am", "pm", "to", "until", "and", "through", "x"].includes(next.text))
  ) {
    return !(next.text === "and" && !isNumber(third)) && !(isUnit(next) && comma);
  }
  if (next?.text === "-" && third?.kind === "number") return true;
  if (/^20\d\d$/.test(token.text)) return true;
  // "at 9 30" may be half past nine; "at 9, 5 PRs" may be two times; "weekdays 9 check" may be one.
  return Number(token.text) < (comma ? 24 : 60);
}

/** True when the token behind a schedule goes on about when. */
export function goesOn(text: string, tokens: readonly Token[], at: number, said: Said): boolean {
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (token === undefined) return false;
  if (token.kind === "mark") {
    if (token.text === "(")
      return (
        next !== undefined &&
        (isMoment(next) || isNumber(next) || startsClause(text, tokens, at + 1) || zoneOfPlace(next.text) !== null)
      );
    return (
      (token.text === "@" && next?.kind === "number") ||
      (["-", "+", "/"].includes(token.text) && (!token.leads || isTimeWord(next)))
    );
  }
  if (token.kind === "number") return numberGoesOn(tokens, at, said.comma);
  if (token.kind === "other") return /^[×x]\d/.test(text.slice(token.start, token.end));
  if (token.kind !== "word") return false;
  if (NEVER.has(token.text)) return true;
  if (PREPOSITIONS.has(token.text) && afterPreposition(text, tokens, at, said)) return true;
  if (said.distance && partNamed(token.text) !== null) return true;
  if (COMMON.has(token.text))
    return (isNumber(next) && token.text.startsWith("m")) || (token.text === "may" && isCapital(text, token));
  if (weekdayNamed(token.text) !== null || monthNamed(token.text) !== null) return true;
  if (/^(?:utc|gmt)$/.test(token.text)) return true;
  if (["local", "server", "my", "our", "summer", "winter"].includes(token.text) && next?.text === "time") return true;
  if (["eastern", "pacific", "central", "mountain"].includes(token.text) && said.timed) return true;
  if ((ordinalNamed(token.text) !== null || token.text === "last") && startsClause(text, tokens, at)) return true;
  return said.timed && isCapital(text, token) && zoneOfPlace(token.text) !== null;
}

const FUNCTION_WORDS = set(
  "of in on at the and or to from by for a an but not only every each ev per than other once twice thrice times x before after until till nearest also next last this minus past offset am pm st nd rd th all either first second third",
);

/** True for a text in which every word is a word of time: nothing is left that could be done. */
export function isAllTime(tokens: readonly Token[], from: number, to: number): boolean {
  let content = false;
  for (let at = from; at < to; at++) {
    const token = tokens[at];
    if (token === undefined || token.kind === "other") return false;
    if (token.kind === "mark" || FUNCTION_WORDS.has(token.text)) continue;
    if (token.kind === "number" || isMoment(token) || isUnit(token) || isNumber(token)) {
      content = true;
      continue;
    }
    return false;
  }
  return content || to > from;
}
