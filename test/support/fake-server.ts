/** The one port of a fake platform, which can be gone for a while and come back where it was. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";

export abstract class FakeServer {
  private server: Server | null = null;
  private port = 0;
  private readonly sockets = new Set<Socket>();

  protected abstract handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  protected abstract upgrade(request: IncomingMessage, socket: Duplex): void;
  /** A bug of the fake, which is no bug of whoever is tested. */
  protected abstract complain(words: string): void;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens; after an outage on the port it had. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      if (this.server !== server) return void response.destroy();
      this.handle(request, response).catch((cause: unknown) => {
        // A client that goes away in the middle is what some tests are about; anything else is a bug of the fake.
        if (!request.destroyed)
          this.complain(`the fake failed: ${cause instanceof Error ? cause.stack : String(cause)}`);
        response.destroy();
      });
    });
    server.on("upgrade", (request, socket) => {
      if (this.server === server) this.upgrade(request, socket);
      else socket.destroy();
    });
    server.on("connection", (socket) => {
      if (this.server !== server) return void socket.destroy();
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      this.server = server;
      server.listen(this.port, "127.0.0.1", resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  /** Answers nothing from now on, and refuses connections once the clients of all there are know. A second call does no harm. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server) return;
    await Promise.all([...this.sockets].map(ended));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** A client that does not hear, such as a frozen one, is cut off after so many milliseconds. */
const DEAF_MS = 2_000;

/** Ends a connection, and waits until its client knows: else that would write to it once more, and could not tell whether that arrived. */
const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => socket.destroy(), DEAF_MS);
    socket.once("close", () => {
      clearTimeout(cut);
      resolve();
    });
    socket.end();
  });

/** The body of a request, to its end. */
export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
