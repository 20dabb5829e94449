/** What a run is told of what started it. Pure. */

/** Shorter is not worth cutting; characters. */
const LEAST = 200;

/**
 * The payload of a firing as text, cut to what fits, with the cut said. It is text of outsiders, unless it is the report of a
 * run that had read none.
 */
export function payloadText(
  payload: unknown,
  fits: (text: string) => boolean,
): { readonly text: string; readonly trust: "trusted" | "untrusted" } {
  const isClean =
    typeof payload === "object" &&
    payload !== null &&
    "kind" in payload &&
    payload.kind === "outcome" &&
    "tainted" in payload
      ? payload.tainted === false
      : false;
  const whole = JSON.stringify(payload) ?? "";
  return { text: fits(whole) ? whole : cut(whole, fits), trust: isClean ? "trusted" : "untrusted" };
}

function cut(whole: string, fits: (text: string) => boolean): string {
  for (let keep = Math.floor(whole.length / 2); ; keep = Math.floor(keep / 2)) {
    const text = `${whole.slice(0, keep)}…\n(cut: the first ${keep} of ${whole.length} characters; the rest is over the context budget and is kept)`;
    if (keep <= LEAST || fits(text)) return text;
  }
}
