/** The connection to one MCP server: opened when needed, opened again with patience when it breaks. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { fail, ok, type ToolResult } from "../contract.ts";
import { createWrites, isNotSent, type MayLeave, notOurs } from "../leaving.ts";
import { cut, storable, storableText } from "../text.ts";
import type { Offer } from "./offer.ts";

/** How a server is reached, as the operator says it. */
export type McpAddress =
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      /** All of its environment beside what a program needs to run at all. */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

export interface McpServer {
  /** Has it say what it offers now; `onOffers` hears it. A connection over which it does not is given up. */
  offers(signal: AbortSignal): Promise<ToolResult<readonly Offer[]>>;
  isConnected(): boolean;
  /**
   * One call of a tool by the server's own name for it.
   * @param refusal asked once the connection stands, which may be new and have brought other tools; null: go on
   * @param mayLeave asked when nothing of the call is sent yet
   */
  call(
    tool: string,
    input: unknown,
    signal: AbortSignal,
    refusal: () => Promise<ToolResult<never> | null>,
    mayLeave: MayLeave,
  ): Promise<ToolResult<McpAnswer>>;
  close(): Promise<void>;
}

export interface McpAnswer {
  readonly text: string;
  readonly structured: unknown;
  readonly truncated: boolean;
}

export interface McpServerDeps {
  readonly name: string;
  readonly address: McpAddress;
  readonly version: string;
  readonly now: () => number;
  /** Milliseconds for a connection, and for a list of tools. */
  readonly patienceMs: number;
  /** Called when the server says that its tools have changed, and after every connection. */
  readonly onOffers: (offers: readonly Offer[]) => void;
}

const CALL_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const MAX_TEXT = 20_000;
const MAX_PAGES = 20;

/** Opens nothing yet. */
export function createMcpServer(deps: McpServerDeps): McpServer {
  const state: { connection: Connection | null; failures: number; notBefore: number; closed: boolean } = {
    connection: null,
    failures: 0,
    notBefore: 0,
    closed: false,
  };
  const closing = new AbortController();
  /** Of the call that a message belongs to; the protocol's own messages belong to none. */
  const calls = new AsyncLocalStorage<MayLeave>();
  const writes = createWrites();
  const send: typeof fetch = async (url, init) => {
    const mayLeave = calls.getStore();
    return mayLeave && init?.method === "POST" ? (await writes.fetch(mayLeave))(url, init) : fetch(url, init);
  };

  /** Once a connection: the one after it is not to pay for it. */
  function broke(connection: Connection): void {
    if (state.connection !== connection) return;
    state.connection = null;
    state.failures += 1;
    state.notBefore = deps.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (state.failures - 1));
    void connection.client.then((client) => client.close()).catch(() => undefined);
  }

  async function connected(): Promise<ToolResult<{ readonly connection: Connection; readonly client: Client }>> {
    if (state.closed) return unsent("cancelled", `${deps.name} is being closed`);
    const wait = state.notBefore - deps.now();
    if (state.connection === null && wait > 0) {
      return unsent("service_unavailable", `the MCP server ${deps.name} is down; it is tried again soon`, wait);
    }
    state.connection ??= opening();
    const { connection } = state;
    try {
      return ok({ connection, client: await connection.client });
    } catch {
      broke(connection);
      return unsent("service_unavailable", `the MCP server ${deps.name} does not start or answer`);
    }
  }

  function opening(): Connection {
    const connection: Connection = { client: open(() => broke(connection)) };
    return connection;
  }

  async function open(onClosed: () => void): Promise<Client> {
    const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
    const client = new Client(
      { name: "claw", version: deps.version },
      {
        // No roots, no sampling, no elicitation: a server is asked and answers, and asks nothing itself.
        capabilities: {},
        listChanged: {
          tools: {
            autoRefresh: false,
            // At once: a server that says so without end must not keep us from hearing it.
            debounceMs: 0,
            onChanged: () => void hear(client, AbortSignal.timeout(deps.patienceMs)).catch(() => undefined),
          },
        },
      },
    );
    client.onclose = () => {
      if (!state.closed) onClosed();
    };
    client.onerror = () => undefined;
    try {
      await client.connect(await transportTo(deps.address, send), { signal: closing.signal, timeout: deps.patienceMs });
      await hear(client, AbortSignal.any([closing.signal, AbortSignal.timeout(deps.patienceMs)]));
      return client;
    } catch (error) {
      // A program that was started and says nothing is not left behind.
      await client.close().catch(() => undefined);
      throw error;
    }
  }

  async function hear(client: Client, signal: AbortSignal): Promise<readonly Offer[]> {
    const offers = await listed(client, signal);
    deps.onOffers(offers);
    return offers;
  }

  /** Over HTTP a server that keeps no session has no way to say that its tools have changed. */
  const cannotSay = (client: Client): boolean =>
    deps.address.kind === "http" && client.transport?.sessionId === undefined;

  async function offers(signal: AbortSignal): Promise<ToolResult<readonly Offer[]>> {
    const to = await connected();
    if (!to.ok) return to;
    try {
      return ok(await hear(to.value.client, signal));
    } catch {
      broke(to.value.connection);
      return unsent("service_unavailable", `the MCP server ${deps.name} does not list its tools`);
    }
  }

  return {
    offers,

    isConnected: () => state.connection !== null,

    async call(tool, input, signal, refusal, mayLeave) {
      const to = await connected();
      if (!to.ok) return to;
      const { client, connection } = to.value;
      if (cannotSay(client)) {
        const now = await offers(signal);
        if (!now.ok) return now;
      }
      const refused = await refusal();
      if (refused) return refused;
      if (!mayLeave()) return notOurs;
      try {
        // To a program of this machine it is written at once; to a server elsewhere when a connection stands.
        const answer = await calls.run(mayLeave, () =>
          client.callTool({ name: tool, arguments: input as Record<string, unknown> }, undefined, {
            signal,
            timeout: CALL_MS,
          }),
        );
        state.failures = 0;
        return answered(deps.name, answer);
      } catch (error) {
        if (isNotSent(error)) return notOurs;
        if (!signal.aborted && !(codeOf(error) < 0)) broke(connection);
        return failed(deps.name, error, signal);
      }
    },

    async close() {
      state.closed = true;
      closing.abort();
      const client = await state.connection?.client.catch(() => null);
      await client?.close().catch(() => undefined);
      writes.close();
    },
  };
}

