/**
 * The tools of one MCP server, as people accepted them: what it offers is kept as it is heard, what is accepted is read
 * again, and a call is made only while both are the same.
 */
import { contractFaults, type fail, type ToolContract, type ToolResult } from "../contract.ts";
import { visible } from "../text.ts";
import type { ListedServer, McpDeps, Pin } from "./index.ts";
import { contractOf, type Offer, offerHash, UNSAID } from "./offer.ts";
import { createMcpServer } from "./server.ts";

const CHANGED = "a tool of an MCP server has changed since it was accepted and is not called: claw mcp shows how";

/** Whether a tool may have its name. @param owner the same for the same tool of the same server */
export type MayBe = (contract: ToolContract, owner: string) => boolean;

export const UNUSABLE = "a tool of an MCP server cannot be used";

export interface LiveServer {
  readonly name: string;
  /** Asks it what it offers. Never throws. @returns whether it said so */
  start(signal: AbortSignal): Promise<boolean>;
  /** Reads what is accepted. @throws Error when the database is away */
  read(): Promise<void>;
  /** Begins to {@link read}, and to try it again when it is down; not while an earlier look is under way. Never throws. */
  look(signal: AbortSignal): void;
  tools(): readonly ToolContract[];
  close(): Promise<void>;
}

interface Known {
  /** Of what is accepted, and of what is offered beside it. */
  readonly accepted: string;
  readonly offered: string | null;
  /** People were told that it is not as it was accepted: once, however often it changes and changes back. */
  readonly told: boolean;
  /** Null: it cannot be used. */
  readonly contract: ToolContract | null;
}

