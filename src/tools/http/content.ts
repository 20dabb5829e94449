/** A response's bytes: decompressed, bounded, and kept as far as they came. */
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";

/** Bytes read at most, of what is sent and of what comes out of it: a small archive may hold a huge text. */
export const MAX_BYTES = 1024 * 1024;

export interface Content {
  readonly bytes: Buffer;
  /** There was more than {@link MAX_BYTES}. */
  readonly truncated: boolean;
  /** Why the end was not reached; null when it was, or when `truncated`. */
  readonly fault: ContentFault | null;
}

/** `lost`: the connection broke. `coding`: compressed in a way we do not know, or not as the header says. */
export interface ContentFault {
  readonly kind: "lost" | "coding";
  readonly cause: unknown;
}

/** Reads a body. Never rejects; the body is closed when it returns. */
export async function readContent(body: Readable, encoding: string | null): Promise<Content> {
  const decoder = decoderOf(encoding);
  if (decoder === "unknown") {
    body.on("error", () => undefined).destroy();
    return {
      bytes: Buffer.alloc(0),
      truncated: false,
      fault: { kind: "coding", cause: new Error("content-encoding") },
    };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let received = 0;
  const lost: unknown[] = [];
  async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of source) {
        received += chunk.length;
        yield chunk;
        if (received > MAX_BYTES) return;
      }
    } catch (cause) {
      lost.push(cause);
      throw cause;
    }
  }
  const full = (): boolean => size > MAX_BYTES || received > MAX_BYTES;
  const content = (fault: ContentFault | null): Content => ({
    bytes: Buffer.concat(chunks).subarray(0, MAX_BYTES),
    truncated: full(),
    fault: full() ? null : fault,
  });
  try {
    const decoded = decoder ? pipeline(bounded(body), decoder, () => undefined) : bounded(body);
    for await (const chunk of decoded as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) break;
    }
    return content(null);
  } catch (cause) {
    return content(lost.length > 0 ? { kind: "lost", cause: lost[0] } : { kind: "coding", cause });
  } finally {
    body.on("error", () => undefined).destroy();
  }
}

function decoderOf(encoding: string | null) {
  switch ((encoding ?? "").trim().toLowerCase()) {
    case "":
    case "identity":
      return null;
    case "gzip":
    case "x-gzip":
    case "deflate":
      return createUnzip();
    case "br":
      return createBrotliDecompress();
    default:
      return "unknown" as const;
  }
}
