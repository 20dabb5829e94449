/** One connection through the proxy: reads along, and stops at the points where something becomes durable. */
import type { Socket } from "node:net";
import {
  applicationName,
  asksForEncryption,
  errorResponse,
  type Message,
  MessageReader,
  simpleQuery,
  strings,
} from "./pg-messages.ts";
import { changedRows, kindOf, splitStatements, tablesOf } from "./pg-statements.ts";

export interface Commit {
  /** From 1, in the order in which the commits reach the proxy. */
  readonly n: number;
  /** The texts that changed rows. */
  readonly statements: readonly string[];
  readonly tables: readonly string[];
  /** The connection's `application_name`. */
  readonly connection: string;
}

export type CommitPhase = "before" | "after";
/** `hold` never lets the message through, and drops the connection to the server. The client waits for ever. */
export type CommitDecision = "go" | "hold";

export interface LinkDeps {
  readonly client: Socket;
  readonly server: Socket;
  readonly nextNumber: () => number;
  readonly decide: (commit: Commit, phase: CommitPhase) => CommitDecision;
  /** What a statement fails with instead of being executed; null: it is executed. */
  readonly failWith: (statement: Statement) => StatementFailure | null;
}

export interface Statement {
  readonly text: string;
  /** The connection's `application_name`. */
  readonly connection: string;
}

export interface StatementFailure {
  readonly sqlState: string;
  readonly message: string;
}

/** What a client sends up to its Sync, or one simple query; the server answers it with one ReadyForQuery. */
interface Cycle {
  readonly executed: string[];
  readonly changed: string[];
  /** We opened a transaction around it, because its write would else commit by itself. */
  wrapped: boolean;
  /** All of it went to the server. */
  sent: boolean;
  /** Held answers; null while answers are passed on as they come. */
  held: Buffer[] | null;
  commit: Commit | null;
  tags: number;
  committed: boolean;
  /** What it is answered with in place of the server's answer. */
  failure: Buffer | null;
}

type Injection = "begin" | "commit" | "rollback";
const COPY = new Set(["d", "c", "f"]);

export class Link {
  readonly #deps: LinkDeps;
  readonly #fromClient = new MessageReader();
  readonly #fromServer = new MessageReader();
  readonly #queue: Message[] = [];
  readonly #statements = new Map<string, string>();
  readonly #portals = new Map<string, string>();
  #name = "";
  #state: "startup" | "greeting" | "ready" | "frozen" = "startup";
  #status = "I";
  /** By the names that SQL gave them. */
  readonly #prepared = new Map<string, string>();
  #cycle: Cycle | null = null;
  #injected: { readonly kind: Injection; failure: Buffer | null } | null = null;
  /** Texts that changed rows in the client's own transaction. */
  #pending: string[] = [];

