/** What an MCP server offers, as a contract of ours. A server's word on what its tools do is advice and counts for nothing. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Effect, Egress, RetryClass, ToolContract } from "../contract.ts";
import { schemaFaults, sorted } from "../schema.ts";
import { cut, visible } from "../text.ts";

/** A tool as its server describes it. */
export interface Offer {
  readonly name: string;
  readonly description: string;
  /** JSON schema. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/** What the operator says of a tool. */
export interface OfferTerms {
  readonly effect: Effect;
  readonly egress: Egress;
  readonly retry: RetryClass;
}

/** Of a tool of which nothing was said: the worst. */
export const UNSAID: OfferTerms = { effect: "destructive", egress: "by_argument", retry: "never" };

/** 64 hex digits; changes with the name, the description and the schema. */
export const offerHash = ({ name, description, inputSchema }: Offer): string =>
  createHash("sha256")
    .update(JSON.stringify([name, description, sorted(inputSchema)]))
    .digest("hex");

/** Lines of an offer, to compare two of them. */
export const offerLines = ({ description, inputSchema }: Offer): string[] =>
  [...description.split("\n"), ...JSON.stringify(sorted(inputSchema), null, 2).split("\n")].map(visible);

const MAX_DESCRIPTION = 1_000;
const MAX_SCHEMA = 20_000;

/** `linear` and `list-issues` make `linear_list_issues`. Null when no name can be made of them. */
export function toolName(server: string, tool: string): string | null {
  if (!/[a-z0-9]/i.test(tool)) return null;
  const name = `${server}_${tool}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/_+$/, "");
  return /^[a-z][a-z0-9_]{1,63}$/.test(name) ? name : null;
}

export type OfferedContract = Omit<ToolContract, "execute">;

export const McpOutput = z.object({
  text: z.string(),
  /** As the server structured it; null when it did not. */
  structured: z.unknown(),
  truncated: z.boolean(),
});

/** @returns the contract without its execution, or why there can be none */
export function contractOf(
  server: string,
  offer: Offer,
  terms: OfferTerms,
): { readonly ok: true; readonly contract: OfferedContract } | { readonly ok: false; readonly why: string } {
  const name = toolName(server, offer.name);
  if (name === null) return { ok: false, why: "its name cannot be written as a tool's name of at most 64 letters" };
  if (JSON.stringify(offer.inputSchema).length > MAX_SCHEMA) return { ok: false, why: "its schema is too large" };
  const schema = closed(offer.inputSchema);
  const faults = schemaFaults(schema as Record<string, unknown>);
  if (faults.length > 0) return { ok: false, why: faults.slice(0, 3).join("; ") };
  let input: z.ZodType;
  try {
    input = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    z.toJSONSchema(input, { io: "input" });
  } catch (error) {
    return {
      ok: false,
      why: `its schema cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : "?"}`,
    };
  }
  const place = `mcp/${server}`;
  const contract: OfferedContract = {
    name,
    description: cut(visible(`${offer.description.trim() || offer.name} (${server})`), MAX_DESCRIPTION).text,
    input,
    output: McpOutput,
    ...terms,
    timeoutMs: 60_000,
    outputTrust: "untrusted",
    descriptionTrust: "untrusted",
    calledBy: new RegExp(`(?<![a-z0-9])${server.replace(/[^a-z0-9]+/g, "[ _-]?")}(?![a-z0-9])`, "i"),
    // Where a server sends what it is given, only it knows.
    destination: () => place,
    preview: (call) => ({
      action: `call ${visible(offer.name)} of the MCP server ${server}`,
      diff: JSON.stringify(call, null, 2)
        .split("\n")
        .map((line) => `+ ${visible(line)}`),
      target: place,
    }),
  };
  return { ok: true, contract };
}

/** What only people and models read in a schema. */
const TEXTS: ReadonlySet<string> = new Set(["title", "description", "$comment"]);

/**
 * The same schema with every object closed that says nothing of further keys, since a misspelt one must be heard of; its
 * texts show what cannot be seen in them.
 */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== "object" || node === null) return node;
  const inner = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      typeof value === "string" && TEXTS.has(key) ? visible(value) : closed(value),
    ]),
  );
  const open = inner.type === "object" && inner.additionalProperties === undefined;
  return open ? { properties: {}, ...inner, additionalProperties: false } : inner;
}
