/** Where a JSON text goes wrong. `JSON.parse` does not always say, and a model that is told can correct itself. */

export interface JsonFault {
  /** Offset in UTF-16 units, from 0. */
  readonly position: number;
  readonly expected: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
/** As much of a string as is well formed. */
const STRING_PART = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y;

/** The first place where the text stops being JSON; null when it is JSON. Keeps its own stack, so depth is no danger. */
export function jsonFault(text: string): JsonFault | null {
  const open: ("{" | "[")[] = [];
  let at = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  const next = (): string => {
    eat(SPACE);
    return text.charAt(at);
  };
  const fault = (expected: string): JsonFault => ({ position: at, expected });
  const stringFault = (): JsonFault => {
    eat(STRING_PART);
    return fault(at >= text.length ? 'the closing " of a text' : "an escaped character in a text");
  };
  let state: "value" | "first" | "key" | "after" = "value";
  for (;;) {
    const character = next();
    if (state === "after") {
      const inside = open.at(-1);
      if (inside === undefined) return character === "" ? null : fault("nothing after the value");
      const close = inside === "{" ? "}" : "]";
      if (character === close) open.pop();
      else if (character === ",") state = inside === "{" ? "key" : "value";
      else return fault(`"," or "${close}"`);
      at += 1;
      continue;
    }
    const closes = state === "first" && character === (open.at(-1) === "{" ? "}" : "]");
    if (closes) {
      at += 1;
      open.pop();
      state = "after";
      continue;
    }
    if (state === "key" || (state === "first" && open.at(-1) === "{")) {
      if (character !== '"') return fault('a key in "quotes"');
      if (!eat(STRING)) return stringFault();
      if (next() !== ":") return fault('":"');
      at += 1;
      state = "value";
      continue;
    }
    if (character === "{" || character === "[") {
      open.push(character);
      at += 1;
      state = "first";
      continue;
    }
    if (character === '"') {
      if (!eat(STRING)) return stringFault();
    } else if (!eat(SCALAR)) {
      return fault("a value");
    }
    state = "after";
  }
}
