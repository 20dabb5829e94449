/** One request to one checked address, and its answer read within limits. No redirects, no retries. */
import type { Dispatcher } from "undici";
import type { ToolErrorCode, ToolFailure, ToolResult } from "../contract.ts";
import type { CheckedUrl, EgressGuard } from "../egress.ts";
import { isNotSent, lastLook, type MayLeave, notOurs } from "../leaving.ts";
import { type Connections, MAX_HEADERS, pinned } from "./connections.ts";
import { type Content, readContent } from "./content.ts";
import type { PlaceSecret } from "./place-secret.ts";

/** What the HTTP tools need. */
export interface HttpDeps {
  readonly guard: EgressGuard;
  /** How Claw introduces itself, e.g. `Claw/0.1.0`. */
  readonly userAgent: string;
  /** What goes along to places of the operator's choice. Absent: nothing. */
  readonly secrets?: readonly PlaceSecret[];
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | null;
  /** As the server wrote it. */
  readonly location: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** What the answer depends on beside its URL, as the server wrote it. */
  readonly vary: string | null;
  readonly date: string | null;
  readonly content: Content;
}

/**
 * Sends a request to one of the checked addresses and to no other, whatever the name resolves to by now.
 * @param mayLeave asked when the connection stands, before anything is written to it
 * @returns a failure that says, by `mayHaveHappened`, whether the request may have reached the server
 */
export async function exchange(
  { url, addresses }: CheckedUrl,
  request: HttpRequest,
  signal: AbortSignal,
  mayLeave?: MayLeave,
): Promise<ToolResult<HttpAnswer>> {
  // Loaded when first needed: most processes that know this tool never call it.
  const { Client } = await import("undici");
  const client = new Client(url.origin, {
    maxHeaderSize: MAX_HEADERS,
    // The signal is the only limit in time.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 0, lookup: pinned(addresses) },
  });
  let connected = false;
  client.on("connect", () => {
    connected = true;
  });
  // Until the connection stands, the client does not listen to a request's own signal.
  const hangUp = (): void => {
    client.destroy().catch(() => undefined);
  };
  signal.addEventListener("abort", hangUp, { once: true });
  try {
    signal.throwIfAborted();
    const via = mayLeave ? lastLook(client, mayLeave) : client;
    return { ok: true, value: await answerOf(via, url, request, signal) };
  } catch (error) {
    if (isNotSent(error)) return notOurs;
    return { ok: false, error: failureOf(error, url.host, connected, signal) };
  } finally {
    signal.removeEventListener("abort", hangUp);
    hangUp();
  }
}

async function answerOf(via: Dispatcher, url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const response = await via.request({
    origin: url.origin,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers: { "accept-encoding": "gzip, deflate, br", ...request.headers },
    body: request.body,
    signal,
  });
  const header = (name: string): string | null => [response.headers[name]].flat()[0] ?? null;
  const all = (name: string): string | null => [response.headers[name] ?? []].flat().join(", ") || null;
  const content = await readContent(response.body, header("content-encoding"));
  return {
    status: response.statusCode,
    contentType: header("content-type"),
    location: header("location"),
    etag: header("etag"),
    lastModified: header("last-modified"),
    vary: all("vary"),
    date: header("date"),
    content,
  };
}

/**
 * The same for a read, on a connection that may stand already. A server closes those when it likes, also while a request is
 * on its way: then, and whenever it does not go well, the read is made on a connection of its own, whose failure counts.
 */
export async function read(
  connections: Connections,
  checked: CheckedUrl,
  headers: HttpRequest["headers"],
  signal: AbortSignal,
): Promise<ToolResult<HttpAnswer>> {
  const request = { method: "GET", headers, body: null } as const;
  const gone = aborted(signal);
  try {
    signal.throwIfAborted();
    const via = await connections.to(checked);
    // Until a connection stands, nobody listens to a request's own signal.
    const answer = await Promise.race([answerOf(via, checked.url, request, signal), gone.promise]);
    if (answer.content.fault?.kind !== "lost") return { ok: true, value: answer };
  } catch {
    // What is wrong is seen below.
  } finally {
    gone.forget();
  }
  return exchange(checked, request, signal);
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): { readonly promise: Promise<never>; readonly forget: () => void } {
  let onAbort = (): void => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  promise.catch(() => undefined);
  return { promise, forget: () => signal.removeEventListener("abort", onAbort) };
}

/** A bad certificate, or no TLS at all. */
const INSECURE = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** What went wrong, from the error's code alone. `sent`: a connection stood, so the request may have arrived. */
export function failureOf(error: unknown, host: string, sent: boolean, signal: AbortSignal): ToolFailure {
  const failure = (code: ToolErrorCode, message: string): ToolFailure => ({ code, message, mayHaveHappened: sent });
  if (signal.aborted) return failure("timeout", `${host} gave no answer in time`);
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  if (INSECURE.test(code)) return failure("invalid_output", `no secure connection to ${host}: ${code}`);
  if (error instanceof Error && error.name === "HTTPParserError") {
    return failure("invalid_output", `${host} did not answer in HTTP`);
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW")
    return failure("too_large", `${host} sent over ${MAX_HEADERS} bytes of headers`);
  if (!sent) return failure("service_unavailable", `${host} cannot be reached${code === "" ? "" : ` (${code})`}`);
  return failure("connection_lost", `${host} closed the connection before it had answered`);
}
