/** One request to one checked address, and its answer read within limits. No redirects, no retries. */
import type { LookupFunction } from "node:net";
import type { ToolErrorCode, ToolFailure, ToolResult } from "../contract.ts";
import type { CheckedUrl, EgressGuard } from "../egress.ts";
import { type Content, readContent } from "./content.ts";

/** What the HTTP tools need. */
export interface HttpDeps {
  readonly guard: EgressGuard;
  /** How Claw introduces itself, e.g. `Claw/0.1.0`. */
  readonly userAgent: string;
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
  readonly content: Content;
}

/** Bytes of headers a server may send. */
const MAX_HEADERS = 64 * 1024;

/**
 * Sends a request to one of the checked addresses and to no other, whatever the name resolves to by now.
 * @returns a failure that says, by `mayHaveHappened`, whether the request may have reached the server
 */
export async function exchange(
  { url, addresses }: CheckedUrl,
  request: HttpRequest,
  signal: AbortSignal,
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
    const response = await client.request({
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: { "accept-encoding": "gzip, deflate, br", ...request.headers },
      body: request.body,
      signal,
    });
    const header = (name: string): string | null => [response.headers[name]].flat()[0] ?? null;
    const content = await readContent(response.body, header("content-encoding"));
    return {
      ok: true,
      value: {
        status: response.statusCode,
        contentType: header("content-type"),
        location: header("location"),
        etag: header("etag"),
        lastModified: header("last-modified"),
        content,
      },
    };
  } catch (error) {
    return { ok: false, error: failureOf(error, url.host, connected, signal) };
  } finally {
    signal.removeEventListener("abort", hangUp);
    hangUp();
  }
}

function pinned(addresses: CheckedUrl["addresses"]): LookupFunction {
  return (_host, { all }, done) => {
    const [first] = addresses;
    if (all || !first) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
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
