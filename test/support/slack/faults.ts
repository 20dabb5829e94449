/** What a test breaks: answers, connections, time. */
import { FaultRules, type FaultTerms, type WireFault } from "../fault-rules.ts";
import type { Json } from "./json.ts";

export type Fault =
  | WireFault
  /** An HTTP status without the call being carried out, such as 500 or 503. */
  | { readonly kind: "status"; readonly status: number; readonly body?: string }
  /** 429 with `Retry-After` in seconds. */
  | { readonly kind: "ratelimited"; readonly retryAfter: number }
  /** `ok: false` with this error, not carried out. */
  | { readonly kind: "error"; readonly error: string };

export interface FaultRule extends FaultTerms<Fault, Json> {
  /** A method, `response_url` or `upload`; a pattern for several. */
  readonly method: string | RegExp;
}

export class Faults extends FaultRules<Fault, Json, FaultRule> {
  protected override named = ({ method }: FaultRule): string | RegExp => method;
}
