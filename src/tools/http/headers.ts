/** The request headers a model may set, and how they are shown. */
import { z } from "zod";
import { visible } from "../text.ts";

/** Ours to set (framing, routing), or a person's standing session. */
const RESERVED: ReadonlySet<string> = new Set(
  "accept-encoding connection content-length cookie expect host http2-settings idempotency-key keep-alive te trailer transfer-encoding upgrade".split(
    " ",
  ),
);
const TOKEN = /^[!#$%&'*+.^_`|~\w-]{1,100}$/;
/** Visible Latin-1, spaces and tabs: no CR, LF or NUL, which would end the header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]{0,4000}$/;
/** Names whose values are not shown. */
const SECRET_NAME = /auth|token|secret|passw|credential|signature|(?:^|[-_])sig$|api[-_]?key|(?:^|[-_])key$|session/i;

export const Headers = z
  .record(z.string(), z.string())
  .superRefine((headers, { addIssue }) => {
    if (Object.keys(headers).length > 30) addIssue("expected at most 30 headers");
    for (const [name, value] of Object.entries(headers)) {
      const path = [name.replace(/[^\x21-\x7e]/g, "?")];
      if (!TOKEN.test(name)) addIssue({ code: "custom", path, message: "not a header name" });
      else if (RESERVED.has(name.toLowerCase()) || /^proxy-/i.test(name)) {
        addIssue({ code: "custom", path, message: "may not be set; leave it out" });
      } else if (!VALUE.test(value)) {
        addIssue({ code: "custom", path, message: "expected plain text without line breaks" });
      }
    }
  })
  .optional();

/** Lower-cased names; of two spellings of one name the last stands. */
export const lowerCased = (headers: Readonly<Record<string, string>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));

export const shownHeader = (name: string, value: string): string =>
  `${name}: ${SECRET_NAME.test(name) ? "(hidden)" : visible(value)}`;

/** A URL as people may see it: the values of parameters that look like secrets are hidden. */
export function shownUrl(url: URL): string {
  const query = url.search
    .slice(1)
    .split("&")
    .map((pair) => (SECRET_NAME.test(pair.split("=")[0] ?? "") ? `${pair.split("=")[0]}=(hidden)` : pair))
    .join("&");
  return visible(`${url.origin}${url.pathname}${query === "" ? "" : `?${query}`}`);
}

/** What may go along to another origin: a redirect must not carry a token to a stranger. */
export const forOtherOrigin = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /^(accept|accept-language|user-agent)$/.test(name)));
