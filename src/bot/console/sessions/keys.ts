/** Keys that sign in at the console. They live in the process that made them; a restart prints a new one. */
import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const MINUTE_MS = 60_000;
const WRONG_A_MINUTE = 20;
const NEW_KEY_EVERY_MS = 10_000;

export class LoginKeys {
  readonly #token: string | null;
  readonly #random: () => string;
  #current: string | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #wrong = 0;
  #wrongSince = Number.NEGATIVE_INFINITY;

  /** @param token always signs in, unless null; @param random unguessable text, new at each call */
  constructor(token: string | null, random: () => string) {
    this.#token = token;
    this.#random = random;
  }

  /** The one-time key, the same until it is used. */
  current(): string {
    this.#current ??= this.#random();
    return this.#current;
  }

  /** Whether the key signs in. A one-time key does so once. */
  use(key: string, now: number): "yes" | "no" | "too_many" {
    if (now - this.#wrongSince >= MINUTE_MS) {
      this.#wrongSince = now;
      this.#wrong = 0;
    }
    if (this.#wrong >= WRONG_A_MINUTE) return "too_many";
    if (this.#token !== null && same(key, this.#token)) return "yes";
    if (this.#current !== null && same(key, this.#current)) {
      this.#current = null;
      return "yes";
    }
    this.#wrong += 1;
    return "no";
  }

  /** Whether a key may be shown to the operator again now; counts as shown. */
  mayShow(now: number): boolean {
    if (now - this.#askedAt < NEW_KEY_EVERY_MS) return false;
    this.#askedAt = now;
    return true;
  }
}
