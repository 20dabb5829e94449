/** A web server on loopback whose pages a test sets, changes and breaks. It speaks real HTTP, and breaks it for real. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** Answers one request; what it does not answer hangs until the server closes. */
export type Reply = (request: SeenRequest, response: ServerResponse) => void;

export interface HttpServer {
  /** `http://127.0.0.1:4711`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** In the order they came. */
  readonly requests: readonly SeenRequest[];
  /** Sets what a path (without query) answers, from the next request on; a text is a 200 in plain text. */
  page(path: string, reply: Reply | string): void;
  /** Ends every connection, also the hanging ones. */
  close(): Promise<void>;
}

/** @param host another loopback address makes it another host */
export async function httpServer({ host = "127.0.0.1", port = 0 } = {}): Promise<HttpServer> {
  const pages = new Map<string, Reply>();
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString("utf8") };
      requests.push(request);
      const reply = pages.get(path.split("?")[0] ?? "") ?? send("no such page", { status: 404 });
      reply(request, response);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    requests,
    page: (path, reply) => void pages.set(path, typeof reply === "string" ? send(reply) : reply),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export interface SendOptions {
  readonly status?: number;
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole answer. `type: null` sends no content type. */
export function send(
  body: string | Uint8Array,
  { status = 200, type = "text/plain; charset=utf-8", headers }: SendOptions = {},
): Reply {
  return (_request, response) => {
    response.writeHead(status, { ...(type !== null && { "content-type": type }), ...headers });
    response.end(body);
  };
}

export const html = (body: string): Reply => send(body, { type: "text/html; charset=utf-8" });
export const json = (value: unknown, status = 200): Reply =>
  send(JSON.stringify(value), { status, type: "application/json" });

export const redirectTo = (location: string, status = 302): Reply => send("moved", { status, headers: { location } });

/** Takes the request and never answers. */
export const hang: Reply = () => undefined;

/** Sends the headers and the beginning of a body, then nothing more. */
export const stall: Reply = (_request, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
  response.write("the beginning");
};

/** Sends the beginning of a body, then resets the connection. */
export const resetMidBody: Reply = (_request, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
  response.write("the beginning", () => response.socket?.resetAndDestroy());
};

/** Takes the request and resets the connection without an answer. */
export const resetBeforeAnswer: Reply = (_request, response) => {
  response.socket?.resetAndDestroy();
};

/** An endless text; it stops when the reader hangs up. */
export const endless: Reply = (_request, response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  const block = `${"all work and no play ".repeat(3_000)}\n`;
  const more = (): void => {
    while (!response.destroyed && response.write(block));
  };
  response.on("drain", more);
  more();
};

/** A small archive of a huge text. @param mebibytes of text that it unpacks to */
export const gzipBomb = (mebibytes: number): Reply =>
  send(gzipSync(Buffer.alloc(mebibytes * 1024 * 1024, "a")), { headers: { "content-encoding": "gzip" } });

/** A server on 127.0.0.1 that speaks something else. @param banner what it says before it hangs up; null: it stays silent */
export async function tcpServer(banner: string | null): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).resume();
    if (banner !== null) socket.end(banner);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