export function openServer(
  { pins, version, now, patienceMs, log }: McpDeps & { readonly patienceMs: number },
  { name, address, terms }: ListedServer,
  mayBe: MayBe,
  onChange: () => void,
): LiveServer {
  const state = {
    /** What it offers as of its last word, by name: hashes. Null before its first. */
    heard: null as ReadonlyMap<string, string> | null,
    /** What it said and is not kept yet. */
    unkept: null as readonly Offer[] | null,
    /** One after the other: what is read last was kept last. */
    reading: Promise.resolve(),
    /** Waits for its turn. */
    next: null as Promise<void> | null,
    hasRead: false,
    looking: null as Promise<void> | null,
  };
  const known = new Map<string, Known>();

  const server = createMcpServer({
    name,
    address,
    version,
    now,
    patienceMs,
    onOffers: (offers) => {
      const heard = new Map(offers.map((offer) => [offer.name, offerHash(offer)]));
      const isNews = heard.size !== state.heard?.size || [...heard].some(([tool, is]) => state.heard?.get(tool) !== is);
      state.heard = heard;
      if (!isNews) return;
      state.unkept = offers;
      // At the start, the servers' words are kept in their order.
      if (state.hasRead)
        read().catch((err: unknown) => log.warn({ server: name, err }, "what an MCP server offers could not be kept"));
    },
  });

  /** Joins one that has not begun: a server that speaks without end fills no queue. */
  function read(): Promise<void> {
    state.next ??= state.reading.then(() => {
      state.next = null;
      return readOnce();
    });
    state.reading = state.next.catch(() => undefined);
    return state.next;
  }

  async function readOnce(): Promise<void> {
    const offers = state.unkept;
    if (offers) {
      await pins.keep(name, offers);
      if (state.unkept === offers) state.unkept = null;
    }
    const rows = await pins.of(name);
    const changed = [...rows].filter(([tool, pin]) => take(tool, pin));
    state.hasRead = true;
    if (changed.length > 0) onChange();
  }

  async function lookOnce(signal: AbortSignal): Promise<void> {
    if (!server.isConnected()) {
      const back = await server.offers(signal);
      if (back.ok) log.info({ server: name }, "an MCP server answers now");
    }
    await read();
  }

  /** @returns whether it is news */
  function take(tool: string, pin: Pin): boolean {
    const before = known.get(tool);
    const accepted = offerHash(pin.accepted);
    const offered = pin.offered && offerHash(pin.offered);
    if (before?.accepted === accepted && before.offered === offered) return false;
    const told = before?.accepted === accepted && before.told;
    if (offered !== null && !told) log.warn({ server: name, tool }, CHANGED);
    else if (before && before.accepted !== accepted)
      log.info({ server: name, tool }, "a change of an MCP tool is accepted");
    else if (!before && state.hasRead) log.info({ server: name, tool }, "an MCP server offers a new tool");
    const made = contractOfPin({ name, terms }, tool, pin, (input, ctx) => call(tool, accepted, input, ctx));
    const isNamed = made.ok && mayBe(made.contract, `${name} ${tool}`);
    if (!made.ok) log.warn({ server: name, tool, why: made.why }, UNUSABLE);
    else if (!isNamed) log.warn({ tool: made.contract.name }, "an MCP tool has the name of another");
    // What a run began with stays, if only to say why it is not called: as it was accepted before, it refuses.
    const contract = made.ok && isNamed ? made.contract : (before?.contract ?? null);
    known.set(tool, { accepted, offered, told: told || offered !== null, contract });
    return true;
  }

  async function call(
    tool: string,
    pinned: string,
    input: unknown,
    ctx: Parameters<ToolContract["execute"]>[1],
  ): Promise<ToolResult<unknown>> {
    // Not only once the connection stands: what is off needs none to be refused.
    const refused = state.heard && (await refusal(tool, pinned, input));
    if (refused) return refused;
    const mayLeave = ctx.mayLeave ?? (() => true);
    return server.call(tool, input, ctx.signal, () => refusal(tool, pinned, input), mayLeave);
  }

  /** @param pinned what the called contract was made of */
  async function refusal(tool: string, pinned: string, input: unknown): Promise<ToolResult<never> | null> {
    // What would be refused may have been accepted since.
    if (state.unkept || state.heard?.get(tool) !== known.get(tool)?.accepted) await read().catch(() => undefined);
    const offered = state.heard?.get(tool);
    const of = known.get(tool);
    if (offered === undefined) return no("not_found", `the MCP server ${name} no longer offers ${tool}`);
    if (offered !== of?.accepted) return no("not_permitted", changedWords(name, tool));
    const fits = offered === pinned && of.contract?.input.safeParse(input).success;
    return fits ? null : no("invalid_input", `${tool} of ${name} is another by now: call it as it is described now`);
  }

  return {
    name,
    async start(signal) {
      const offered = await server.offers(signal);
      if (!offered.ok) log.warn({ server: name, why: offered.error.message }, "an MCP server does not answer");
      return offered.ok;
    },
    read,
    look(signal) {
      state.looking ??= lookOnce(signal)
        .catch((err: unknown) => log.warn({ server: name, err }, "what is accepted of an MCP server could not be read"))
        .finally(() => {
          state.looking = null;
        });
    },
    tools: () => [...known.values()].flatMap(({ contract }) => contract ?? []),
    async close() {
      await server.close();
      await state.looking;
      await state.reading;
    },
  };
}

/** @returns the contract of what is accepted, off while something else is offered; or why there can be none */
export function contractOfPin(
  { name, terms }: Pick<ListedServer, "name" | "terms">,
  tool: string,
  { accepted, offered }: Pin,
  execute: ToolContract["execute"],
): { readonly ok: true; readonly contract: ToolContract } | { readonly ok: false; readonly why: string } {
  const made = contractOf(name, accepted, { ...UNSAID, ...terms[tool] });
  if (!made.ok) return made;
  const off = offered && { off: `it has changed; an operator looks with claw mcp accept ${name} ${visible(tool)}` };
  const contract: ToolContract = { ...made.contract, execute, ...off };
  const faults = contractFaults(contract);
  return faults.length > 0 ? { ok: false, why: faults.join("; ") } : { ok: true, contract };
}

const no = (code: Parameters<typeof fail>[0], message: string): ToolResult<never> => ({
  ok: false,
  error: { code, message, mayHaveHappened: false },
});

const changedWords = (server: string, tool: string): string =>
  `${visible(tool)} of ${server} has changed since it was accepted. An operator must look at it: claw mcp accept ${server} ${visible(tool)}`;
