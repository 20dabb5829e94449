/** Ids in Discord's shape: milliseconds since 2015 and a number, so that they sort by time. */

const EPOCH_MS = 1_420_070_400_000;

export class Snowflakes {
  private last = 0n;
  private secrets = 0;

  constructor(private readonly now: () => number) {}

  /** Greater than every id before it. */
  next(): string {
    const fresh = BigInt(this.now() - EPOCH_MS) << 22n;
    this.last = fresh > this.last ? fresh : this.last + 1n;
    return String(this.last);
  }

  /** A secret-looking text that is never the same twice. */
  secret(length = 32): string {
    this.secrets += 1;
    return (this.secrets * 7_919_317).toString(16).padStart(length, "fa4e0c1d9b37a258fa4e0c1d9b37a258").slice(-length);
  }
}

export const isSnowflake = (value: unknown): value is string =>
  typeof value === "string" && /^[1-9]\d{0,19}$/.test(value);
