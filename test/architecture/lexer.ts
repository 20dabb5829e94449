/** Reads which modules a TypeScript file names, and its code without comments, text and patterns. */

export interface Import {
  /** Null: an import whose target is computed, so that nobody can say what it brings in. */
  readonly specifier: string | null;
  readonly typeOnly: boolean;
}

export interface Lexed {
  /** Comments are gone, a text is `"§n"`, a pattern is `/§/`, of a template only the code in `${}` is left. */
  readonly code: string;
  readonly texts: readonly string[];
}

const WORDS_BEFORE_PATTERN = /(?:^|[^\w$.])(?:return|typeof|case|of|in|do|else|await|yield|void|delete|throw)$/;
const SIGNS_BEFORE_PATTERN = /(?:^|[(,=:[!&|?{;+\-*%~^]|=>)$/;

/** Whether a `/` after this code begins a pattern; after an operand it divides, after `<` it closes an element. */
function beginsPattern(before: string): boolean {
  const code = before.trimEnd();
  return SIGNS_BEFORE_PATTERN.test(code) || WORDS_BEFORE_PATTERN.test(code);
}

export function lex(source: string): Lexed {
  const texts: string[] = [];
  let code = "";
  let at = 0;
  /** For each open `${`, how many `{` are open inside it. */
  const templates: number[] = [];

  const keep = (text: string) => {
    texts.push(text);
    code += `"§${texts.length - 1}"`;
  };
  /** Skips the text of a template up to its end or to a `${`. */
  const skipTemplate = () => {
    for (; at < source.length; at += 1) {
      if (source[at] === "\\") at += 1;
      else if (source[at] === "`") {
        at += 1;
        code += "``";
        return;
      } else if (source.startsWith("${", at)) {
        at += 2;
        code += " ";
        templates.push(0);
        return;
      }
    }
  };

  while (at < source.length) {
    const rest = source.slice(at, at + 2);
    const sign = source[at] ?? "";
    if (rest === "//" || rest === "/*") {
      const end = rest === "//" ? source.indexOf("\n", at) : source.indexOf("*/", at + 2);
      const comment = source.slice(at, end < 0 ? source.length : end);
      code += comment.replace(/[^\n]+/g, " ");
      at = end < 0 ? source.length : end + (rest === "/*" ? 2 : 0);
    } else if (sign === '"' || sign === "'") {
      const literal = sign === '"' ? /"(?:[^"\\\n]|\\[\s\S])*"/y : /'(?:[^'\\\n]|\\[\s\S])*'/y;
      literal.lastIndex = at;
      const match = literal.exec(source);
      // An apostrophe in the text of an element has no partner on its line.
      if (match === null) at += 1;
      else {
        keep(match[0].slice(1, -1));
        at += match[0].length;
      }
    } else if (sign === "`") {
      at += 1;
      skipTemplate();
    } else if (sign === "}" && templates.at(-1) === 0) {
      templates.pop();
      at += 1;
      skipTemplate();
    } else if (sign === "/" && beginsPattern(code)) {
      const pattern = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      code += match === null ? sign : "/§/";
      at += match === null ? 1 : match[0].length;
    } else {
      const open = templates.length - 1;
      if (open >= 0 && sign === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && sign === "}") templates[open] = (templates[open] ?? 0) - 1;
      code += sign;
      at += 1;
    }
  }
  return { code, texts };
}

const FROM = /\b(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]*?\bfrom\s*|(?<=import\s+))"§(\d+)"/g;
const TYPES_ONLY = /\{\s*(?:type\s+[\w$]+(?:\s+as\s+[\w$]+)?\s*,?\s*)+\}\s*from\s*"§\d+"$/;
const CALLED = /(?:\bimport|\brequire|\bcreateRequire\s*\([^()]*\))\s*\(\s*(?:"§(\d+)"\s*[,)]|(?=[^\s)]))/g;
const RESOLVING = /\bfunction\s*$|\.\s*$/;

/** Everything that a file imports: static, dynamic, re-exported, required, type-only too. */
export function importsOf({ code, texts }: Lexed): Import[] {
  const found: Import[] = [];
  for (const match of code.matchAll(FROM)) {
    const typeOnly = match[1] !== undefined || TYPES_ONLY.test(match[0]);
    found.push({ specifier: texts[Number(match[2])] ?? null, typeOnly });
  }
  for (const match of code.matchAll(CALLED)) {
    if (RESOLVING.test(code.slice(0, match.index))) continue;
    found.push({ specifier: match[1] === undefined ? null : (texts[Number(match[1])] ?? null), typeOnly: false });
  }
  return found;
}
