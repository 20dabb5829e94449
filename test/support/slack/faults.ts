/** What a test breaks: answers, connections, time. */
import type { Json } from "./json.ts";

export type Fault =
  /** An HTTP status without the call being carried out, such as 500 or 503. */
  | { readonly kind: "status"; readonly status: number; readonly body?: string }
  /** 429 with `Retry-After` in seconds. */
  | { readonly kind: "ratelimited"; readonly retryAfter: number }
  /** `ok: false` with this error, not carried out. */
  | { readonly kind: "error"; readonly error: string }
  /** The connection is reset before the call, or after it took effect: the caller cannot tell which. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Carried out, then a 500. */
  | { readonly kind: "status_after"; readonly status: number }
  /** Carried out this much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Never answered; carried out or not. */
  | { readonly kind: "hang"; readonly when: "before" | "after" };

export interface FaultRule {
  /** A method, `response_url` or `upload`; a pattern for several. */
  readonly method: string | RegExp;
  readonly fault: Fault;
  /** How many calls it hits; Infinity until it is taken back. Default 1. */
  readonly times?: number;
  /** Only calls whose arguments this is true of. */
  readonly when?: (args: Json) => boolean;
}

export class Faults {
  private readonly rules: { readonly rule: FaultRule; left: number }[] = [];

  /** The first rule that fits a call takes it. @returns what takes the rule back */
  add(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? 1 };
    this.rules.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  clear(): void {
    this.rules.length = 0;
  }

  take(method: string, args: Json): Fault | null {
    const entry = this.rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (typeof rule.method === "string" ? rule.method === method : rule.method.test(method)) &&
        (rule.when?.(args) ?? true),
    );
    if (!entry) return null;
    entry.left -= 1;
    return entry.rule.fault;
  }
}
