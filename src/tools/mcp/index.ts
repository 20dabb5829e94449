/** Tools of MCP servers that the operator lists, as contracts: pinned as they were when a person last looked at them. */
import { fail, type ToolContract, type ToolResult } from "../contract.ts";
import { contractOfPin, type MayBe, openServer, UNUSABLE } from "./live-server.ts";
import type { Offer, OfferTerms } from "./offer.ts";
import type { McpAddress } from "./server.ts";

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
  readonly log: Record<"info" | "warn", (fields: object, message: string) => void>;
}

export interface OpenedServer {
  readonly name: string;
  /** It said what it offers. */
  readonly ready: boolean;
  readonly tools: number;
}

export interface McpTools {
  /** Those there are now. A name that was there once stays; its tool may be another contract by now, or off. */
  tools(): readonly ToolContract[];
  /** How each server was at the start, in the order they are listed. */
  readonly servers: readonly OpenedServer[];
  /**
   * From now on looks every {@link LOOK_MS} at what people accepted, in whichever process, and at servers that are down.
   * Called once. @param onChange hears whenever {@link tools} is another
   */
  follow(onChange: () => void): void;
  close(): Promise<void>;
}

/** What is pinned is there without any server. */
const PATIENCE_MS = 10_000;
/** Milliseconds. What a person accepts is in use that long after at the latest. */
const LOOK_MS = 5_000;

/**
 * Asks every server what it offers and makes contracts of what is pinned. A server that does not answer keeps its tools:
 * calls of them fail until it does. Never throws for what a server does.
 */
export async function openMcp(deps: McpDeps): Promise<McpTools> {
  const state = { onChange: (): void => undefined, timer: undefined as NodeJS.Timeout | undefined };
  /** Who has which name: the first that came, and nobody else as long as this process lives. */
  const owners = new Map<string, string>(deps.taken.map((name) => [name, ""]));
  const mayBe: MayBe = (contract, owner) => {
    const has = owners.get(contract.name);
    if (has !== undefined) return has === owner;
    owners.set(contract.name, owner);
    return true;
  };
  const patienceMs = deps.patienceMs ?? PATIENCE_MS;
  const live = deps.servers.map((listed) => openServer({ ...deps, patienceMs }, listed, mayBe, () => state.onChange()));
  const ready = await Promise.all(live.map((server) => server.start(AbortSignal.timeout(patienceMs))));
  // One after the other, as they are listed: of two tools with one name, it is the same at every start.
  for (const server of live) await server.read();

  return {
    tools: () => live.flatMap((server) => server.tools()),
    servers: live.map(({ name, tools }, at) => ({ name, ready: ready[at] === true, tools: tools().length })),
    follow(onChange) {
      if (live.length === 0) return;
      state.onChange = onChange;
      state.timer = setInterval(() => {
        for (const server of live) server.look(AbortSignal.timeout(patienceMs));
      }, LOOK_MS).unref();
    },
    async close() {
      clearInterval(state.timer);
      await Promise.all(live.map((server) => server.close()));
    },
  };
}

/** What is pinned, for who only wants to look: no server is started or asked, and no call is made. */
export async function pinnedMcpTools(
  deps: Pick<McpDeps, "pins" | "taken"> & {
    readonly servers: readonly Pick<ListedServer, "name" | "terms">[];
    readonly log: Pick<McpDeps["log"], "warn">;
  },
): Promise<readonly ToolContract[]> {
  const execute = async (): Promise<ToolResult<never>> => fail("service_unavailable", "its server was not started");
  const names = new Set(deps.taken);
  const tools: ToolContract[] = [];
  for (const server of deps.servers) {
    for (const [tool, pin] of await deps.pins.of(server.name)) {
      const made = contractOfPin(server, tool, pin, execute);
      if (!made.ok) deps.log.warn({ server: server.name, tool, why: made.why }, UNUSABLE);
      else if (!names.has(made.contract.name)) tools.push(made.contract);
      if (made.ok) names.add(made.contract.name);
    }
  }
  return tools;
}
