/** Which model a configuration means, and at what price. Pure. */
import type { ModelPrice } from "../orchestrator/ports.ts";
import type { Environment } from "./environment.ts";
import type { Problem } from "./problem.ts";
import type { ConfigFile } from "./schema.ts";
import { parseUrl } from "./units.ts";

export type ModelConfig =
  /** Needs no network and no key. */
  | { readonly kind: "rules" }
  | {
      readonly kind: "openai";
      readonly name: string;
      /** Null: an endpoint of the operator's own that takes none. */
      readonly apiKey: string | null;
      /** Null: OpenAI's. Without a slash at the end. */
      readonly baseUrl: string | null;
      readonly trust: "local" | "third_party";
      /** Null: looked up by the model's name. */
      readonly price: ModelPrice | null;
      /** Output cap of one call, in tokens; null: the default. */
      readonly maxOutputTokens: number | null;
    };

const DEFAULT_MODEL = "gpt-5-mini";

/** This machine itself: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || bare.endsWith(".localhost") || bare === "::1" || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

type Settings = Partial<Pick<Environment, "OPENAI_API_KEY" | "OPENAI_BASE_URL" | "CLAW_MODEL" | "CLAW_MODEL_TRUST">>;

/** What is missing or contradicts. Looks at what is set, so that a variable with a bad value is not called missing too. */
export function modelProblems(set: Readonly<Record<string, string>>, good: Settings): Problem[] {
  const has = (key: string) => set[key] !== undefined;
  const problems: Problem[] = [];
  if (set.CLAW_MODEL === "rules") return problems;
  if (has("OPENAI_BASE_URL") && !has("CLAW_MODEL")) {
    problems.push({
      key: "CLAW_MODEL",
      problem: "is needed with OPENAI_BASE_URL: the name of a model at that endpoint",
    });
  }
  if (!has("OPENAI_BASE_URL") && !has("OPENAI_API_KEY") && has("CLAW_MODEL")) {
    problems.push({ key: "CLAW_MODEL", problem: "needs OPENAI_API_KEY, or OPENAI_BASE_URL for another endpoint" });
  }
  if (!has("OPENAI_BASE_URL") && has("OPENAI_API_KEY") && good.CLAW_MODEL_TRUST === "local") {
    problems.push({ key: "CLAW_MODEL_TRUST", problem: "cannot be local for OpenAI's own endpoint" });
  }
  const url = good.OPENAI_BASE_URL === undefined ? null : parseUrl(good.OPENAI_BASE_URL);
  if (url !== null && !has("OPENAI_API_KEY") && trustOf(url, good.CLAW_MODEL_TRUST) === "third_party") {
    problems.push({
      key: "OPENAI_API_KEY",
      problem: "is needed for an endpoint elsewhere; if it is your own and takes no key, set CLAW_MODEL_TRUST=local",
    });
  }
  return problems;
}

const trustOf = (url: URL | null, trust: "local" | "third_party" | undefined): "local" | "third_party" =>
  trust ?? (url !== null && isLoopback(url.hostname) ? "local" : "third_party");

/** @param env settings that {@link modelProblems} found nothing wrong with */
export function modelOf(env: Settings, file: ConfigFile): ModelConfig {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl } = env;
  const name = env.CLAW_MODEL ?? (apiKey === undefined ? "rules" : DEFAULT_MODEL);
  if (name === "rules") return { kind: "rules" };
  const price = file.model?.price;
  return {
    kind: "openai",
    name,
    apiKey: apiKey ?? null,
    baseUrl: baseUrl ?? null,
    trust: trustOf(baseUrl === undefined ? null : parseUrl(baseUrl), env.CLAW_MODEL_TRUST),
    price:
      price === undefined
        ? null
        : {
            inputMicrosPerMillion: price.input,
            cachedInputMicrosPerMillion: price.cachedInput ?? price.input,
            outputMicrosPerMillion: price.output,
            source: "configured",
          },
    maxOutputTokens: file.model?.maxOutputTokens ?? null,
  };
}
