/** What a test breaks in a fake: which calls, how often, and those faults that every wire has. */

/** The kinds that mean the same whatever is called. */
export type WireFault =
  /** The connection is reset before the call, or after it took effect: the caller cannot tell which. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** Carried out, then this status. */
  | { readonly kind: "status_after"; readonly status: number }
  /** Carried out this much later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Never answered; carried out or not. */
  | { readonly kind: "hang"; readonly when: "before" | "after" };

export interface FaultTerms<Fault, Body> {
  readonly fault: Fault;
  /** How many calls it hits; Infinity until it is taken back. Default 1. */
  readonly times?: number;
  /** Only calls whose arguments this is true of. */
  readonly when?: (body: Body) => boolean;
}

export abstract class FaultRules<Fault, Body, Rule extends FaultTerms<Fault, Body>> {
  private readonly rules: { readonly rule: Rule; left: number }[] = [];

  /** What the calls are named that a rule is about; a pattern for several. */
  protected abstract named(rule: Rule): string | RegExp;

  /** The first rule that fits a call takes it. @returns what takes the rule back */
  add(rule: Rule): () => void {
    const entry = { rule, left: rule.times ?? 1 };
    this.rules.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  clear(): void {
    this.rules.length = 0;
  }

  take(name: string, body: Body): Fault | null {
    const entry = this.rules.find(({ rule, left }) => {
      const named = this.named(rule);
      const fits = typeof named === "string" ? named === name : named.test(name);
      return left > 0 && fits && (rule.when?.(body) ?? true);
    });
    if (!entry) return null;
    entry.left -= 1;
    return entry.rule.fault;
  }
}