  constructor(deps: LinkDeps) {
    this.#deps = deps;
    const { client, server } = deps;
    client.on("data", (chunk) => this.#onClientData(chunk));
    server.on("data", (chunk) => this.#onServerData(chunk));
    client.on("close", () => server.destroy());
    server.on("close", () => {
      if (this.#state !== "frozen") client.destroy();
    });
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
  }

  pause(): void {
    this.#deps.client.pause();
    this.#deps.server.pause();
  }

  resume(): void {
    this.#deps.client.resume();
    this.#deps.server.resume();
  }

  cut(): void {
    this.#deps.client.destroy();
    this.#deps.server.destroy();
  }

  #onClientData(chunk: Buffer): void {
    if (this.#state === "frozen") return;
    this.#fromClient.push(chunk);
    if (this.#state === "startup") this.#readStartup();
    if (this.#state === "startup") return;
    for (let message = this.#fromClient.take(true); message !== null; message = this.#fromClient.take(true)) {
      // Data of a COPY answers the server in the middle of a cycle.
      if (this.#state === "greeting" || (COPY.has(message.type) && this.#cycle?.sent === true)) this.#send(message);
      else this.#queue.push(message);
    }
    this.#pump();
  }

  #readStartup(): void {
    for (let first = this.#fromClient.take(false); first !== null; first = this.#fromClient.take(false)) {
      if (asksForEncryption(first)) {
        this.#deps.client.write("N");
        continue;
      }
      this.#name = applicationName(first);
      this.#state = "greeting";
      this.#send(first);
      return;
    }
  }

  #send(message: Message): void {
    this.#deps.server.write(message.bytes);
  }

  /** Sends on what may be sent now. A cycle begins when the one before it is answered: so the state is known. */
  #pump(): void {
    while (this.#state === "ready" && this.#injected === null && this.#cycle?.sent !== true) {
      const message = this.#queue[0];
      if (message === undefined) return;
      const cycle = this.#cycle ?? this.#newCycle();
      const text = this.#textOf(message);
      if (text !== null && this.#mustWrap(cycle, text)) {
        this.#inject("begin");
        return;
      }
      this.#queue.shift();
      if (this.#fails(cycle, message, text ?? "")) continue;
      if (message.type === "Q" || message.type === "E") this.#execute(cycle, text ?? "");
      if (this.#state !== "ready") return;
      if (message.type === "Q" || message.type === "S" || message.type === "F") cycle.sent = true;
      this.#send(message);
    }
  }

  #newCycle(): Cycle {
    const empty = { wrapped: false, sent: false, held: null, commit: null, tags: 0, committed: false, failure: null };
    this.#cycle = { executed: [], changed: [], ...empty };
    return this.#cycle;
  }

  /**
   * Keeps a statement from the server when it is to fail, and, as the server would, whatever follows up to the Sync. A
   * transaction that cannot be committed is over.
   * @returns true when the message must not be sent on
   */
  #fails(cycle: Cycle, { type }: Message, text: string): boolean {
    if (cycle.failure !== null) return type !== "S";
    if (type !== "Q" && type !== "E") return false;
    const kinds = splitStatements(text).map(kindOf);
    if (this.#status === "E" || kinds.includes("rollback")) return false;
    if (type === "E" && kinds.includes("commit")) return false;
    const failure = this.#deps.failWith({ text, connection: this.#name });
    if (failure === null) return false;
    cycle.failure = errorResponse(failure.sqlState, failure.message);
    if (type === "Q") {
      cycle.sent = true;
      this.#deps.server.write(simpleQuery(kinds.includes("commit") ? "rollback" : ""));
    }
    return true;
  }

  /** The SQL that a message is about; remembers names of statements and portals on the way. */
  #textOf({ type, body }: Message): string | null {
    const [first = "", second = ""] = strings(body, 2);
    switch (type) {
      case "Q":
        return first;
      case "P":
        this.#statements.set(first, second);
        return second;
      case "B": {
        const text = this.#statements.get(second) ?? "";
        this.#portals.set(first, text);
        return text;
      }
      case "E":
        return this.#portals.get(first) ?? "";
      default:
        return null;
    }
  }

  #mustWrap(cycle: Cycle, text: string): boolean {
    if (cycle.wrapped || this.#status !== "I") return false;
    const kinds = this.#partsOf(text).map(kindOf);
    return kinds.includes("write") && kinds.every((kind) => kind === "write" || kind === "other");
  }

  /** Statements of a message; for one that was prepared in SQL, what it stands for. */
  #partsOf(text: string): readonly string[] {
    return splitStatements(text).map((part) => {
      const { name, body } = /^prepare\s+(?<name>\w+)[\s\S]*?\bas\b(?<body>[\s\S]*)$/i.exec(part)?.groups ?? {};
      if (name !== undefined && body !== undefined) this.#prepared.set(name, body);
      return this.#prepared.get(/^execute\s+(\w+)/i.exec(part)?.[1] ?? "") ?? part;
    });
  }

  #execute(cycle: Cycle, text: string): void {
    const parts = this.#partsOf(text);
    cycle.executed.push(...parts);
    if (cycle.wrapped) cycle.held ??= [];
    if (!parts.some((part) => kindOf(part) === "commit")) return;
    // One simple query that writes and commits is known by its text only, changed rows or not.
    const own = parts.filter((part) => kindOf(part) === "write");
    const writes = this.#status === "T" ? [...this.#pending, ...own] : own;
    if (this.#status === "E" || writes.length === 0) return;
    cycle.commit = this.#reach(writes);
    cycle.held = [];
  }

  /** A commit point: numbers it and asks. May freeze the connection. */
  #reach(writes: readonly string[]): Commit {
    const tables = [...new Set(writes.flatMap(tablesOf))];
    const commit = { n: this.#deps.nextNumber(), statements: [...writes], tables, connection: this.#name };
    if (this.#deps.decide(commit, "before") === "hold") this.#freeze();
    return commit;
  }

  #freeze(): void {
    this.#state = "frozen";
    this.#deps.server.destroy();
  }

  #inject(kind: Injection): void {
    this.#injected = { kind, failure: null };
    this.#deps.server.write(simpleQuery(kind));
  }

  #onServerData(chunk: Buffer): void {
    this.#fromServer.push(chunk);
    for (let message = this.#fromServer.take(true); message !== null; message = this.#fromServer.take(true)) {
      if (this.#state === "frozen") return;
      if (this.#injected !== null) this.#onInjectedAnswer(message, this.#injected);
      else this.#onAnswer(message);
    }
    this.#pump();
  }

  #relay(bytes: Buffer): void {
    if (this.#cycle?.held) this.#cycle.held.push(bytes);
    else this.#deps.client.write(bytes);
  }

  #onAnswer(message: Message): void {
    const cycle = this.#cycle;
    if (message.type === "C" && cycle !== null) this.#onTag(cycle, strings(message.body, 1)[0] ?? "");
    if (message.type !== "Z") {
      // Of a statement that fails, only what was said before it reaches the client.
      if (cycle?.failure == null || "123tTnN".includes(message.type)) this.#relay(message.bytes);
      return;
    }
    if (this.#state === "greeting") this.#state = "ready";
    const status = message.body.toString("latin1", 0, 1);
    if (cycle?.wrapped === true && status !== "I") this.#closeWrapped(cycle, status);
    else this.#finish(message.bytes, status);
  }

  #onTag(cycle: Cycle, tag: string): void {
    const text = cycle.executed[Math.min(cycle.tags, cycle.executed.length - 1)] ?? "";
    cycle.tags += 1;
    if (tag === "COMMIT") cycle.committed = true;
    if (changedRows(tag, text) > 0) cycle.changed.push(text);
  }

  #closeWrapped(cycle: Cycle, status: string): void {
    if (status === "E") {
      this.#inject("rollback");
      return;
    }
    if (cycle.changed.length > 0) cycle.commit = this.#reach(cycle.changed);
    if (this.#state === "ready") this.#inject("commit");
  }

  #onInjectedAnswer(message: Message, injected: { readonly kind: Injection; failure: Buffer | null }): void {
    if (message.type === "E") injected.failure = message.bytes;
    else if (message.type === "C" && injected.kind === "commit") this.#onTag(this.#cycle ?? this.#newCycle(), "COMMIT");
    else if ("NAS".includes(message.type)) this.#relay(message.bytes);
    if (message.type !== "Z") return;
    this.#injected = null;
    if (injected.kind === "begin") {
      (this.#cycle ?? this.#newCycle()).wrapped = true;
      return;
    }
    if (injected.failure !== null && this.#cycle?.held) {
      // A deferred constraint: what looked complete was not.
      this.#cycle.held = [...this.#cycle.held.filter((bytes) => bytes[0] !== 0x43), injected.failure];
      this.#cycle.committed = false;
    }
    this.#finish(message.bytes, message.body.toString("latin1", 0, 1));
  }

  /** A cycle is answered in full. */
  #finish(readyForQuery: Buffer, status: string): void {
    const cycle = this.#cycle;
    if (cycle?.commit && cycle.committed && this.#deps.decide(cycle.commit, "after") === "hold") {
      this.#freeze();
      return;
    }
    this.#pending = status === "I" ? [] : [...this.#pending, ...(cycle?.changed ?? [])];
    this.#status = status;
    this.#cycle = null;
    const failure = cycle?.failure ?? null;
    const ready = Buffer.from(readyForQuery);
    // To the client its transaction has failed; to the server it is open until the client rolls it back.
    if (failure !== null && status === "T") ready.write("E", ready.length - 1, "latin1");
    this.#deps.client.write(Buffer.concat([...(cycle?.held ?? []), ...(failure ? [failure] : []), ready]));
  }
}
