/** What a JSONPath (RFC 9535) finds in a value. */
import { jsonpath } from "json-p3";
import { fail, ok, type ToolResult } from "./contract.ts";

type Json = Parameters<typeof jsonpath.query>[1];

/** Values that a path is followed into at most. */
const MAX_FOUND = 1_000;

/** @returns what was found, in the order of the document; `invalid_input` for a path that cannot be read */
export function findByPath(path: string, value: unknown): ToolResult<readonly unknown[]> {
  try {
    return ok(
      jsonpath
        .compile(path)
        .query(value as Json)
        .values()
        .slice(0, MAX_FOUND),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : "";
    return fail(
      "invalid_input",
      `${path} is no JSON path${why ? ` (${why})` : ""}; write it like $.status or $.items[0].name`,
    );
  }
}

/** Null when the path can be read, else what is wrong with it. */
export function pathFault(path: string): string | null {
  const found = findByPath(path, {});
  return found.ok ? null : found.error.message;
}