interface Connection {
  readonly client: Promise<Client>;
}

async function transportTo(address: McpAddress, send: typeof fetch) {
  if (address.kind === "stdio") {
    const { getDefaultEnvironment, StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
    const { command, args, env } = address;
    const environment = { ...getDefaultEnvironment(), ...env };
    return new StdioClientTransport({ command, args: [...args], env: environment, stderr: "ignore" });
  }
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  return new StreamableHTTPClientTransport(new URL(address.url), {
    requestInit: { headers: address.headers, redirect: "error" },
    fetch: send,
  }) as import("@modelcontextprotocol/sdk/shared/transport.js").Transport;
}

async function listed(client: Client, signal: AbortSignal): Promise<readonly Offer[]> {
  const offers: Offer[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { tools, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor }, { signal });
    offers.push(
      ...tools.map(({ name, description, inputSchema }) => ({
        name: storableText(name),
        description: storableText(description ?? ""),
        inputSchema: storable(inputSchema) as Record<string, unknown>,
      })),
    );
    if (nextCursor === undefined) return offers;
    cursor = nextCursor;
  }
  return offers;
}

/** What the protocol calls content: texts are read, all else is named. */
function answered(name: string, answer: unknown): ToolResult<McpAnswer> {
  const {
    content = [],
    structuredContent = null,
    isError = false,
  } = (answer ?? {}) as {
    readonly content?: readonly Readonly<Record<string, unknown>>[];
    readonly structuredContent?: unknown;
    readonly isError?: boolean;
  };
  const parts = content.map((part) => {
    if (typeof part.text === "string") return part.text;
    const resource = part.resource;
    if (typeof resource === "object" && resource !== null && "text" in resource) return String(resource.text);
    return `(${String(part.type)}, which cannot be read here)`;
  });
  const { text, truncated } = cut(storableText(parts.join("\n")), MAX_TEXT);
  if (isError) return fail("invalid_input", `${name} refuses: ${text.slice(0, 800)}`);
  const structured = JSON.stringify(structuredContent).length > MAX_TEXT ? null : storable(structuredContent);
  return ok({ text, structured, truncated: truncated || (structured === null && structuredContent !== null) });
}

/** Below 0 the protocol's, which a server answers with; else what HTTP says; NaN: none, as nothing answered. */
const codeOf = (error: unknown): number =>
  error instanceof Error && "code" in error ? Number(error.code) : Number.NaN;

/** What HTTP says of a session that there is no more. MCP 2025-06-18, "Session Management". */
const NO_SESSION = 404;

/** `-32602`: invalid params. `-32601`: no such method. JSON-RPC 2.0, section 5.1. */
function failed(name: string, error: unknown, signal: AbortSignal): ToolResult<never> {
  if (signal.aborted) return fail("timeout", `the MCP server ${name} gave no answer in time`);
  const code = codeOf(error);
  const message = error instanceof Error ? storableText(error.message).slice(0, 500) : "";
  if (code === -32_602 || code === -32_601) return unsent("invalid_input", `${name} refuses the call: ${message}`);
  if (code === NO_SESSION) return unsent("service_unavailable", `the MCP server ${name} was started again`);
  if (code === -32_001) return fail("timeout", `the MCP server ${name} gave no answer in time`);
  return fail("connection_lost", `the MCP server ${name} broke off before it had answered`);
}

const unsent = (code: Parameters<typeof fail>[0], message: string, retryAfterMs?: number): ToolResult<never> => ({
  ok: false,
  error: { code, message, mayHaveHappened: false, ...(retryAfterMs !== undefined && { retryAfterMs }) },
});
