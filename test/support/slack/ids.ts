/** Identifiers in Slack's shape, in the order they were asked for, so that a failing test reads the same twice. */
export class Ids {
  private count = 0;

  /** `U0FAKE001A`: a prefix that says what it is, then letters and digits. */
  next(prefix: string): string {
    this.count += 1;
    return `${prefix}0FAKE${this.count.toString(36).toUpperCase().padStart(4, "0")}`;
  }

  /** A secret-looking text that is never the same twice. */
  opaque(length = 16): string {
    this.count += 1;
    return (this.count * 7_919_317).toString(16).padStart(length, "fa4e0c1d9b37a258").slice(-length);
  }
}
