/** Who may talk to the page at all: this host's own pages, in a session. */
import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { csrfMatches, type Session } from "./sessions/sessions.ts";

export interface Env {
  Variables: { session: Session };
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("content-security-policy", POLICY);
  c.header("x-frame-options", "DENY");
  c.header("x-content-type-options", "nosniff");
  // Not "no-referrer": with it browsers send "Origin: null" with our own forms.
  c.header("referrer-policy", "same-origin");
  c.header("cross-origin-opener-policy", "same-origin");
  c.header("cross-origin-resource-policy", "same-origin");
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
};

const WILDCARDS = ["0.0.0.0", "::", ""];

/** An address as it stands in a URL. */
export const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/**
 * Whether a Host header names this console. A page that had its own name point here (DNS rebinding) shows itself by
 * that name; where we listen on every address, an address cannot be such a name.
 */
export function hostAllowed(header: string, host: string, port: number): boolean {
  const lower = header.toLowerCase();
  const suffix = `:${port}`;
  const name = lower.endsWith(suffix) ? lower.slice(0, -suffix.length) : port === 80 ? lower : null;
  if (name === null) return false;
  if (["localhost", "127.0.0.1", "[::1]", inUrl(host).toLowerCase()].includes(name)) return true;
  return WILDCARDS.includes(host) && isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

/** The Host header is ours, and what changes something comes from our own page. */
export function sameSite(host: string, port: () => number): MiddlewareHandler {
  return async (c, next) => {
    const named = c.req.header("host") ?? "";
    if (!hostAllowed(named, host, port())) {
      return c.text("This console does not answer to that host name. Open it by the address it printed.\n", 421);
    }
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      const origin = c.req.header("origin") ?? "";
      if (!URL.canParse(origin) || new URL(origin).host !== named.toLowerCase()) {
        return c.text("This came from another page. Reload the console and try again.\n", 403);
      }
    }
    return next();
  };
}

/** The cookie's name has the port in it: cookies do not, and two consoles on one machine must not sign each other out. */
export const cookieName = (port: number): string => `claw_console_${port}`;

/** The session's own token, in a header or a form field, on everything that changes something. */
export const csrf: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD") return next();
  const header = c.req.header("x-claw-csrf");
  const given = header ?? (await c.req.parseBody()).csrf;
  if (typeof given !== "string" || !csrfMatches(c.get("session"), given)) {
    return c.text("This page is out of date. Reload it and try again.\n", 403);
  }
  return next();
};
