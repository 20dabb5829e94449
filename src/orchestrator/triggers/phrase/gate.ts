/** `only if GET https://x/y.json $.status is not "ok"`: a gate in words. Pure. */
import { type Condition, type Gate, READS_PAGES } from "../trigger.ts";
import { type Cursor, quoted, take, takeObject, takePath, takeQuoted } from "./scan.ts";

/** A phrase that works, shown where one did not. */
export const GATE_EXAMPLE = 'only if GET https://example.com/status.json $.status is not "ok"';

export type FoundGate =
  | { readonly kind: "none" }
  | {
      readonly kind: "gate";
      readonly gate: Gate;
      /** What stands before and behind it. */
      readonly before: string;
      readonly after: string;
    }
  /** It begins like a gate, and cannot be one. `before` is what stands in front. */
  | { readonly kind: "bad"; readonly reason: string; readonly before: string };

const OPENING = /(?:^|[\s,;])(only\s+(?:if|when)|if)\s+/giu;
const GET = /(?:GET\s+)?(https?:\/\/[^\s<>"“”]+)/iy;
const TOOL = /([a-z][a-z0-9]*_[a-z0-9_]{1,60})(?:\s+(?=\{)|(?=\{))/y;
const BLANK = /[\s,]*/y;
const SEPARATOR = /\s*(?:[,:;]|[-–—](?=\s))?\s*(?:then\s+)?/iy;

/**
 * Finds the first gate in a text. Words that only happen to say "only if" are none.
 * @param saysWhen whether a text is all about when: behind anything else a plain "if" belongs to what to do
 */
export function findGate(text: string, saysWhen: (before: string) => boolean): FoundGate {
  for (const opening of text.matchAll(OPENING)) {
    const [whole, word = ""] = opening;
    const before = text.slice(0, opening.index).trim().replace(/[,;]$/u, "");
    const cursor: Cursor = { text, at: opening.index + whole.length };
    const called = takeCall(cursor);
    if (!called) {
      if (word.toLowerCase() !== "if" && startsCall(text.slice(cursor.at))) {
        return { kind: "bad", before, reason: "I cannot read the call behind “only if”" };
      }
      continue;
    }
    take(cursor, BLANK);
    const path = takePath(cursor);
    take(cursor, BLANK);
    const condition = takeCondition(cursor);
    // A plain "if" is the beginning of many sentences: only what changed is meant as a gate.
    if (word.toLowerCase() === "if" && (condition?.kind !== "changed" || !saysWhen(before))) continue;
    if (!condition) {
      return { kind: "bad", before, reason: "behind “only if” and its call I need what must hold of the answer" };
    }
    take(cursor, SEPARATOR);
    return { kind: "gate", gate: { ...called, path, condition }, before, after: text.slice(cursor.at).trim() };
  }
  return { kind: "none" };
}

const startsCall = (text: string): boolean => /^(?:GET|POST|PUT|PATCH|DELETE|https?:)/u.test(text);

function takeCall(cursor: Cursor): Pick<Gate, "tool" | "input"> | null {
  const url = take(cursor, GET)?.[1];
  if (url !== undefined) {
    const plain = url.replace(/[,;]+$/u, "");
    cursor.at -= url.length - plain.length;
    return URL.canParse(plain) ? { tool: READS_PAGES, input: { url: plain } } : null;
  }
  const start = cursor.at;
  const tool = take(cursor, TOOL)?.[1];
  const input = tool === undefined ? null : takeObject(cursor);
  if (tool !== undefined && input) return { tool, input };
  cursor.at = start;
  return null;
}

const CHANGED =
  /(?:has\s+|have\s+|is\s+)?(?:changed|changes|(?:is\s+)?different)(?:\s+(?:since|from|than)\s+(?:the\s+)?last\s+(?:time|check|look))?(?![\w-])/iy;
const ABSENT = /(?:does\s+not|doesn['’]t)\s+exist(?![\w-])|is\s+missing(?![\w-])/iy;
const EXISTS = /exists(?![\w-])/iy;
const LACKS = /(?:does\s+not|doesn['’]t)\s+(?:contain|include|mention)\s+/iy;
const CONTAINS = /(?:contains|includes|mentions)\s+/iy;
const COMPARES: readonly (readonly [RegExp, Extract<Condition, { kind: "compares" }>["than"]])[] = [
  [/(?:is\s+)?(?:>=|≥)\s*|is\s+at\s+least\s+/iy, "at_least"],
  [/(?:is\s+)?(?:<=|≤)\s*|is\s+at\s+most\s+/iy, "at_most"],
  [/(?:is\s+)?>\s*|is\s+(?:greater|more|higher|bigger)\s+than\s+|is\s+(?:above|over)\s+|exceeds\s+/iy, "greater"],
  [/(?:is\s+)?<\s*|is\s+(?:less|lower|smaller|fewer)\s+than\s+|is\s+(?:below|under)\s+/iy, "less"],
];
const DIFFERS = /(?:is\s+not|isn['’]t|!==?|does\s+not\s+equal|doesn['’]t\s+equal|≠)\s*/iy;
const EQUALS = /(?:is|===?|=|equals)(?:\s+(?!\s)|(?=["“'‘`«„\d-]))/iy;
const NUMBER = /-?\d+(?:\.\d+)?(?=[\s,;:]|$)/y;
const WORD = /[^\s,;"“”]+/y;

function takeCondition(cursor: Cursor): Condition | null {
  if (take(cursor, CHANGED)) return { kind: "changed" };
  if (take(cursor, ABSENT)) return { kind: "exists", not: true };
  if (take(cursor, EXISTS)) return { kind: "exists", not: false };
  for (const not of [true, false]) {
    if (!take(cursor, not ? LACKS : CONTAINS)) continue;
    const text = takeText(cursor);
    return text === null || text === "" ? null : { kind: "contains", text, not };
  }
  for (const [pattern, than] of COMPARES) {
    if (!take(cursor, pattern)) continue;
    const number = take(cursor, NUMBER)?.[0];
    return number === undefined ? null : { kind: "compares", than, number: Number(number) };
  }
  for (const not of [true, false]) {
    if (!take(cursor, not ? DIFFERS : EQUALS)) continue;
    const value = takeValue(cursor);
    return value === undefined ? null : { kind: "equals", value, not };
  }
  return null;
}

function takeText(cursor: Cursor): string | null {
  return takeQuoted(cursor) ?? take(cursor, WORD)?.[0].replace(/[.:]+$/u, "") ?? null;
}

const LITERALS = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function takeValue(cursor: Cursor): string | number | boolean | null | undefined {
  const said = takeQuoted(cursor);
  if (said !== null) return said;
  const number = take(cursor, NUMBER)?.[0];
  if (number !== undefined) return Number(number);
  const word = takeText(cursor);
  if (word === null || word === "") return undefined;
  const literal = LITERALS.get(word.toLowerCase());
  return literal === undefined ? word : literal;
}

const THAN = {
  greater: "is greater than",
  less: "is less than",
  at_least: "is at least",
  at_most: "is at most",
} as const;

/** What must hold, in words that are read as the same again. */
export function conditionWords(condition: Condition): string {
  switch (condition.kind) {
    case "changed":
      return "changed";
    case "exists":
      return condition.not ? "does not exist" : "exists";
    case "equals": {
      const { value } = condition;
      return `${condition.not ? "is not" : "is"} ${typeof value === "string" ? quoted(value) : String(value)}`;
    }
    case "contains":
      return `${condition.not ? "does not contain" : "contains"} ${quoted(condition.text)}`;
    case "compares":
      return `${THAN[condition.than]} ${condition.number}`;
  }
}

/** `GET https://x/y.json $.status`: what a gate looks at. */
export function callWords({ tool, input, path }: Pick<Gate, "tool" | "input" | "path">): string {
  const isGet = tool === READS_PAGES && Object.keys(input).length === 1 && typeof input.url === "string";
  const call = isGet ? `GET ${String(input.url)}` : `${tool} ${JSON.stringify(input)}`;
  return path === null ? call : `${call} ${path}`;
}

/** A gate in words that are read as the same gate again. */
export const gateWords = (gate: Gate): string => `only if ${callWords(gate)} ${conditionWords(gate.condition)}`;
