/** The bench's hand on the world outside; see outside-process.ts. */
import { join } from "node:path";
import { startChild } from "./child.ts";

/** A request that came. */
export interface Seen {
  /** What the instruction says after `bench-`; of a page, its path and query. */
  readonly id: string;
  /** Answers of the model that the request repeats: 0 is a run's first request; -1: a page. */
  readonly turn: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Characters of the messages and of the tools as JSON. */
  readonly messages: number;
  readonly tools: number;
  /** Characters of what the messages say, without the JSON around it. */
  readonly said: number;
}

export interface Addresses {
  /** Base URL with `/v1`. */
  readonly model: string;
  readonly site: string;
}

export interface Outside extends Addresses {
  /** Requests that nobody has taken yet. */
  count(): Promise<number>;
  /** What came since the last time, in order. */
  take(): Promise<Seen[]>;
  stop(): Promise<void>;
}

export async function startOutside(): Promise<Outside> {
  const child = startChild(join(import.meta.dirname, "outside-process.ts"));
  const addresses = await child.ask<Addresses>("addresses");
  return {
    ...addresses,
    count: () => child.ask<number>("count"),
    take: () => child.ask<Seen[]>("take"),
    stop: () => child.stop(),
  };
}

/** What makes Claw ask it. */
export const overTheWire = (outside: Outside): Record<string, string> => ({
  OPENAI_BASE_URL: outside.model,
  CLAW_MODEL: "fake-1",
});
