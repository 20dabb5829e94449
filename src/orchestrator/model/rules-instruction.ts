/** What the rules model makes of an instruction: pages to read, tools to use, and whether only a change matters. Pure. */

/** Pages read in one run; the rest is named in the report. */
export const MAX_PAGES = 8;

export interface Argument {
  readonly key: string;
  readonly value: string;
  /** Quoted values stay text where the tool takes text. */
  readonly quoted: boolean;
}

export interface UseCall {
  readonly tool: string;
  readonly args: readonly Argument[];
}

export interface Plan {
  /** In order, each once, at most {@link MAX_PAGES}. */
  readonly urls: readonly string[];
  /** How many more it named. */
  readonly urlsLeftOut: number;
  /** Only a change is worth a word. Never without a URL. */
  readonly onChange: boolean;
  /** Calls of one group go out together; `then` begins the next group, which needs the one before it. */
  readonly uses: readonly (readonly UseCall[])[];
}

/** @param tools names the run may call: `use less paper` is a call only when there is a tool `less` */
export function planOf(instruction: string, tools: ReadonlySet<string>): Plan {
  const { groups, rest } = readUses(instruction, tools);
  const urls = [...new Set(urlsIn(rest))];
  return {
    urls: urls.slice(0, MAX_PAGES),
    urlsLeftOut: Math.max(urls.length - MAX_PAGES, 0),
    onChange: urls.length > 0 && ON_CHANGE.test(rest.replaceAll(URL_IN_TEXT, " ")),
    uses: groups,
  };
}

const URL_IN_TEXT = /https?:\/\/[^\s<>"'`|“”]+/gi;
const ON_CHANGE =
  /\b(?:when|whenever|if|once|unless|until)\b[^.;\n]{0,80}?\bchang|\bon (?:a |any |every )?change\b|\bchanged\b|\b(?:any|for) changes?\b/i;

function urlsIn(text: string): string[] {
  return [...text.matchAll(URL_IN_TEXT)].map(([url]) => trimmed(url)).filter((url) => URL.canParse(url));
}

const BRACKETS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Without the punctuation of the sentence around it; a bracket that the URL opened stays. */
function trimmed(url: string): string {
  const count = (char: string) => url.split(char).length - 1;
  const unopened = new Map(Object.entries(BRACKETS).map(([close, open]) => [close, count(close) - count(open)]));
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1] ?? "";
    const surplus = unopened.get(last);
    if (surplus !== undefined ? surplus <= 0 : !".,;:!?*_".includes(last)) break;
    if (surplus !== undefined) unopened.set(last, surplus - 1);
  }
  return url.slice(0, end);
}

/** `use name …`, or after another call `; name …`, `then name …`. */
const CALL = /(?:(?<![\w-])(use)\s+|(?:;|\n|\bthen\b)\s*(?!use\s))`?([a-z][a-z0-9_]{0,63})(?![\w=-])`?/gi;

function readUses(text: string, tools: ReadonlySet<string>): { groups: UseCall[][]; rest: string } {
  const groups: UseCall[][] = [];
  let rest = "";
  let from = 0;
  CALL.lastIndex = 0;
  for (let match = CALL.exec(text); match; match = CALL.exec(text)) {
    const tool = (match[2] ?? "").toLowerCase();
    const { args, end } = readArguments(text, CALL.lastIndex);
    const known = tools.has(tool);
    const isCall = match[1]
      ? args.length > 0 || known || tool.includes("_")
      : known && args.length > 0 && groups.length > 0;
    if (!isCall) {
      // What follows may itself begin a call: "then use …".
      CALL.lastIndex = match.index + 1;
      continue;
    }
    const between = text.slice(from, match.index + match[0].length);
    const group = groups.at(-1);
    if (group && !/\bthen\b/i.test(between)) group.push({ tool, args });
    else groups.push([{ tool, args }]);
    rest += `${text.slice(from, match.index)} `;
    from = end;
    CALL.lastIndex = end;
  }
  return { groups, rest: rest + text.slice(from) };
}

const KEY = /(?:[^\S\n]|,)+([A-Za-z_][\w-]*)=/y;

function readArguments(text: string, start: number): { args: Argument[]; end: number } {
  const args: Argument[] = [];
  let end = start;
  for (;;) {
    KEY.lastIndex = end;
    const key = KEY.exec(text)?.[1];
    if (key === undefined) return { args, end };
    const read = readValue(text, KEY.lastIndex);
    args.push({ key, value: read.value, quoted: read.quoted });
    end = read.end;
  }
}

interface Value {
  readonly value: string;
  readonly quoted: boolean;
  readonly end: number;
}

/** Chat clients turn quotes into typographic ones. */
const QUOTED = /"((?:[^"\\]|\\.)*)"|“((?:[^”\\]|\\.)*)”|'((?:[^'\\]|\\.)*)'|‘((?:[^’\\]|\\.)*)’/sy;
const BARE = /[^\s;]*/y;

function readValue(text: string, start: number): Value {
  QUOTED.lastIndex = start;
  const quoted = QUOTED.exec(text);
  if (quoted) {
    const inner = quoted.slice(1).find((group) => group !== undefined) ?? "";
    return { value: unescaped(inner), quoted: true, end: QUOTED.lastIndex };
  }
  const json = jsonEnd(text, start);
  if (json !== null) return { value: text.slice(start, json), quoted: false, end: json };
  BARE.lastIndex = start;
  const bare = (BARE.exec(text)?.[0] ?? "").replace(/,$/, "");
  // Chat platforms put links between angle brackets, with what is shown after a bar.
  const value = bare.replace(/^<(https?:[^|>]*)(?:\|[^>]*)?>$/, "$1");
  return { value, quoted: false, end: start + bare.length };
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char));

/** Characters an object or array may have. */
const JSON_LIMIT = 5_000;

/** Where the object or array that begins here ends; null when there is none. */
function jsonEnd(text: string, start: number): number | null {
  if (text[start] !== "{" && text[start] !== "[") return null;
  let depth = 0;
  const limit = Math.min(text.length, start + JSON_LIMIT);
  for (let at = start; at < limit; at++) {
    const char = text[at];
    if (char === '"') {
      QUOTED.lastIndex = at;
      if (!QUOTED.exec(text)) return null;
      at = QUOTED.lastIndex - 1;
    } else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return parses(text.slice(start, at + 1)) ? at + 1 : null;
  }
  return null;
}

const parses = (text: string): boolean => parseJson(text) !== undefined;

/** @returns undefined when it is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
