/** A grant as lines that a person changes, and back. Pure. */
import { ClawError } from "../errors.ts";
import { MAX_PATTERN } from "../policy/pattern.ts";
import { durationWords, parseDuration } from "../workflows/amounts.ts";
import { type GrantPattern, MOST_DAYS, MOST_USES } from "./grant.ts";

const DAY_MS = 86_400_000;

export interface GrantTerms {
  readonly pattern: GrantPattern;
  readonly uses: number;
  /** Milliseconds from now. */
  readonly lastsMs: number;
  readonly afterOutside: boolean;
}

/** One line an argument, then how often, how long, and whether also after outside text. */
export const grantLines = ({ pattern, uses, lastsMs, afterOutside }: GrantTerms): string =>
  [
    ...Object.entries(pattern).map(([name, value]) => `${name} = ${value}`),
    "---",
    `uses = ${uses}`,
    `lasts = ${durationWords(lastsMs)}`,
    `even after outside text = ${afterOutside ? "yes" : "no"}`,
  ].join("\n");

/**
 * Reads what {@link grantLines} writes, as a person changed it. An argument cannot be added: what is fixed can be loosened
 * with `*`, or fixed to something else.
 * @throws ClawError `invalid_input` naming the line and what to write instead
 */
export function readGrantLines(text: string, before: GrantTerms): GrantTerms {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const at = lines.findIndex((line) => /^-{3,}$/.test(line.trim()));
  const above = at === -1 ? [] : lines.slice(0, at);
  const below = at === -1 ? lines : lines.slice(at + 1);
  const pattern: Record<string, string> = { ...before.pattern };
  for (const line of above.filter((each) => each.trim() !== "")) {
    const [name, value] = keyed(line);
    if (!Object.hasOwn(before.pattern, name)) {
      throw wrong(
        `"${name}" is no argument of the call. They are: ${Object.keys(before.pattern).join(", ") || "none"}.`,
      );
    }
    if (value === "" || value.length > MAX_PATTERN * 20) throw wrong(`${name}: write a value, or * for anything.`);
    pattern[name] = value;
  }
  let { uses, lastsMs, afterOutside } = before;
  for (const line of below.filter((each) => each.trim() !== "")) {
    const [name, value] = keyed(line);
    switch (name.toLowerCase()) {
      case "uses":
        uses = /^\d{1,6}$/.test(value) ? Number(value) : 0;
        if (uses < 1 || uses > MOST_USES) throw wrong(`uses: write a whole number from 1 to ${MOST_USES}.`);
        break;
      case "lasts":
        lastsMs = parseDuration(value) ?? 0;
        if (lastsMs < 60_000 || lastsMs > MOST_DAYS * DAY_MS) {
          throw wrong(`lasts: write a time from 1 min to ${MOST_DAYS} d, such as 30 d.`);
        }
        break;
      case "even after outside text":
        if (!/^(?:yes|no)$/i.test(value)) throw wrong("even after outside text: write yes or no.");
        afterOutside = value.toLowerCase() === "yes";
        break;
      default:
        throw wrong(`"${name}" can not be set here. Below the line stand: uses, lasts, even after outside text.`);
    }
  }
  return { pattern, uses, lastsMs, afterOutside };
}

function keyed(line: string): [string, string] {
  const [, name, value] = /^\s*([^=]+?)\s*=\s?(.*)$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) throw wrong(`"${line.slice(0, 60)}": write a name, = and a value.`);
  return [name, value.trim()];
}

const wrong = (what: string): ClawError => new ClawError("invalid_input", what);
