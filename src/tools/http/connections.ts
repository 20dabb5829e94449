/** Connections that several reads share: one that stands costs neither a handshake nor a socket. */
import type { LookupFunction } from "node:net";
import type { Dispatcher, Pool } from "undici";
import type { CheckedUrl } from "../egress.ts";

/** Bytes of headers a server may send. */
export const MAX_HEADERS = 64 * 1024;
/** Places that connections are kept to; the one that was asked longest ago is left first. */
const MOST_PLACES = 64;
/** Connections to one of them at once; what is beyond waits. */
const MOST_EACH = 64;
/** Milliseconds until a connection that does not come about is given up; a call's own limit is usually shorter. */
const CONNECT_MS = 30_000;

export interface Connections {
  /**
   * Connections to the checked addresses and to no others, whatever the name resolves to by now. Other addresses are
   * another place: a connection is never used for a call that was not allowed to go where it leads.
   */
  to(checked: CheckedUrl): Promise<Dispatcher>;
}

export function createConnections(): Connections {
  const places = new Map<string, Pool>();
  return {
    async to({ url, addresses }) {
      const key = [url.origin, ...addresses.map(({ address }) => address).toSorted()].join(" ");
      // Loaded when first needed: most processes that know the HTTP tools never call them.
      const { Pool } = await import("undici");
      const pool =
        places.get(key) ??
        new Pool(url.origin, {
          connections: MOST_EACH,
          maxHeaderSize: MAX_HEADERS,
          // The call's signal is the only limit in time.
          headersTimeout: 0,
          bodyTimeout: 0,
          connect: { timeout: CONNECT_MS, lookup: pinned(addresses) },
        });
      // The last one asked for is the last in line.
      places.delete(key);
      places.set(key, pool);
      for (const [oldest, unused] of places) {
        if (places.size <= MOST_PLACES) break;
        places.delete(oldest);
        unused.close().catch(() => undefined);
      }
      return pool;
    },
  };
}

/** Resolves to the given addresses, whatever it is asked. */
export function pinned(addresses: CheckedUrl["addresses"]): LookupFunction {
  return (_host, { all }, done) => {
    const [first] = addresses;
    if (all || !first) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
}
