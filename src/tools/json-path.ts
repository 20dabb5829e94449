/** What a JSONPath (RFC 9535) finds in a value. The work it may make is bounded: people and models write paths, and so may others. */
import { type JSONPathQuery, jsonpath } from "json-p3";
import { within } from "./bounded.ts";
import { fail, ok, type ToolResult } from "./contract.ts";

type Json = Parameters<JSONPathQuery["query"]>[0];

/** Values that a path is followed into at most. */
export const MAX_FOUND = 1_000;
/** Milliseconds that following a path may take; an ordinary one takes a few. */
const MAX_MS = 250;
const MAX_PATH = 1_000;
const SHOWN = 200;

const shown = (path: string): string => (path.length > SHOWN ? `${path.slice(0, SHOWN)}…` : path);
const why = (error: unknown): string => (error instanceof Error ? ` (${error.message.split("\n")[0]})` : "");

/** @returns what was found, in the order of the document; `invalid_input` for a path that cannot be read or followed */
export function findByPath(path: string, value: unknown): ToolResult<readonly unknown[]> {
  const query = compiled(path);
  if (!query.ok) return query;
  try {
    const found = within(MAX_MS, () => firstOf(query.value, value));
    return found
      ? ok(found.value)
      : fail("invalid_input", `${shown(path)} takes too long to follow here; write a path that searches less`);
  } catch (error) {
    return fail("invalid_input", `${shown(path)} cannot be followed here${why(error)}; write a plainer path`);
  }
}

/** Null when the path can be read, else what is wrong with it. */
export function pathFault(path: string): string | null {
  const query = compiled(path);
  return query.ok ? null : query.error.message;
}

function compiled(path: string): ToolResult<JSONPathQuery> {
  if (path.length > MAX_PATH) return fail("invalid_input", `a JSON path has at most ${MAX_PATH} characters`);
  try {
    const query = within(MAX_MS, () => jsonpath.compile(path));
    if (query) return ok(query.value);
    return fail("invalid_input", `${shown(path)} takes too long to read; write a plainer path`);
  } catch (error) {
    return fail(
      "invalid_input",
      `${shown(path)} is no JSON path${why(error)}; write it like $.status or $.items[0].name`,
    );
  }
}

function firstOf(query: JSONPathQuery, value: unknown): readonly unknown[] {
  const found: unknown[] = [];
  for (const node of query.lazyQuery(value as Json)) {
    found.push(node.value);
    if (found.length === MAX_FOUND) break;
  }
  return found;
}
