/** Secrets that an operator lets requests to a place carry. They go there, and nowhere on. */
import { fail, ok, type ToolContext, type ToolResult } from "../contract.ts";

/** A header that requests to a place carry when the workspace has the secret. */
export interface PlaceSecret {
  /** `https://api.example.com`: scheme, host and port together, so that it never goes in the clear by mistake. */
  readonly origin: string;
  /** In lower case. */
  readonly header: string;
  /** The name of the workspace's secret. */
  readonly secret: string;
  /** What stands before it in the header: `Bearer `, or nothing. */
  readonly prefix: string;
}

export interface CarriedSecrets {
  readonly headers: Readonly<Record<string, string>>;
  /** What must be shown to nobody. */
  readonly values: readonly string[];
}

export const NONE: CarriedSecrets = { headers: {}, values: [] };

/** What a header may hold: no line break, which would begin another. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What a request to that origin carries for the workspace that calls. A secret it does not have is left out. */
export async function carriedTo(
  origin: string,
  secrets: readonly PlaceSecret[],
  ctx: Pick<ToolContext, "secret">,
): Promise<ToolResult<CarriedSecrets>> {
  const headers: Record<string, string> = {};
  const values: string[] = [];
  for (const { header, secret, prefix } of secretsOf(origin, secrets)) {
    const value = await ctx.secret(secret);
    if (value === null) continue;
    if (!VALUE.test(value)) {
      return fail(
        "bad_credentials",
        `the secret ${secret} has characters that no header may have; it must be set again`,
      );
    }
    headers[header] = `${prefix}${value}`;
    values.push(value);
  }
  return ok({ headers, values });
}

/** Those that requests to an origin carry, for previews. */
export const secretsOf = (origin: string, secrets: readonly PlaceSecret[]): readonly PlaceSecret[] =>
  secrets.filter((each) => each.origin === origin);
