/** A place in a phrase. Readers move it over what they understand and leave it where it was when they understand nothing. */
import { ENDING_MARKS, type Token } from "./tokens.ts";

const NOTHING: Token = { kind: "other", text: "", start: 0, end: 0, leads: true };

export class Cursor {
  readonly source: string;
  readonly tokens: readonly Token[];
  at: number;

  constructor(source: string, tokens: readonly Token[], at: number) {
    this.source = source;
    this.tokens = tokens;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? NOTHING;
  }

  /** The word here, or an empty string. */
  get word(): string {
    const token = this.peek();
    return token.kind === "word" ? token.text : "";
  }

  /** Moves over one of the words and returns it. */
  take(...words: readonly string[]): string | null {
    const { word } = this;
    if (word === "" || !words.includes(word)) return null;
    this.at += 1;
    return word;
  }

  /** Moves over these words in this order, or not at all. */
  takeAll(...words: readonly string[]): boolean {
    if (!words.every((word, ahead) => this.peek(ahead).kind === "word" && this.peek(ahead).text === word)) return false;
    this.at += words.length;
    return true;
  }

  mark(...marks: readonly string[]): string | null {
    const token = this.peek();
    if (token.kind !== "mark" || !marks.includes(token.text)) return null;
    this.at += 1;
    return token.text;
  }

  /** Digits here, at most `length` of them, as they stand. */
  digits(length: number): string | null {
    const token = this.peek();
    if (token.kind !== "number" || token.text.length > length) return null;
    this.at += 1;
    return token.text;
  }

  /** Runs a reader; when it understands nothing, the cursor stays. */
  attempt<T>(read: (cursor: Cursor) => T | null): T | null {
    const { at } = this;
    const value = read(this);
    if (value === null) this.at = at;
    return value;
  }

  /** True where one word ends and white space, the end or a mark that ends a clause follows. */
  get atBoundary(): boolean {
    for (let ahead = 0; ; ahead++) {
      const token = this.tokens[this.at + ahead];
      if (token === undefined || token.leads) return true;
      if (token.kind !== "mark" || !ENDING_MARKS.has(token.text)) return false;
      // "at 9am:check it", "at 9am,check it"
      const next = this.tokens[this.at + ahead + 1];
      if ((token.text === ":" || token.text === ",") && next?.kind === "word" && !next.leads) return true;
    }
  }

  /** The text from here to the next white space, without marks that end a clause; and how many tokens it is. */
  chunk(): { readonly text: string; readonly tokens: number } {
    let count = 1;
    while (this.tokens[this.at + count]?.leads === false) count += 1;
    let last = count;
    while (last > 1 && ENDING_MARKS.has(this.peek(last - 1).text)) last -= 1;
    return { text: this.source.slice(this.peek().start, this.peek(last - 1).end), tokens: last };
  }
}
