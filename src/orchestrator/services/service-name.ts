/** What an outside service is called, and how many calls a minute it is sent. Pure. */
import type { ToolContract } from "../../tools/index.ts";

/**
 * `model:api.openai.com`, `http:status.example.com`, `tool:<name>`; null for a call that leaves Claw for no outside
 * service. Deliveries wait for their platform by themselves.
 */
export type ServiceName = string;

/** Work on the run's own platform, whatever place their argument names: its adapter knows what it takes. */
const OWN_TOOLS: ReadonlySet<string> = new Set(["channel_post", "channel_pin", "channel_react"]);

/** The service that a tool call goes to. */
export function serviceOfCall(contract: ToolContract, input: unknown): ServiceName | null {
  if (contract.egress === "none" || OWN_TOOLS.has(contract.name)) return null;
  const place = contract.egress === "by_argument" ? (contract.destination?.(input) ?? null) : null;
  return place === null ? `tool:${contract.name}` : `http:${place.toLowerCase()}`;
}

/** Calls a minute by what the configuration names: `model`, a host (with its port when it has one), `tool:<name>`. */
export type ServiceLimits = Readonly<Record<string, number>>;

/** What the calls of a tool are counted under, wherever they go. */
export const toolService = (tool: string): ServiceName => `tool:${tool}`;

/** Tools that limits name and nobody has: such a limit would do nothing. */
export const unknownTools = (limits: ServiceLimits, tools: readonly string[]): string[] =>
  Object.keys(limits).filter((key) => key.startsWith("tool:") && !tools.includes(key.slice(5)));

/** @returns calls a minute, or null when there is no limit */
export function limitOf(limits: ServiceLimits, service: ServiceName): number | null {
  const key = service.startsWith("model:") ? "model" : service.startsWith("http:") ? service.slice(5) : service;
  return Object.hasOwn(limits, key) ? (limits[key] ?? null) : null;
}

const MINUTE_MS = 60_000;

/** The minute a call counts in. */
export const minuteOf = (now: Date): Date => new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);

/** When the next minute begins. */
export const nextMinute = (now: Date): Date => new Date(minuteOf(now).getTime() + MINUTE_MS);
