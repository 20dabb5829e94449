/** What a configuration says of secrets: the key they are sealed with, and where they go. Pure. */
import { z } from "zod";
import type { PlaceSecret } from "../tools/index.ts";
import type { Environment } from "./environment.ts";
import type { ConfigFile } from "./schema.ts";
import { parseUrl } from "./units.ts";

export interface SecretsConfig {
  /** 32 bytes in base64, or null: secrets cannot be stored then. */
  readonly secretKey: string | null;
  /** The key before it, while what it sealed is not sealed anew. */
  readonly secretKeyOld: string | null;
  /** What requests to places of the operator's choice carry. */
  readonly placeSecrets: readonly PlaceSecret[];
  /** Which workspaces GITHUB_TOKEN is for; `only`: the console's, and another one while there is but one. */
  readonly githubTokenFor: "only" | "all" | readonly string[];
}

const SECTION = "must be a section of keys";
const PLACE = "must be a host such as api.example.com (which means https), or a whole http://host:port";
const NAME = "must be a secret's name: a letter, then letters, digits or _ . -";
const HEADER = "must be a header such as Authorization or X-Api-Key";
const PREFIX = 'must be what stands before the secret, such as "Bearer ", or ""';
const FOR = "must be all, only, or a list of workspaces such as slack:T0123ABC";
/** Framing and routing are the client's own. */
const RESERVED =
  /^(?:accept-encoding|connection|content-.*|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/i;

/** `https://api.example.com`; null for what is no place. */
function originOf(place: string): string | null {
  const url = parseUrl(/^https?:\/\//.test(place) ? place : `https://${place}`);
  if (url === null || url.hostname === "" || url.username !== "" || url.search !== "" || url.hash !== "") return null;
  return url.pathname === "/" && !/[\s/*]/.test(place.replace(/^https?:\/\//, "")) ? url.origin : null;
}

const text = (what: string, form: RegExp) => z.string({ error: what }).regex(form, what);

/** The sections `http` and `github`. */
export const HttpSection = z
  .strictObject(
    {
      secrets: z
        .record(
          z.string().refine((place) => originOf(place) !== null),
          z.strictObject(
            {
              secret: text(NAME, /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/),
              header: text(HEADER, /^[!#$%&'*+.^_`|~\w-]{1,100}$/)
                .refine((name) => !RESERVED.test(name), HEADER)
                .optional(),
              prefix: text(PREFIX, /^[\x20-\x7e]{0,40}$/).optional(),
            },
            { error: "must be such as { secret: example_token, header: Authorization }" },
          ),
          { error: (issue) => (issue.code === "invalid_key" ? PLACE : SECTION) },
        )
        .optional(),
    },
    { error: SECTION },
  )
  .optional();
export const GithubSection = z
  .strictObject(
    {
      tokenFor: z
        .union([z.enum(["all", "only"]), z.array(text(FOR, /^[a-z]+:\S+$/)).min(1)], { error: FOR })
        .optional(),
    },
    { error: SECTION },
  )
  .optional();

export function secretsOf(
  values: Pick<Environment, "CLAW_SECRET_KEY" | "CLAW_SECRET_KEY_OLD">,
  { http, github }: Pick<ConfigFile, "http" | "github">,
): SecretsConfig {
  return {
    secretKey: values.CLAW_SECRET_KEY ?? null,
    secretKeyOld: values.CLAW_SECRET_KEY_OLD ?? null,
    placeSecrets: Object.entries(http?.secrets ?? {}).map(([place, { secret, header = "authorization", prefix }]) => ({
      origin: originOf(place) ?? "",
      header: header.toLowerCase(),
      secret,
      prefix: prefix ?? (header.toLowerCase() === "authorization" ? "Bearer " : ""),
    })),
    githubTokenFor: github?.tokenFor ?? "only",
  };
}
