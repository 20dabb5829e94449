/** Which version of a page an answer is, and how its server is asked whether it still is that one (RFC 9110, section 13). Pure. */
import type { GivenVersion } from "../contract.ts";
import type { HttpAnswer } from "./exchange.ts";

/** An entity tag as RFC 9110 writes it, weak or strong: for `If-None-Match` the two are compared alike. */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]{0,500}"$/;
/** What the answer is chosen by and every request of Claw's says in the same way, or says as the source is named. */
const OF_THE_SOURCE: ReadonlySet<string> = new Set(["accept", "accept-encoding", "accept-language"]);
const SECOND_MS = 1_000;

/** What the server may be asked about later. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/**
 * @param own names of headers that are part of what the source is called
 * @param secret the request carried a secret, which another one may have replaced by the next time
 */
export function validatorsOf(
  { etag, lastModified, vary, date }: Pick<HttpAnswer, "etag" | "lastModified" | "vary" | "date">,
  own: ReadonlySet<string>,
  secret: boolean,
): Validators {
  const chosenBy = (vary ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  // The same request may be answered by something else: nothing that was said then holds now.
  if (chosenBy.includes("*")) return { etag: null, lastModified: null };
  if (etag !== null && ETAG.test(etag)) return { etag, lastModified: null };
  // A tag tells one version of a page from another; a time does not, so it must be of the same choice.
  const sameChoice = !secret && chosenBy.every((name) => OF_THE_SOURCE.has(name) || own.has(name));
  // Within the second in which it was changed it may have been changed again.
  const settled = Date.parse(date ?? "") - Date.parse(lastModified ?? "") >= SECOND_MS;
  return { etag: null, lastModified: sameChoice && settled ? lastModified : null };
}

/** The headers that ask; null when there is nothing to ask by. */
export function conditionsOf({ etag, lastModified }: Validators): Readonly<Record<string, string>> | null {
  if (etag !== null) return { "if-none-match": etag };
  return lastModified === null ? null : { "if-modified-since": lastModified };
}

/** Asking is the caller's own business then. */
export const asksItself = (headers: Readonly<Record<string, string>>): boolean =>
  ["if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"].some(
    (name) => headers[name] !== undefined,
  );

export const unchangedWords = ({ at }: GivenVersion): string =>
  `Not modified since ${new Date(at).toISOString()}, when a run of this workflow was given it.`;
