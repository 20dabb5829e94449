import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ASSUMED,
  costMicros,
  FREE,
  type PriceQuery,
  priceFor,
  worstCaseMicros,
} from "../../../src/orchestrator/model/prices.ts";
import type { ModelPrice } from "../../../src/orchestrator/ports.ts";

const ask = (over: Partial<PriceQuery>): ModelPrice =>
  priceFor({ model: "gpt-4o-mini", baseURL: null, trust: "third_party", configured: null, ...over });

const configured: ModelPrice = {
  inputMicrosPerMillion: 1,
  cachedInputMicrosPerMillion: 1,
  outputMicrosPerMillion: 2,
  source: "configured",
};

describe("the price of a model", () => {
  it("is what its provider published", () => {
    expect(ask({})).toMatchObject({
      inputMicrosPerMillion: 150_000,
      cachedInputMicrosPerMillion: 75_000,
      outputMicrosPerMillion: 600_000,
    });
  });

  it("names the table it comes from, in the version that is installed", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
    expect(ask({}).source).toBe(`genai-prices ${manifest.dependencies["@pydantic/genai-prices"]}`);
  });

  it.each<[string, Partial<PriceQuery>, ModelPrice]>([
    ["local, is nothing", { trust: "local", baseURL: "http://127.0.0.1:11434/v1" }, FREE],
    ["configured, is that", { configured }, configured],
    ["configured and local, is that", { configured, trust: "local" }, configured],
    ["unknown, is not nothing", { model: "acme-large-9" }, ASSUMED],
    ["unknown elsewhere, is not nothing", { model: "llama3", baseURL: "http://gpu.example/v1" }, ASSUMED],
    [
      "unknown at an approved endpoint, is not nothing",
      { model: "llama3", baseURL: "http://gpu.example/v1", trust: "approved" },
      ASSUMED,
    ],
    ["of a model that does not chat, is not half known", { model: "text-embedding-3-small" }, ASSUMED],
  ])("%s", (_, query, expected) => {
    expect(ask(query)).toEqual(expected);
  });

  it("behind a proxy is that of the model it names", () => {
    expect(ask({ baseURL: "https://litellm.example/v1" })).toEqual(ask({}));
  });

  it("with steps by size is that of a long context, not a guess", () => {
    const price = ask({ model: "gemini-2.5-pro", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai" });
    expect(price.inputMicrosPerMillion).toBe(1_250_000);
  });

  it("that depends on the hour is the dearest of the day, whatever the hour now", () => {
    const at = new Date("2025-03-01T00:00:00Z");
    const query = { model: "deepseek-chat", baseURL: "https://api.deepseek.com" };
    const [midnight, noon] = [ask({ ...query, at }), ask({ ...query, at: new Date(at.getTime() + 12 * 3_600_000) })];
    expect(midnight).toEqual(noon);
    expect(midnight.inputMicrosPerMillion).toBeGreaterThan(0);
  });
});

describe("a cost", () => {
  const price: ModelPrice = {
    inputMicrosPerMillion: 2_000_000,
    cachedInputMicrosPerMillion: 500_000,
    outputMicrosPerMillion: 8_000_000,
    source: "test",
  };

  it.each([
    ["of both sides", { inputTokens: 1_000, cachedInputTokens: 0, outputTokens: 100 }, 2_800],
    ["with the cached part apart", { inputTokens: 1_000, cachedInputTokens: 800, outputTokens: 0 }, 800],
    ["with more cached than there was", { inputTokens: 10, cachedInputTokens: 99, outputTokens: 0 }, 5],
    ["rounded up", { inputTokens: 1, cachedInputTokens: 1, outputTokens: 0 }, 1],
    ["of nothing", { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 }, 0],
  ])("%s", (_, usage, micros) => {
    expect(costMicros(usage, price)).toBe(micros);
  });

  it("is never above the worst case", () => {
    expect(worstCaseMicros(1_000, 100, price)).toBe(2_800);
    expect(worstCaseMicros(1_000, 100, FREE)).toBe(0);
    const oddly = { ...price, cachedInputMicrosPerMillion: 4_000_000 };
    expect(worstCaseMicros(1_000, 0, oddly)).toBe(
      costMicros({ inputTokens: 1_000, cachedInputTokens: 1_000, outputTokens: 0 }, oddly),
    );
  });
});
