/** What an IP address is to us: on the public internet, or somewhere that no argument of a model should reach. Pure. */
import ipaddr from "ipaddr.js";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type AddressRange = readonly [Address, number];

/** IPv6 that carries an IPv4 address in the clear: its last 32 bits are where a translator would send the packet. */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** IETF protocol assignments (Teredo, ORCHID, benchmarking, …) that ipaddr.js does not all name. */
const IETF_SPECIAL = ipaddr.IPv6.parseCIDR("2001::/23");
/** Azure's platform address: it looks public and answers only to its own machines. */
const AZURE_PLATFORM = "168.63.129.16";

/** Ranges that belong to somebody's own network and may be opened by naming a host. */
const OWN_NETWORK: ReadonlySet<string> = new Set(["private", "uniqueLocal", "carrierGradeNat", "loopback"]);

/** Where clouds keep the credentials of the machine. Link-local ones are refused as such. */
const METADATA: ReadonlySet<string> = new Set(["100.100.100.200", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"]);

/** Null when it is no address. An IPv4 address in IPv6 dress (`::ffff:127.0.0.1`) is that IPv4 address. */
export function parseAddress(text: string): Address | null {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.process(text);
}

/** Null when it is no range such as `10.0.0.0/8`. */
export function parseRange(text: string): AddressRange | null {
  return ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null;
}

export const isInRange = (address: Address, [base, bits]: AddressRange): boolean =>
  address.kind() === base.kind() && address.match(base, bits);

export const isLoopback = (address: Address): boolean => address.range() === "loopback";

/** In a network of the operator's own, and not where a cloud keeps a machine's credentials. */
export const isOwnNetwork = (address: Address): boolean =>
  OWN_NETWORK.has(address.range()) && !METADATA.has(address.toString());

/** Reachable for everybody on the internet, and nothing else than that. */
export function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === "unicast" && address.toString() !== AZURE_PLATFORM;
  if (address.match(NAT64)) return isPublic(ipaddr.fromByteArray(address.toByteArray().slice(-4)));
  return address.match(GLOBAL_UNICAST) && !address.match(IETF_SPECIAL) && address.range() === "unicast";
}
