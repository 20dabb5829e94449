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
    const found = await opened(ctx, secret);
    if (!found.ok) return found;
    const { value } = found;
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

/** A secret that is there and cannot be opened is a failure to be told, also where no tool's call is made. */
async function opened({ secret }: Pick<ToolContext, "secret">, name: string): Promise<ToolResult<string | null>> {
  try {
    return ok(await secret(name));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "bad_credentials") {
      return fail("bad_credentials", error.message);
    }
    throw error;
  }
}

/** Those that requests to an origin carry, for previews. */
export const secretsOf = (origin: string, secrets: readonly PlaceSecret[]): readonly PlaceSecret[] =>
  secrets.filter((each) => each.origin === origin);
