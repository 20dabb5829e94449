/**
 * A proxy between a process and PostgreSQL that knows when something becomes durable, and that can make trouble.
 *
 * A **commit** is (a) an explicit COMMIT of a transaction in which a statement changed rows, or (b) a single write
 * outside a transaction that changed rows. For (b) the row count must be known before the commit happens: the proxy
 * opens a transaction of its own around the statement, looks at the answer, and commits or not. So writes that change
 * nothing, such as a poll that finds no work, are never numbered, and the numbers are as repeatable as the traffic.
 * Not seen: writes inside functions called by `select`, DDL, `copy`, `truncate`. One simple query that holds its own
 * `begin … commit` is numbered by its text, changed rows or not. A savepoint that is rolled back still counts.
 *
 * The proxy sends a client's statements on one at a time, also when the client pipelines them. No TLS.
 */
import { createServer, connect as dial, type Socket } from "node:net";
import {
  type Commit,
  type CommitDecision,
  type CommitPhase,
  Link,
  type Statement,
  type StatementFailure,
} from "./pg-link.ts";

export type { Commit, CommitDecision, CommitPhase, Statement, StatementFailure } from "./pg-link.ts";

export interface PgProxyOptions {
  /** Read again for every new connection: a getter follows a server that moves. */
  readonly target: { readonly host: string; readonly port: number };
  /**
   * Called twice a commit: `before` it is sent to the server, `after` the server has answered and before the client
   * hears of it. After `hold` in the first case the server rolls back, in the second it has committed; in both the
   * client never gets an answer on that connection. It is the place to SIGKILL a process.
   */
  readonly onCommit?: (commit: Commit, phase: CommitPhase) => CommitDecision;
}

export interface PgProxy {
  readonly port: number;
  /** The same URL, through the proxy. */
  readonly through: (url: string) => string;
  /** Commits seen so far. */
  readonly commits: () => number;
  /** Drops every connection. */
  readonly cut: () => void;
  /** Freezes all traffic, also of new connections, without closing anything. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** New connections are refused; those that are open go on. */
  readonly refuse: () => Promise<void>;
  /** New connections are taken again, on the same port. */
  readonly accept: () => Promise<void>;
  /** Statements are asked about from now on: what is returned is answered in their place. Null: all are executed. */
  readonly failStatements: (failWith: ((statement: Statement) => StatementFailure | null) | null) => void;
  readonly close: () => Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startPgProxy(options: PgProxyOptions): Promise<PgProxy> {
  const { target, onCommit = () => "go" } = options;
  const links = new Set<Link>();
  let commits = 0;
  let paused = false;
  let failing: ((statement: Statement) => StatementFailure | null) | null = null;
  const serve = (client: Socket): void => {
    client.setNoDelay(true);
    const server = dial({ ...target, noDelay: true });
    const nextNumber = (): number => {
      commits += 1;
      return commits;
    };
    const failWith = (statement: Statement) => failing?.(statement) ?? null;
    const link = new Link({ client, server, nextNumber, decide: onCommit, failWith });
    links.add(link);
    client.on("close", () => links.delete(link));
    if (paused) link.pause();
  };
  // A new listener each time: one that was closed does not listen again.
  const listen = async (port: number) => {
    const listener = createServer(serve);
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(port, "127.0.0.1", resolve);
    });
    return listener;
  };
  let listener = await listen(0);
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const through = (url: string): string => {
    const changed = new URL(url);
    changed.hostname = "127.0.0.1";
    changed.port = String(port);
    return changed.href;
  };
  const refuse = async (): Promise<void> => void listener.close();
  return {
    port,
    through,
    commits: () => commits,
    cut: () => links.forEach((link) => void link.cut()),
    pause: () => {
      paused = true;
      for (const link of links) link.pause();
    },
    resume: () => {
      paused = false;
      for (const link of links) link.resume();
    },
    refuse,
    accept: async () => {
      if (!listener.listening) listener = await listen(port);
    },
    failStatements: (failWith) => {
      failing = failWith;
    },
    close: async () => {
      listener.close();
      for (const link of links) link.cut();
    },
  };
}
