/** Part of a JSON answer, by a path. */
import { fail, ok, type ToolResult } from "../contract.ts";
import { findByPath, MAX_FOUND } from "../json-path.ts";
import { withoutSecrets } from "../secret-text.ts";
import { cut, storable } from "../text.ts";
import type { HttpAnswer } from "./exchange.ts";
import { decode, digestOf, MAX_TEXT, type Page } from "./page.ts";

/**
 * What a path finds in an answer, as a JSON list of as many values as can be shown.
 * @param hidden secrets that the request carried
 * @returns `too_large` when only a part of the answer was read, `invalid_output` when it is no JSON, `invalid_input` for the path
 */
export function selected(
  path: string,
  { content, contentType }: Pick<HttpAnswer, "content" | "contentType">,
  host: string,
  hidden: readonly string[],
): ToolResult<Page> {
  if (content.truncated) return fail("too_large", `what ${host} answers is over 1 MiB, too long to select from`);
  let value: unknown;
  try {
    value = JSON.parse(withoutSecrets(decode(content.bytes, contentType, false), hidden));
  } catch {
    return fail("invalid_output", `what ${host} answers is no JSON, so it has no ${path}; read it without select`);
  }
  const found = findByPath(path, value);
  if (!found.ok) return found;
  const values = found.value.map((each) => JSON.stringify(storable(each)));
  const shown: string[] = [];
  let length = 2;
  for (const each of values) {
    length += each.length + 1;
    if (length > MAX_TEXT && shown.length > 0) break;
    shown.push(each);
  }
  const text = cut(`[${shown.join(",")}]`, MAX_TEXT);
  return ok({
    title: null,
    text: text.text,
    truncated: text.truncated || shown.length < values.length || values.length === MAX_FOUND,
    digest: digestOf(`[${values.join(",")}]`),
  });
}
