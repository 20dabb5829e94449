/** What a test breaks: answers, connections, time. */

export type Fault =
  /** An HTTP status without the request being carried out, such as 500, or 502 with HTML. */
  | { readonly kind: "status"; readonly status: number; readonly html?: string }
  /** 429; seconds. A `shared` one does not count as invalid. */
  | { readonly kind: "ratelimited"; readonly retryAfter: number; readonly scope?: "user" | "global" | "shared" }
  /** Discord's own refusal, not carried out. */
  | { readonly kind: "error"; readonly status: number; readonly code: number; readonly message: string }
  /** The connection is reset before the request, or after it took effect: the caller cannot tell which. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Carried out, then this status. */
  | { readonly kind: "status_after"; readonly status: number }
  /** Carried out this much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Never answered; carried out or not. */
  | { readonly kind: "hang"; readonly when: "before" | "after" };

export interface FaultRule {
  /** `POST /channels/{channel_id}/messages`, or a pattern for several. */
  readonly route: string | RegExp;
  readonly fault: Fault;
  /** How many requests it hits; Infinity until it is taken back. Default 1. */
  readonly times?: number;
  /** Only requests whose body this is true of. */
  readonly when?: (body: unknown) => boolean;
}

export class Faults {
  private readonly rules: { readonly rule: FaultRule; left: number }[] = [];

  /** The first rule that fits a request takes it. @returns what takes the rule back */
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

  take(route: string, body: unknown): Fault | null {
    const entry = this.rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (typeof rule.route === "string" ? rule.route === route : rule.route.test(route)) &&
        (rule.when?.(body) ?? true),
    );
    if (!entry) return null;
    entry.left -= 1;
    return entry.rule.fault;
  }
}
