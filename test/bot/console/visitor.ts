/** A person at the console's page, over real HTTP: their cookie, what the page shows them, what they type and press. */
import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request, with headers that `fetch` would not let through (Host). */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const pairs = Object.entries(response.headersDistinct).flatMap(([name, values]) =>
          (values ?? []).map((value): [string, string] => [name, value]),
        );
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: new Headers(pairs), text });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

/** What markup shows: its words, on one line. */
export const wordsOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, " ")
    .trim();

export interface SeenButton {
  readonly label: string;
  readonly action: string;
  readonly value: string;
}

export interface SeenMessage {
  readonly messageId: string;
  readonly html: string;
  readonly words: string;
  readonly buttons: readonly SeenButton[];
}

const attribute = (tag: string, name: string): string => wordsOf(new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

/** Messages in a part of a page. */
export const messagesIn = (html: string): SeenMessage[] =>
  [...html.matchAll(/<article[^>]*data-message-id="([^"]+)"[^>]*>(.*?)<\/article>/gs)].map(
    ([, id = "", body = ""]) => ({
      messageId: id,
      html: body,
      words: wordsOf(body),
      buttons: [...body.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)].map(([, tag = "", label = ""]) => ({
        label: wordsOf(label),
        action: attribute(tag, "data-action"),
        value: attribute(tag, "data-value"),
      })),
    }),
  );

/** The log of that name on a page: what stands in it up to the next part of the page. */
const logOf = (html: string, name: string): string =>
  new RegExp(`data-log="${name}"[^>]*>(.*?)(?:<form class="composer"|data-log=|$)`, "s").exec(html)?.[1] ?? "";

/** A browser that keeps one cookie. */
export class Visitor {
  readonly #url: string;
  #cookie = "";
  #csrf = "";
  #last: (() => Promise<Answer>) | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  get cookie(): string {
    return this.#cookie;
  }

  get csrf(): string {
    return this.#csrf;
  }

  async get(path: string): Promise<Answer> {
    const answer = await ask(`${this.#url}${path}`, { headers: { cookie: this.#cookie } });
    this.#csrf = /data-csrf="([^"]+)"/.exec(answer.text)?.[1] ?? this.#csrf;
    return answer;
  }

  /** Opens a login URL, as printed. */
  async signIn(loginUrl: string): Promise<Answer> {
    const answer = await ask(loginUrl);
    this.#cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    if (answer.status === 200) await this.get("/");
    return answer;
  }

  /** @param override replaces headers that the page's script or the browser sends */
  async post(path: string, body: object, override: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const headers = {
      cookie: this.#cookie,
      origin: this.#url,
      "content-type": "application/json",
      "x-claw-csrf": this.#csrf,
      ...override,
    };
    this.#last = () => ask(`${this.#url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return this.#last();
  }

  async form(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const headers = {
      cookie: this.#cookie,
      origin: this.#url,
      "content-type": "application/x-www-form-urlencoded",
    };
    const body = new URLSearchParams({ csrf: this.#csrf, ...fields }).toString();
    return ask(`${this.#url}${path}`, { method: "POST", headers, body });
  }

  /** The same request once more, as after a cut connection. */
  async again(): Promise<Answer> {
    if (!this.#last) throw new Error("nothing was sent yet");
    return this.#last();
  }

  async actAs(memberId: string): Promise<Answer> {
    const answer = await this.form("/act-as", { member: memberId, back: "/" });
    await this.get("/");
    return answer;
  }

  /** What the page shows of a channel, or of a thread below its first message. */
  async see(channel: string, root: string | null): Promise<readonly SeenMessage[]> {
    const answer = await this.get(root === null ? `/channels/${channel}` : `/channels/${channel}/${root}`);
    if (answer.status !== 200) throw new Error(`the page answered ${answer.status}: ${wordsOf(answer.text)}`);
    return messagesIn(logOf(answer.text, root === null ? "channel" : "thread"));
  }
}

export interface StreamEvent {
  readonly id: number;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Follows a stream as a browser does. */
export class Follower {
  readonly events: StreamEvent[] = [];
  #closed = false;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves once the server has accepted it. */
  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<Follower> {
    const follower = new Follower();
    const response = await fetch(url, { headers, signal: follower.#abort.signal });
    if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
    follower.#read(response.body).catch(() => {});
    return follower;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let pending = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) {
        pending += decoder.decode(chunk, { stream: true });
        const blocks = pending.split("\n\n");
        pending = blocks.pop() ?? "";
        for (const block of blocks) this.#take(block);
        this.#changed();
      }
    } finally {
      this.#closed = true;
      this.#changed();
    }
  }

  #take(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
    const data = field("data");
    if (data !== undefined) {
      this.events.push({ id: Number(field("id")), name: field("event") ?? "", data: JSON.parse(data) });
    }
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Waits until it holds; the test's own limit ends the wait. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  close(): void {
    this.#abort.abort();
  }
}
