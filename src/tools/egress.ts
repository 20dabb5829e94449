/** Where Claw may send a request on a model's word: the public internet, and what the operator opened by name. */
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import {
  type Address,
  type AddressRange,
  isInRange,
  isLoopback,
  isOwnNetwork,
  isPublic,
  parseAddress,
  parseRange,
} from "./address.ts";
import { fail, ok, type ToolResult } from "./contract.ts";

/** A URL that may be called, and the only addresses it may be called at: the name is not resolved again. */
export interface CheckedUrl {
  readonly url: URL;
  readonly addresses: readonly PinnedAddress[];
}

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface EgressGuard {
  /**
   * Resolves the host and checks every address of it. Sends nothing to the host.
   * @returns `invalid_input` (not a URL Claw calls), `blocked_address` (not public, not opened by the operator),
   *   `not_found` (no such host), `service_unavailable` (DNS gave no answer)
   */
  check(url: string, signal?: AbortSignal): Promise<ToolResult<CheckedUrl>>;
}

export interface EgressDeps {
  /** Hosts, `host:port`, addresses, ranges (`10.0.0.0/8`), or `loopback`, that the operator opens. */
  readonly allow: readonly string[];
  /** The addresses of a host name; the system's resolver when absent. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** Ports where a request's bytes would be commands to something that is no web server: shells, mail, directories, chat. */
const PORTS_OF_OTHERS: ReadonlySet<string> = new Set(
  "21 22 23 25 53 110 143 389 465 514 587 636 993 995 2049 6000 6379 6667 6697 11211".split(" "),
);

/** @throws Error naming an entry of `allow` that is none of the forms */
export function createEgressGuard({ allow, resolve = systemAddresses }: EgressDeps): EgressGuard {
  const opened = allow.map(openedBy);
  return {
    check: async (text, signal) => {
      const parsed = parseHttpUrl(text);
      if (!parsed.ok) return parsed;
      const url = parsed.value;
      const host = hostOf(url);
      const named = opened.some((rule) => rule.kind === "host" && rule.host === host && rule.port === null);
      const namedWithPort = opened.some(
        (rule) => rule.kind === "host" && rule.host === host && rule.port === portOf(url),
      );
      const byName = named || namedWithPort;
      if (PORTS_OF_OTHERS.has(portOf(url)) && !namedWithPort) {
        return fail(
          "blocked_address",
          `port ${portOf(url)} is not for web requests. ${howToOpen(`${host}:${portOf(url)}`)}`,
        );
      }
      const mayReach = (address: Address): boolean =>
        isPublic(address) ||
        (byName && isOwnNetwork(address)) ||
        opened.some(
          (rule) =>
            (rule.kind === "loopback" && isLoopback(address)) ||
            (rule.kind === "range" && isInRange(address, rule.range)),
        );
      const literal = parseAddress(host);
      if (!literal && isLocalName(host) && !byName && !opened.some((rule) => rule.kind === "loopback")) {
        return closed(host);
      }
      const found = literal ? ok([host]) : await addressesOf(host, resolve, signal);
      if (!found.ok) return found;
      const addresses: PinnedAddress[] = [];
      for (const each of found.value) {
        const address = parseAddress(each);
        // One address that may not be reached refuses them all: which one gets connected to is chance.
        if (!address || !mayReach(address)) return closed(host);
        const pinned = address.toString();
        addresses.push({ address: pinned, family: isIPv6(pinned) ? 6 : 4 });
      }
      if (addresses.length === 0) return fail("not_found", `there is no host ${host}`);
      return ok({ url, addresses });
    },
  };
}

/**
 * Reads a URL that a model wrote. Pure.
 * @returns the URL with its host in one form (lower case, no trailing dot), or `invalid_input` saying what to write
 */
export function parseHttpUrl(text: string): ToolResult<URL> {
  if (!URL.canParse(text)) return fail("invalid_input", "not a URL; write it whole, such as https://example.com/page");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return fail("invalid_input", `only http and https URLs are called, not ${url.protocol.slice(0, 30)}`);
  }
  if (url.username !== "" || url.password !== "") {
    return fail("invalid_input", "a URL must not carry a user name or password");
  }
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  const labels = url.hostname.split(".");
  if (!url.hostname.startsWith("[") && labels.some((label) => label === "" || label.length > 63)) {
    return fail("invalid_input", "the URL's host is not a host name");
  }
  return ok(url);
}

type Opened =
  | { readonly kind: "loopback" }
  | { readonly kind: "range"; readonly range: AddressRange }
  | { readonly kind: "host"; readonly host: string; readonly port: string | null };

function openedBy(entry: string): Opened {
  if (entry === "loopback") return { kind: "loopback" };
  const range = parseRange(entry);
  if (range) return { kind: "range", range };
  const bare = parseAddress(entry);
  const url = parseHttpUrl(`http://${bare?.kind() === "ipv6" ? `[${entry}]` : entry}`);
  if (!url.ok || entry.includes("/") || url.value.pathname !== "/" || /[*?#@\s]/.test(entry)) {
    throw new Error(
      `egress.allow: "${entry}" is none of: host, host:port, address, range such as 10.0.0.0/8, loopback`,
    );
  }
  // URL drops a port that is its scheme's default, so it is read from the entry.
  const port = bare ? null : (/:(\d+)$/.exec(entry)?.[1] ?? null);
  const host = hostOf(url.value);
  const address = parseAddress(host);
  if (address && port === null) return { kind: "range", range: [address, address.kind() === "ipv4" ? 32 : 128] };
  return { kind: "host", host, port };
}

/** The host without the brackets of an IPv6 address; an IPv4 address in IPv6 dress as IPv4. */
function hostOf(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return parseAddress(host)?.toString() ?? host;
}

const portOf = (url: URL): string => url.port || (url.protocol === "https:" ? "443" : "80");

const isLocalName = (host: string): boolean => /(^|\.)localhost(\.localdomain)?$/.test(host);

/** Never says what the name resolved to: that is the operator's own network. */
const closed = (host: string): ToolResult<never> =>
  fail("blocked_address", `${host} is not on the public internet, so it is not called. ${howToOpen(host)}`);

const howToOpen = (entry: string): string =>
  `An operator can allow it: egress.allow: ["${entry}"] in claw.config.yaml.`;

async function systemAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function addressesOf(
  host: string,
  resolve: (host: string) => Promise<readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<ToolResult<readonly string[]>> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    signal?.throwIfAborted();
    return ok(await Promise.race([resolve(host), aborted]));
  } catch (error) {
    if (signal?.aborted) return fail("timeout", `looking up ${host} took too long`);
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code === "ENOTFOUND" || code === "ENODATA"
      ? fail("not_found", `there is no host ${host}`)
      : fail("service_unavailable", `the address of ${host} cannot be looked up now`);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
