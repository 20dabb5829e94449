/**
 * Open pages and what they are sent. A page's stream asks for what changed above the last version it has sent, when it
 * is woken, when it connects and at each heartbeat; so nothing is kept for a page that reads slowly, a lost wake costs
 * one heartbeat, and catching up after a reconnect is the same as following.
 */
export interface Batch {
  /** The stream's text, or null when nothing changed. */
  readonly text: string | null;
  readonly version: number;
  /** The page is to be closed after it. */
  readonly last: boolean;
}

export type LoadBatch = (after: number) => Promise<Batch>;

/** Shorter than the idle limit of common proxies. */
const HEARTBEAT_MS = 15_000;
const MOST_STREAMS = 200;

class Waiter {
  #due = true;
  #wake: () => void = () => {};
  closed = false;

  wake(): void {
    this.#due = true;
    this.#wake();
  }

  close(): void {
    this.closed = true;
    this.#wake();
  }

  /** Taken before reading, so that a wake that comes while we read is not lost. */
  take(): void {
    this.#due = false;
  }

  async wait(ms: number): Promise<"woken" | "quiet"> {
    if (this.#due || this.closed) return "woken";
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve("quiet"), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve("woken");
      };
    });
  }
}

export class Streams {
  readonly #open = new Set<Waiter>();
  readonly #heartbeatMs: number;

  constructor(options: { readonly heartbeatMs: number } = { heartbeatMs: HEARTBEAT_MS }) {
    this.#heartbeatMs = options.heartbeatMs;
  }

  get full(): boolean {
    return this.#open.size >= MOST_STREAMS;
  }

  wake(): void {
    for (const waiter of this.#open) waiter.wake();
  }

  /** Ends every stream; pages connect again by themselves. */
  close(): void {
    for (const waiter of this.#open) waiter.close();
  }

  /** @param after the version the page has seen; @param onTrouble told why a stream had to end */
  open(after: number, load: LoadBatch, onTrouble: (error: unknown) => void): ReadableStream<Uint8Array> {
    const waiter = new Waiter();
    const bytes = new TextEncoder();
    const open = this.#open;
    const heartbeatMs = this.#heartbeatMs;
    let version = after;
    open.add(waiter);
    const end = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      // A page that has left has closed it already.
      if (open.delete(waiter)) controller.close();
    };
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          controller.enqueue(bytes.encode("retry: 1000\n: connected\n\n"));
        },
        // Called only when the connection has room: a page that does not read is not read for.
        async pull(controller) {
          try {
            for (;;) {
              if (waiter.closed) return end(controller);
              waiter.take();
              const batch = await load(version);
              if (!open.has(waiter)) return;
              version = batch.version;
              if (batch.text !== null) controller.enqueue(bytes.encode(batch.text));
              if (batch.last) return end(controller);
              if (batch.text !== null) return waiter.wake();
              const woken = await waiter.wait(heartbeatMs);
              if (woken === "quiet" && open.has(waiter)) return controller.enqueue(bytes.encode(": still here\n\n"));
            }
          } catch (error) {
            onTrouble(error);
            end(controller);
          }
        },
        cancel() {
          waiter.close();
          open.delete(waiter);
        },
      },
      { highWaterMark: 1 },
    );
  }
}

/** One event of a stream; the page's next connection tells the id of the last one it got. */
export const sent = (id: number, name: string, data: unknown): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
