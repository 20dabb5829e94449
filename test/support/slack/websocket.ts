/** The server's side of RFC 6455, as much of it as a text protocol needs: handshake, frames, pings, closing. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CONTINUATION = 0x0;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

export interface WebSocketEvents {
  text(message: string): void;
  /** The connection is gone, by whichever side and however. Called once. @param code of the peer's close frame, if any */
  closed(code: number | null): void;
}

export class WebSocketConnection {
  private buffered = Buffer.alloc(0);
  private fragments: Buffer[] = [];
  private over = false;
  private closing = false;
  private peerCode: number | null = null;

  private constructor(
    private readonly socket: Duplex,
    private readonly events: WebSocketEvents,
  ) {
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.end());
    socket.on("end", () => socket.end());
  }

  /** Answers an upgrade request. @returns null when it is no WebSocket handshake; it was refused with a 400 */
  static accept(request: IncomingMessage, socket: Duplex, events: WebSocketEvents): WebSocketConnection | null {
    const key = request.headers["sec-websocket-key"];
    if (typeof key !== "string" || request.headers.upgrade?.toLowerCase() !== "websocket") {
      socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
      return null;
    }
    const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    return new WebSocketConnection(socket, events);
  }

  get open(): boolean {
    return !this.over && !this.closing;
  }

  send(text: string): void {
    this.frame(TEXT, Buffer.from(text, "utf8"));
  }

  ping(): void {
    this.frame(PING, Buffer.from("ping"));
  }

  /** Says goodbye as the protocol wants it; the peer's close frame ends the connection. */
  close(code = 1000): void {
    if (!this.open) return;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.frame(CLOSE, payload);
    this.closing = true;
  }

  /** Cuts the line without a word. */
  drop(): void {
    this.socket.destroy();
    this.end();
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.events.closed(this.peerCode);
  }

  private frame(opcode: number, payload: Buffer): void {
    if (!this.open || !this.socket.writable) return;
    const length = payload.length;
    const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
    head[0] = 0x80 | opcode;
    if (head.length === 2) head[1] = length;
    else if (head.length === 4) {
      head[1] = 126;
      head.writeUInt16BE(length, 2);
    } else {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(length), 2);
    }
    this.socket.write(Buffer.concat([head, payload]));
  }

  private take(chunk: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, chunk]);
    for (;;) {
      const used = this.takeFrame();
      if (used === 0) return;
      this.buffered = this.buffered.subarray(used);
    }
  }

  /** @returns the bytes used; 0 when the frame is not whole yet */
  private takeFrame(): number {
    const data = this.buffered;
    if (data.length < 2) return 0;
    const first = data.readUInt8(0);
    const second = data.readUInt8(1);
    let length = second & 0x7f;
    let at = 2;
    if (length === 126) {
      if (data.length < 4) return 0;
      length = data.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (data.length < 10) return 0;
      length = Number(data.readBigUInt64BE(2));
      at = 10;
    }
    if ((second & 0x80) === 0) {
      // A client that does not mask its frames breaks the protocol.
      this.drop();
      return data.length;
    }
    if (data.length < at + 4 + length) return 0;
    const mask = data.subarray(at, at + 4);
    const payload = Buffer.from(data.subarray(at + 4, at + 4 + length));
    for (let index = 0; index < payload.length; index += 1) {
      payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
    }
    this.handle(first, payload);
    return at + 4 + length;
  }

  private handle(first: number, payload: Buffer): void {
    const opcode = first & 0x0f;
    const last = (first & 0x80) !== 0;
    if (opcode === PING) this.frame(PONG, payload);
    if (opcode === CLOSE) {
      // The answer to a close frame of ours, or the peer's own, which is answered in kind.
      if (!this.closing) {
        this.peerCode = payload.length >= 2 ? payload.readUInt16BE(0) : null;
        this.frame(CLOSE, payload.subarray(0, 2));
      }
      this.closing = true;
      this.socket.end();
    }
    if (opcode === TEXT || opcode === CONTINUATION) {
      this.fragments.push(payload);
      if (!last) return;
      const text = Buffer.concat(this.fragments).toString("utf8");
      this.fragments = [];
      this.events.text(text);
    }
  }
}
