/** What a test breaks: answers, connections, time. */
import { FaultRules, type FaultTerms, type WireFault } from "../fault-rules.ts";

export type Fault =
  | WireFault
  /** An HTTP status without the request being carried out, such as 500, or 502 with HTML. */
  | { readonly kind: "status"; readonly status: number; readonly html?: string }
  /** 429; seconds. A `shared` one does not count as invalid. */
  | { readonly kind: "ratelimited"; readonly retryAfter: number; readonly scope?: "user" | "global" | "shared" }
  /** Discord's own refusal, not carried out. */
  | { readonly kind: "error"; readonly status: number; readonly code: number; readonly message: string };

export interface FaultRule extends FaultTerms<Fault, unknown> {
  /** `POST /channels/{channel_id}/messages`, or a pattern for several. */
  readonly route: string | RegExp;
}

export class Faults extends FaultRules<Fault, unknown, FaultRule> {
  protected override named = ({ route }: FaultRule): string | RegExp => route;
}
