/** JSON as it comes over the wire: nothing about it is known before it is looked at. Pure. */

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text, or the empty one when it is anything else. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The objects of a list; none when it is no list. */
export const objectsOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Parsed JSON, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Without the keys whose value is undefined, as Slack leaves out what is not there. */
export function present(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}

export const copyOf = <T>(value: T): T => structuredClone(value);
