/** Reading a URL through its redirects. */
import { fail, ok, type ToolContext, type ToolResult } from "../contract.ts";
import type { CheckedUrl } from "../egress.ts";
import { type Connections, createConnections } from "./connections.ts";
import { type HttpAnswer, type HttpDeps, read } from "./exchange.ts";
import { forOtherOrigin } from "./headers.ts";
import { type CarriedSecrets, carriedTo, NONE, type PlaceSecret } from "./place-secret.ts";
import { destinationOf } from "./url.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface Followed {
  readonly at: URL;
  readonly answer: HttpAnswer;
  /** Where it redirects to, when that place may not be reached unasked; else null. */
  readonly closedTo: string | null;
  /** The answer is to a request that carried the conditions. */
  readonly asked: boolean;
  /** What the request of the answer carried for the workspace. */
  readonly carried: CarriedSecrets;
}

/** Headers for one address alone, wherever a redirect leads to it. */
export interface Conditions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Following extends Pick<HttpDeps, "guard"> {
  readonly secrets: readonly PlaceSecret[];
  readonly connections: Connections;
}

/** With connections of its own, kept between reads. */
export const following = ({ guard, secrets = [] }: HttpDeps): Following => ({
  guard,
  secrets,
  connections: createConnections(),
});

/**
 * Reads a URL, through redirects, as far as the guard and the run's taint let it. Secrets of the URL's own place are
 * carried until a redirect leaves it, and not when one leads back.
 * @returns the last answer there was, also when it is a redirect to a place that may not be reached unasked
 */
export async function follow(
  { guard, connections, secrets }: Following,
  url: string,
  headers: Readonly<Record<string, string>>,
  ctx: Pick<ToolContext, "signal" | "mayReach" | "secret">,
  conditions: Conditions | null = null,
): Promise<ToolResult<Followed>> {
  let checked = await guard.check(url, ctx.signal);
  let sent = headers;
  let carried: CarriedSecrets | null = null;
  for (let hops = 0; ; hops += 1) {
    if (!checked.ok) return hops === 0 ? checked : redirected(url, checked);
    const at: CheckedUrl = checked.value;
    if (carried === null) {
      const found = await carriedTo(at.url.origin, secrets, ctx);
      if (!found.ok) return found;
      carried = found.value;
    }
    const asked = conditions !== null && conditions.url === at.url.href;
    const answer = await read(
      connections,
      at,
      { ...sent, ...(asked ? conditions.headers : {}), ...carried.headers },
      ctx.signal,
    );
    if (!answer.ok) return answer;
    const { status, location } = answer.value;
    const followed = { at: at.url, answer: answer.value, asked, carried };
    if (!REDIRECTS.has(status) || location === null || !URL.canParse(location, at.url)) {
      return ok({ ...followed, closedTo: null });
    }
    const next = new URL(location, at.url);
    if (hops === MAX_REDIRECTS) {
      return fail("invalid_output", `${new URL(url).host} redirects more than ${MAX_REDIRECTS} times`);
    }
    if (next.origin !== at.url.origin) {
      if (ctx.mayReach && !ctx.mayReach(destinationOf(next.href))) return ok({ ...followed, closedTo: next.href });
      sent = forOtherOrigin(sent);
      carried = NONE;
    }
    checked = await guard.check(next.href, ctx.signal);
  }
}

/** A hop that is refused is refused for good, whatever was wrong with it: the model did not write it. */
function redirected(url: string, refused: Extract<ToolResult<never>, { ok: false }>): ToolResult<never> {
  const { code, message } = refused.error;
  return fail(code === "invalid_input" ? "blocked_address" : code, `${new URL(url).host} redirects: ${message}`);
}
