/** Who signed a webhook: as the standard webhooks specification says, or as GitHub does. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { verify } from "@octokit/webhooks-methods";

/** Clocks differ by less; what is older may be a repetition. Milliseconds (standard webhooks: "tolerance"). */
export const TOLERANCE_MS = 5 * 60_000;

export type Signed =
  | {
      readonly kind: "good";
      /** What the sender calls this delivery. */
      readonly id: string;
      /** The same for every repetition of it. */
      readonly key: string;
      readonly event: string | null;
    }
  | { readonly kind: "bad"; readonly why: string };

/** Reads a header by its lower-case name; undefined when it is not there. */
export type Header = (name: string) => string | undefined;

const bad = (why: string): Signed => ({ kind: "bad", why });

/** How long an id may be; it becomes part of a key. */
const ID = /^[\x21-\x7e]{1,200}$/;

/** @param now milliseconds since the epoch */
export async function checkSignature(header: Header, body: string, secret: string, now: number): Promise<Signed> {
  if (header("webhook-signature") !== undefined) return checkStandard(header, body, secret, now);
  if (header("x-hub-signature-256") !== undefined) return checkGitHub(header, body, secret);
  return bad(
    "it is not signed: send webhook-id, webhook-timestamp and webhook-signature, or GitHub's X-Hub-Signature-256",
  );
}

/** https://www.standardwebhooks.com: HMAC-SHA256 over id, timestamp and body, with the bytes behind `whsec_`. */
function checkStandard(header: Header, body: string, secret: string, now: number): Signed {
  const id = header("webhook-id") ?? "";
  const timestamp = header("webhook-timestamp") ?? "";
  if (!ID.test(id)) return bad("webhook-id is missing or too long");
  if (!/^\d{1,12}$/.test(timestamp)) return bad("webhook-timestamp is not in seconds since 1970");
  const age = now - Number(timestamp) * 1_000;
  if (age > TOLERANCE_MS) return bad("webhook-timestamp is older than five minutes");
  if (age < -TOLERANCE_MS) return bad("webhook-timestamp is more than five minutes ahead");
  const expected = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${timestamp}.${body}`)
    .digest();
  const given = (header("webhook-signature") ?? "").split(" ").slice(0, 10);
  const isGood = given.some((each) => {
    const [version, value = ""] = each.split(",", 2);
    const bytes = Buffer.from(value, "base64");
    return version === "v1" && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
  return isGood ? { kind: "good", id, key: `id:${id}`, event: null } : bad("webhook-signature is wrong");
}

/**
 * GitHub signs the body and nothing else: neither a time nor its id of the delivery. What it signed is therefore taken
 * once, whatever id it comes under; GitHub's own bodies say what happened when, and differ.
 */
async function checkGitHub(header: Header, body: string, secret: string): Promise<Signed> {
  const id = header("x-github-delivery") ?? "";
  const given = header("x-hub-signature-256") ?? "";
  if (!ID.test(id)) return bad("X-GitHub-Delivery is missing or too long");
  if (!/^sha256=[0-9a-f]{64}$/.test(given) || body === "" || !(await verify(secret, body, given))) {
    return bad("X-Hub-Signature-256 is wrong");
  }
  const key = `body:${createHash("sha256").update(body).digest("hex")}`;
  return { kind: "good", id, key, event: header("x-github-event")?.slice(0, 100) ?? null };
}
