/** The real Web API client, which tries once and says nothing. */
import { type Logger, LogLevel, webApi } from "@slack/bolt";
import { isObject, type Json } from "../support/slack/json.ts";

export const { WebClient } = webApi;
export type WebClient = webApi.WebClient;

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export const clientOf = (slackApiUrl: string, token: string): WebClient =>
  new WebClient(token, { slackApiUrl, retryConfig: { retries: 0 }, logger: silent });

/** What a call answers, refusals too. @throws what the client throws when there was no answer */
export async function answer(client: WebClient, method: string, args: Json = {}): Promise<Json> {
  try {
    return { ...(await client.apiCall(method, args)) };
  } catch (cause) {
    const { data } = cause as { readonly data?: unknown };
    if (isObject(data)) return data;
    throw cause;
  }
}

/** `ok`, or the error's code. */
export const saidBy = (response: Json | undefined): string => (response?.ok === true ? "ok" : String(response?.error));
