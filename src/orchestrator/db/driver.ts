/** The driver, with what it takes to survive a database that is away. Everything in `db/` opens connections here. */
import { Socket } from "node:net";
import postgres from "postgres";

export interface DriverOptions {
  /** Connections in the pool. */
  readonly max: number;
  /** What `pg_stat_activity` calls us. */
  readonly applicationName: string;
  /** Seconds until a connection attempt counts as failed. */
  readonly connectTimeout?: number;
  /** Never renews or closes a connection by itself: for locks that belong to one. */
  readonly pinned?: boolean;
  /** Only for statements that are kept and find their rows by keys: they are planned once, for full tables too. */
  readonly plansOnce?: boolean;
}

/**
 * Milliseconds after which the server ends a transaction that says nothing more: a process that was frozen in the middle of
 * one would keep its rows from everybody until it wakes.
 */
const FROZEN = { idle_in_transaction_session_timeout: 10_000 } as const;

/**
 * A plan is made once a connection, perhaps while the tables are still empty, and kept: it must be good for full ones too,
 * so rows are always found by their keys. A bitmap would visit what is long gone again each time; an index scan marks it.
 */
const BY_KEY = {
  plan_cache_mode: "force_generic_plan",
  jit: "off",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
} as const;

/** Seconds. */
const LONGEST_PAUSE = 1;

/**
 * Seconds until a lost connection is opened again. The driver's own pause grows threefold with every connection that is
 * lost, so that a pool of twelve that a restart cuts off would stay away for up to 20 s after the server is back.
 */
const pauseBefore = (losses: number): number => (0.5 + Math.random() / 2) * Math.min(losses / 20, LONGEST_PAUSE);

interface Place {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/**
 * A socket without two traps of the driver.
 *
 * When the other side hangs up during the greeting, as port forwarders and balancers do while no server stands behind
 * them, the driver connects again at once, without end, pause or error: its queries hang and a core burns. Told as an
 * error, it rejects the query and backs off.
 *
 * Between a socket's `error` and its `close` the driver still hands the dead connection out; a statement that it gets
 * then is never answered. That is what a retry right after a failure does. Here nothing can run between the two.
 */
class DatabaseSocket extends Socket {
  #failure: unknown = null;

  constructor() {
    super();
    this.on("end", () => {
      this.destroy(Object.assign(new Error("the database closed the connection"), { code: "CONNECTION_CLOSED" }));
    });
  }

  override emit(event: string | symbol, ...details: unknown[]): boolean {
    if (event === "error") {
      this.#failure = details[0];
      return true;
    }
    if (event === "close" && this.#failure !== null) super.emit("error", this.#failure);
    return super.emit(event, ...details);
  }
}

/** Connects to the hosts of a URL in turn. */
function socketFactory(): (place: Place) => Socket {
  let turn = 0;
  return (place) => {
    const socket = new DatabaseSocket();
    const at = turn % place.host.length;
    turn += 1;
    const host = place.host[at] ?? "localhost";
    if (place.path) socket.connect(place.path);
    // The driver reads `host` back from the socket to name the server in TLS.
    else Object.assign(socket, { host, port: place.port[at] }).connect(place.port[at] ?? 5432, host);
    return socket;
  };
}

/** Connects lazily: nothing happens, and nothing fails, before the first statement. */
export function openDriver(url: string, options: DriverOptions): postgres.Sql {
  const unlisted = { socket: socketFactory() }; // the driver knows this option, its types do not
  return postgres(url, {
    max: options.max,
    connect_timeout: options.connectTimeout ?? 10,
    backoff: pauseBefore,
    onnotice: () => {},
    connection: {
      application_name: options.applicationName,
      ...(options.pinned === true ? {} : FROZEN),
      ...(options.plansOnce === true ? BY_KEY : {}),
    },
    ...(options.pinned === true ? { max_lifetime: null, idle_timeout: 0 } : {}),
    ...unlisted,
  });
}
