/** What a half-typed line may become, each with a hint: for platforms that offer choices while people type. Pure. */
import { completions } from "./complete.ts";

export interface Choice {
  /** The whole line. */
  readonly line: string;
  /** Small words behind it; empty when it says enough. */
  readonly hint: string;
}

export interface ChoiceContext {
  readonly workflows: readonly string[];
  /** The newest first. */
  readonly runs: readonly { readonly number: number; readonly words: string }[];
  /** IANA names. */
  readonly zones: readonly string[];
  /** When a line that says when and what would come next, in words; null when it does not. */
  readonly nextOf: (line: string) => string | null;
}

const MOST = 25;
/** A line that is followed by the number of a run. */
const OF_RUN = /^(\s*(?:inspect|why|status|audit|cancel|retry|discard|replay|ack)\s+(?:run\s+)?#?)(\d{0,9})$/iu;
const OF_ZONE = /^(\s*timezone\s+)(\S*)$/iu;
/** A line that only says when. */
const STAND_IN = "do it";

/** At most 25; what was typed comes first when it says when and what already. */
export function choices(typed: string, context: ChoiceContext): readonly Choice[] {
  const offered = [...asTyped(typed, context), ...ofRuns(typed, context), ...ofZones(typed, context)];
  // Some clients keep a blank at the end to themselves.
  const further = /\S$/u.test(typed) ? completions(`${typed} `, context) : [];
  const completed = [...further, ...completions(typed, context)].map((line) => ({
    line,
    hint: /^(?:every|tomorrow)\b/iu.test(line.trim()) ? next(`${line.trim()} ${STAND_IN}`, context) : "",
  }));
  const all = [...offered, ...completed];
  return all.filter(({ line }, at) => all.findIndex((one) => one.line === line) === at).slice(0, MOST);
}

function next(line: string, { nextOf }: ChoiceContext): string {
  const words = nextOf(line);
  return words === null ? "" : `next ${words}`;
}

function asTyped(typed: string, context: ChoiceContext): readonly Choice[] {
  const line = typed.trim();
  if (line === "") return [];
  const hint = next(line, context);
  if (hint !== "") return [{ line, hint }];
  const when = next(`${line} ${STAND_IN}`, context);
  return when === "" ? [] : [{ line, hint: `${when}; go on with what to do` }];
}

function ofRuns(typed: string, { runs }: ChoiceContext): readonly Choice[] {
  const [, before, digits] = OF_RUN.exec(typed) ?? [];
  if (before === undefined || digits === undefined) return [];
  return runs
    .filter(({ number }) => String(number).startsWith(digits))
    .map(({ number, words }) => ({ line: `${before}${number}`, hint: words }));
}

function ofZones(typed: string, { zones }: ChoiceContext): readonly Choice[] {
  const [, before, part] = OF_ZONE.exec(typed) ?? [];
  if (before === undefined || part === undefined) return [];
  const wanted = part.toLowerCase().replace(/ /gu, "_");
  const [starting, containing] = [
    zones.filter((zone) => zone.toLowerCase().startsWith(wanted)),
    zones.filter((zone) => zone.toLowerCase().includes(`/${wanted}`)),
  ];
  return [...containing, ...starting].map((zone) => ({ line: `${before}${zone}`, hint: "" }));
}
