/** The bench's hand on the fake Slack; see slack-process.ts. */
import { join } from "node:path";
import { startChild } from "./child.ts";

export interface SlackAddresses {
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
}

/** Commands that were typed. */
export interface Typed {
  /** Milliseconds until each was acknowledged. */
  readonly ms: readonly number[];
  /** Not acknowledged, or answered "not recorded". */
  readonly failed: number;
  readonly tookMs: number;
}

export interface Clicked {
  /** Milliseconds from each click until people see the edited card. */
  readonly ms: readonly number[];
}

export type SlackQuestion =
  | { readonly kind: "addresses" | "connected" | "rest" }
  | { readonly kind: "busy" | "click"; readonly count: number }
  | { readonly kind: "type"; readonly aSecond: number; readonly count: number };

export interface BenchSlack {
  readonly env: Readonly<Record<string, string>>;
  connected(): Promise<void>;
  /** So many runs are in progress from then on. */
  busy(count: number): Promise<void>;
  type(aSecond: number, count: number): Promise<Typed>;
  click(count: number): Promise<Clicked>;
  rest(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSlack(): Promise<BenchSlack> {
  const child = startChild(join(import.meta.dirname, "slack-process.ts"));
  const ask = <T>(question: SlackQuestion): Promise<T> => child.ask<T>(question);
  const { apiUrl, botToken, appToken } = await ask<SlackAddresses>({ kind: "addresses" });
  return {
    env: { SLACK_API_URL: apiUrl, SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken },
    connected: () => ask({ kind: "connected" }),
    busy: (count) => ask({ kind: "busy", count }),
    type: (aSecond, count) => ask({ kind: "type", aSecond, count }),
    click: (count) => ask({ kind: "click", count }),
    rest: () => ask({ kind: "rest" }),
    stop: () => child.stop(),
  };
}
