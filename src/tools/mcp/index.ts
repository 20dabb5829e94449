/** Tools of MCP servers that the operator lists, as contracts: pinned as they were when a person last looked at them. */
import { fail, type ToolContract, type ToolResult } from "../contract.ts";
import { contractOf, type Offer, type OfferTerms, offerHash, UNSAID } from "./offer.ts";
import { createMcpServer, type McpAddress, type McpServer } from "./server.ts";

export { type Offer, offerHash, offerLines } from "./offer.ts";
export type { McpAddress } from "./server.ts";

export interface ListedServer {
  readonly name: string;
  readonly address: McpAddress;
  /** By the server's own names of its tools. Of others: {@link UNSAID}. */
  readonly terms: Readonly<Record<string, Partial<OfferTerms>>>;
}

/** What is kept of a tool: as a person accepted it, and as its server offers it now when that differs. */
export interface Pin {
  readonly accepted: Offer;
  readonly offered: Offer | null;
}

/** Where pins are kept, for all processes. */
export interface Pins {
  /** By the server's own names of its tools. */
  of(server: string): Promise<ReadonlyMap<string, Pin>>;
  /** Keeps what a server offers: accepted when it is the first word on that tool, else beside what was accepted. */
  keep(server: string, offers: readonly Offer[]): Promise<void>;
}

export interface McpDeps {
  readonly servers: readonly ListedServer[];
  /** Names of tools that are there without any server: none may pass for one of them. */
  readonly taken: readonly string[];
  readonly pins: Pins;
  readonly version: string;
  readonly now: () => number;
  /** Milliseconds that a server is given to start and to say what it offers; 10 s when left out. */
  readonly patienceMs?: number;
  readonly log: { warn(fields: object, message: string): void };
}

export interface OpenedServer {
  readonly name: string;
  /** It said what it offers. */
  readonly ready: boolean;
  readonly tools: number;
}

export interface McpTools {
  readonly tools: readonly ToolContract[];
  /** How each server was at the start, in the order they are listed. */
  readonly servers: readonly OpenedServer[];
  close(): Promise<void>;
}

/** What is pinned is there without any server. */
const PATIENCE_MS = 10_000;

/**
 * Asks every server what it offers and makes contracts of what is pinned. A server that does not answer keeps its tools:
 * calls of them fail until it does. Never throws for what a server does.
 */
export async function openMcp(deps: McpDeps): Promise<McpTools> {
  const opened = await Promise.all(deps.servers.map((listed) => openServer(deps, listed)));
  const tools = opened.flatMap((each) => each.tools);
  return {
    tools: uniquelyNamed(tools, deps.taken, (tool) => deps.log.warn({ tool }, "an MCP tool has the name of another")),
    servers: opened.map(({ name, ready, tools: own }) => ({ name, ready, tools: own.length })),
    close: async () => void (await Promise.all(opened.map(({ server }) => server.close()))),
  };
}

async function openServer(
  { pins, version, now, patienceMs = PATIENCE_MS, log }: McpDeps,
  { name, address, terms }: ListedServer,
): Promise<{
  readonly name: string;
  readonly ready: boolean;
  readonly server: McpServer;
  readonly tools: readonly ToolContract[];
}> {
  /** What the server offers as of its last word, by name: hashes. Null before its first. */
  const heard: { offers: ReadonlyMap<string, string> | null; kept: Promise<void> } = {
    offers: null,
    kept: Promise.resolve(),
  };
  const server = createMcpServer({
    name,
    address,
    version,
    now,
    patienceMs,
    onOffers: (offers) => {
      heard.offers = new Map(offers.map((offer) => [offer.name, offerHash(offer)]));
      heard.kept = heard.kept
        .then(() => pins.keep(name, offers))
        .catch((err: unknown) => log.warn({ server: name, err }, "what an MCP server offers could not be kept"));
    },
  });
  const offered = await server.offers(AbortSignal.timeout(patienceMs));
  if (!offered.ok) log.warn({ server: name, why: offered.error.message }, "an MCP server does not answer");
  await heard.kept;

  const tools: ToolContract[] = [];
  for (const { tool, accepted, contract } of await pinnedOf({ pins, log }, { name, terms })) {
    const pinned = offerHash(accepted);
    const refusal = (): ToolResult<never> | null => {
      if (heard.offers === null || heard.offers.get(tool) === pinned) return null;
      const changed = heard.offers.has(tool);
      const message = changed ? changedWords(name, tool) : `the MCP server ${name} no longer offers ${tool}`;
      return { ok: false, error: { code: changed ? "not_permitted" : "not_found", message, mayHaveHappened: false } };
    };
    tools.push({
      ...contract,
      execute: (input, ctx) =>
        Promise.resolve(refusal() ?? server.call(tool, input, ctx.signal, refusal, ctx.mayLeave ?? (() => true))),
    });
  }
  return { name, ready: offered.ok, server, tools };
}

/** Contracts of what is pinned, in no order of their own; what cannot be one is logged. */
async function pinnedOf(
  { pins, log }: Pick<McpDeps, "pins" | "log">,
  { name, terms }: Pick<ListedServer, "name" | "terms">,
) {
  const made: { readonly tool: string; readonly accepted: Offer; readonly contract: Made }[] = [];
  for (const [tool, { accepted }] of await pins.of(name)) {
    const contract = contractOf(name, accepted, { ...UNSAID, ...terms[tool] });
    if (contract.ok) made.push({ tool, accepted, contract: contract.contract });
    else log.warn({ server: name, tool, why: contract.why }, "a tool of an MCP server cannot be used");
  }
  return made;
}
type Made = Extract<ReturnType<typeof contractOf>, { ok: true }>["contract"];

/** What is pinned, for who only wants to look: no server is started or asked, and no call is made. */
export async function pinnedMcpTools(
  deps: Pick<McpDeps, "pins" | "log" | "taken"> & { readonly servers: readonly Pick<ListedServer, "name" | "terms">[] },
): Promise<readonly ToolContract[]> {
  const pinned = await Promise.all(deps.servers.map((server) => pinnedOf(deps, server)));
  const execute = async (): Promise<ToolResult<never>> => fail("service_unavailable", "its server was not started");
  return uniquelyNamed(
    pinned.flat().map(({ contract }) => ({ ...contract, execute })),
    deps.taken,
    () => undefined,
  );
}

const changedWords = (server: string, tool: string): string =>
  `${tool} of ${server} has changed since it was accepted. An operator must look at it: claw mcp accept ${server} ${tool}`;

function uniquelyNamed(
  tools: readonly ToolContract[],
  taken: readonly string[],
  onSecond: (tool: string) => void,
): ToolContract[] {
  const names = new Set(taken);
  return tools.filter(({ name }) => {
    if (!names.has(name)) return names.add(name);
    onSecond(name);
    return false;
  });
}
