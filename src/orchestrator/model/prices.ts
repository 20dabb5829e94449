/** What a model call costs. */
import { createRequire } from "node:module";
import type * as GenaiPrices from "@pydantic/genai-prices";
import type { Model, ModelPrice, Usage } from "../ports.ts";

type PublishedPrices = GenaiPrices.ModelPrice;

export const FREE: ModelPrice = {
  inputMicrosPerMillion: 0,
  cachedInputMicrosPerMillion: 0,
  outputMicrosPerMillion: 0,
  source: "free",
};

/**
 * For a model elsewhere whose price nobody published: what the dearest widely used models cost ($15 in, $75 out for a
 * million tokens). Unknown must not mean free, or the ceilings hold nothing.
 */
export const ASSUMED: ModelPrice = {
  inputMicrosPerMillion: 15_000_000,
  cachedInputMicrosPerMillion: 15_000_000,
  outputMicrosPerMillion: 75_000_000,
  source: "assumed",
};

/** The package's version, as its lock in package.json has it (a test compares them). */
const SOURCE = "genai-prices 0.1.8";
const OPENAI_URL = "https://api.openai.com/v1";
const HOUR_MS = 3_600_000;

/** Prices that rise with the size of a call are taken at that size: no context of Claw is larger. */
const PRICED_AT_INPUT_TOKENS = 100_000;

export interface PriceQuery {
  readonly model: string;
  /** Null: OpenAI's own. */
  readonly baseURL: string | null;
  readonly trust: Model["trust"];
  /** What the operator says it costs; wins over everything. */
  readonly configured: ModelPrice | null;
  /** For prices that have a date or an hour; left out: now, by the machine's clock. */
  readonly at?: Date;
}

/** Pure but for the package's table. Never free by ignorance: see {@link ASSUMED}. */
export function priceFor({ model, baseURL, trust, configured, at }: PriceQuery): ModelPrice {
  if (configured !== null) return configured;
  if (trust === "local") return FREE;
  // A proxy under an unknown address bills at least what the model costs at home, as its name tells it.
  return published(model, baseURL ?? OPENAI_URL, at) ?? published(model, null, at) ?? ASSUMED;
}

/** Some prices depend on the hour; a run pins one price, so it is the dearest of a day. */
function published(model: string, providerApiUrl: string | null, at: Date | undefined): ModelPrice | null {
  const hours =
    at === undefined ? [undefined] : Array.from({ length: 24 }, (_, hour) => new Date(at.getTime() + hour * HOUR_MS));
  const prices = hours.flatMap((timestamp) => {
    const options = { ...(providerApiUrl && { providerApiUrl }), ...(timestamp && { timestamp }) };
    const found = lookUp(model, options);
    const price = found && flat(found.model_price);
    return price ? [price] : [];
  });
  return prices.length === 0 ? null : prices.reduce(dearer);
}

/** Its table takes 17 MB, which nobody needs whose model is free, and `priceFor` is not async. */
const loadTable = (): typeof GenaiPrices =>
  createRequire(import.meta.url)("@pydantic/genai-prices") as typeof GenaiPrices;

function lookUp(model: string, options: GenaiPrices.PriceOptions): GenaiPrices.PriceCalculationResult {
  try {
    return loadTable().calcPrice({ input_tokens: PRICED_AT_INPUT_TOKENS, output_tokens: 1 }, model, options);
  } catch {
    // It throws for entries of its own table that do not add up; such a price is as good as unknown.
    return null;
  }
}

function flat(prices: PublishedPrices): ModelPrice | null {
  const input = dollars(prices.input_mtok);
  const output = dollars(prices.output_mtok);
  // Embeddings and the like have no price of an answer: not a chat model.
  if (input === null || output === null) return null;
  return {
    inputMicrosPerMillion: toMicros(input),
    cachedInputMicrosPerMillion: toMicros(dollars(prices.cache_read_mtok) ?? input),
    outputMicrosPerMillion: toMicros(output),
    source: SOURCE,
  };
}

function dollars(price: PublishedPrices[string]): number | null {
  if (price === undefined) return null;
  if (typeof price === "number") return price;
  return price.tiers.reduce((now, tier) => (tier.start <= PRICED_AT_INPUT_TOKENS ? tier.price : now), price.base);
}

const toMicros = (dollarsPerMillion: number): number => Math.round(dollarsPerMillion * 1e6);

const dearer = (a: ModelPrice, b: ModelPrice): ModelPrice => ({
  inputMicrosPerMillion: Math.max(a.inputMicrosPerMillion, b.inputMicrosPerMillion),
  cachedInputMicrosPerMillion: Math.max(a.cachedInputMicrosPerMillion, b.cachedInputMicrosPerMillion),
  outputMicrosPerMillion: Math.max(a.outputMicrosPerMillion, b.outputMicrosPerMillion),
  source: a.source,
});

/** Whole millionths of a dollar, rounded up: many small calls must not add up to nothing. */
export function costMicros(usage: Usage, price: ModelPrice): number {
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const parts =
    (usage.inputTokens - cached) * price.inputMicrosPerMillion +
    cached * price.cachedInputMicrosPerMillion +
    usage.outputTokens * price.outputMicrosPerMillion;
  return Math.ceil(parts / 1e6);
}

/** The most a call may cost: nothing cached, the output cap used up. */
export const worstCaseMicros = (inputTokens: number, maxOutputTokens: number, price: ModelPrice): number => {
  const perInput = Math.max(price.inputMicrosPerMillion, price.cachedInputMicrosPerMillion);
  return Math.ceil((inputTokens * perInput + maxOutputTokens * price.outputMicrosPerMillion) / 1e6);
};
