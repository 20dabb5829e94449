/** The REST API without a client that would know better. */
import type { FakeDiscord } from "../support/discord/fake-discord.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what a test is about.
  readonly json: any;
}

export interface Ask {
  readonly body?: unknown;
  /** Null sends none. */
  readonly token?: string | null;
  readonly files?: Readonly<Record<string, string>>;
}

export type Api = (method: string, path: string, ask?: Ask) => Promise<Answer>;

export const apiOf =
  (discord: FakeDiscord): Api =>
  async (method, path, { body, token = discord.token, files } = {}) => {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bot ${token}` };
    let sent: string | FormData | null =
      body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    if (files) {
      const form = new FormData();
      if (sent !== null) form.set("payload_json", sent);
      Object.entries(files).forEach(([name, content], index) => {
        form.set(`files[${index}]`, new Blob([content], { type: "text/plain" }), name);
      });
      sent = form;
    } else if (sent !== null) headers["content-type"] = "application/json";
    const response = await fetch(`${discord.apiUrl}/v10${path}`, { method, headers, body: sent });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
  };

/** Codes of an error at a place in the body, such as `content` or `components.0.components.1.label`. */
export function errorsAt({ json }: Answer, path: string): string[] {
  let at = json?.errors;
  for (const key of path.split(".").filter((each) => each !== "")) at = at?.[key];
  return ((at?._errors ?? []) as { readonly code: string }[]).map((each) => each.code);
}
