/** Messages of PostgreSQL's protocol 3, https://www.postgresql.org/docs/current/protocol-message-formats.html */

export interface Message {
  /** One letter; empty for the untyped first message of a connection. */
  readonly type: string;
  /** Type, length and body, as it goes over the wire. */
  readonly bytes: Buffer;
  readonly body: Buffer;
}

/** Cuts a stream into messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @param typed false for the first message of a client, which has no type letter */
  take(typed: boolean): Message | null {
    const head = typed ? 1 : 0;
    if (this.#rest.length < head + 4) return null;
    const end = head + this.#rest.readInt32BE(head);
    if (this.#rest.length < end) return null;
    const bytes = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    return { type: typed ? String.fromCharCode(bytes[0] ?? 0) : "", bytes, body: bytes.subarray(head + 4) };
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
  }
}

/** The zero-terminated strings at the start of a body. */
export function strings(body: Buffer, count: number, from = 0): readonly string[] {
  const found: string[] = [];
  let at = from;
  while (found.length < count && at < body.length) {
    const end = body.indexOf(0, at);
    found.push(body.toString("utf8", at, end));
    at = end + 1;
  }
  return found;
}

function frame(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const simpleQuery = (text: string): Buffer => frame("Q", Buffer.from(`${text}\0`));

/** An ErrorResponse, as the server writes it for an ordinary failure of a statement. */
export const errorResponse = (sqlState: string, message: string): Buffer =>
  frame("E", Buffer.from(`SERROR\0VERROR\0C${sqlState}\0M${message}\0\0`));

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

/** Does a client ask for encryption first? */
export const asksForEncryption = (first: Message): boolean =>
  first.bytes.length === 8 && [SSL_REQUEST, GSS_REQUEST].includes(first.body.readInt32BE(0));

/** The name that a client gives itself at the start; empty if none. */
export function applicationName(startup: Message): string {
  const pairs = strings(startup.body, 100, 4);
  const at = pairs.indexOf("application_name");
  return at >= 0 && at % 2 === 0 ? (pairs[at + 1] ?? "") : "";
}
