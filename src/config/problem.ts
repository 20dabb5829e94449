/** What is wrong with a configuration, by the name of the key and never with its value. Pure. */
import { distance } from "fastest-levenshtein";

export interface Problem {
  /** An environment variable, a dotted path in `claw.config.yaml`, or the file itself. */
  readonly key: string;
  /** Reads on after the key: `must be a port from 0 to 65535`. Holds no value. */
  readonly problem: string;
}

/** Everything that is wrong with the configuration at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const width = Math.min(40, Math.max(...problems.map(({ key }) => key.length)));
    const count = problems.length === 1 ? "one problem" : `${problems.length} problems`;
    super(
      [
        `The configuration has ${count}:`,
        ...problems.map(({ key, problem }) => `  ${key.padEnd(width)}  ${problem}`),
      ].join("\n"),
    );
    this.problems = problems;
  }
}

/** @returns the known name that was probably meant, or null when none is near */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** The problem of a key that nothing reads. */
export function unknownKey(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null ? `is not known; known are ${known.join(", ")}` : `is not known; did you mean ${near}?`;
}
