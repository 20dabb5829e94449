/** Answers through a `response_url`: five in 30 minutes, to the person it was given for. */
import type { Rendered } from "./render.ts";

/** Within the three seconds that a press may take in all. */
const LIMIT_MS = 1_000;

export interface UrlAnswer extends Pick<Rendered, "text" | "blocks"> {
  /** Instead of the message whose button was pressed, not below it. */
  readonly replace: boolean;
}

/** @returns null when Slack took it, else why not; never throws */
export async function answerByUrl(url: string, { text, blocks, replace }: UrlAnswer): Promise<string | null> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text, blocks, replace_original: replace, response_type: "ephemeral" }),
      signal: AbortSignal.timeout(LIMIT_MS),
      redirect: "error",
    });
    const said = await response.text();
    return response.ok && !/"ok":\s*false/.test(said) ? null : said.slice(0, 200);
  } catch (error) {
    return error instanceof Error ? error.name : "no answer";
  }
}
