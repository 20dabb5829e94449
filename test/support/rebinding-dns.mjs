/**
 * Loaded into a process before anything else (`node --import`): names under `rebind.test` are looked up as an attacker's
 * server answers them. `<n>.<a>.<b>.rebind.test` is `<a>` the first time and `<b>` from then on; `both.…` is both at once.
 */
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";

const asked = new Set();
const real = { lookup: dns.lookup, promise: dns.promises.lookup };

function addressesOf(host) {
  const [name = "", a = "", b = ""] = host.split(".");
  const dotted = (text) => text.replaceAll("-", ".");
  if (name === "both") return [dotted(a), dotted(b)];
  const first = !asked.has(host);
  asked.add(host);
  return [dotted(first ? a : b)];
}

const entries = (host) => addressesOf(host).map((address) => ({ address, family: 4 }));
const isOurs = (host) => host.endsWith(".rebind.test");

dns.lookup = (host, options, done) => {
  if (!isOurs(host)) return real.lookup(host, options, done);
  const then = typeof options === "function" ? options : done;
  const found = entries(host);
  if (typeof options === "object" && options.all) then(null, found);
  else then(null, found[0].address, 4);
};
dns.promises.lookup = async (host, options) => {
  if (!isOurs(host)) return real.promise(host, options);
  const found = entries(host);
  return options?.all ? found : found[0];
};
syncBuiltinESMExports();
