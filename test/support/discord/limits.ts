/** Rate limits as Discord tells and enforces them: a bucket per route and place, 50 a second in all, and the ban. */
import type { Settings } from "./state.ts";

export interface RouteLimit {
  readonly limit: number;
  readonly perMs: number;
}

/** As clients have met them; Discord publishes none and may change them. */
const MET: Readonly<Record<string, RouteLimit>> = {
  "POST /channels/{channel_id}/messages": { limit: 5, perMs: 5_000 },
  "PATCH /channels/{channel_id}/messages/{message_id}": { limit: 5, perMs: 5_000 },
  "DELETE /channels/{channel_id}/messages/{message_id}": { limit: 5, perMs: 1_000 },
  "GET /channels/{channel_id}/messages": { limit: 5, perMs: 5_000 },
  "PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me": { limit: 1, perMs: 250 },
};

const GENEROUS: RouteLimit = { limit: 1_000, perMs: 1_000 };
const TEN_MINUTES = 600_000;

export interface Refused {
  /** Seconds. */
  readonly retryAfter: number;
  readonly global: boolean;
  readonly scope: "user" | "global" | "shared";
}

export class RateLimits {
  /** By route; what is not named is hardly limited. */
  readonly rules = new Map<string, RouteLimit>();
  private readonly buckets = new Map<string, { used: number; resetAt: number }>();
  private readonly invalid: number[] = [];
  private second: { used: number; startedAt: number } = { used: 0, startedAt: 0 };

  constructor(
    private readonly settings: Settings,
    private readonly now: () => number,
  ) {}

  /** Limits as clients meet them on the real Discord, such as 5 messages in 5 s in a channel. */
  likeDiscord(): void {
    for (const [route, rule] of Object.entries(MET)) this.rules.set(route, rule);
  }

  /** Answers of 401, 403 and 429 (not of shared scope) in the last 10 min. */
  get invalidRequests(): number {
    const since = this.now() - TEN_MINUTES;
    return this.invalid.filter((at) => at > since).length;
  }

  /** Whether Cloudflare answers in Discord's place. */
  get banned(): boolean {
    return this.invalidRequests >= this.settings.invalidLimit;
  }

  countInvalid(): void {
    this.invalid.push(this.now());
  }

  /** The bot's 50 a second; interactions and their webhooks are not among them. @returns null when it may pass */
  takeGlobal(): Refused | null {
    const { globalPerSecond } = this.settings;
    const now = this.now();
    if (globalPerSecond === null) return null;
    if (now - this.second.startedAt >= 1_000) this.second = { used: 0, startedAt: now };
    this.second.used += 1;
    if (this.second.used <= globalPerSecond) return null;
    return { retryAfter: (this.second.startedAt + 1_000 - now) / 1_000, global: true, scope: "global" };
  }

  /** @param place the channel, guild or webhook that the bucket belongs to */
  takeRoute(
    route: string,
    place: string,
  ): { readonly headers: Record<string, string>; readonly refused: Refused | null } {
    const { limit, perMs } = this.rules.get(route) ?? GENEROUS;
    const now = this.now();
    const key = `${route} ${place}`;
    const open = this.buckets.get(key);
    const bucket = open && open.resetAt > now ? open : { used: 0, resetAt: now + perMs };
    this.buckets.set(key, bucket);
    bucket.used += 1;
    const resetAfter = (bucket.resetAt - now) / 1_000;
    const headers = {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - bucket.used)),
      "x-ratelimit-reset": (bucket.resetAt / 1_000).toFixed(3),
      "x-ratelimit-reset-after": resetAfter.toFixed(3),
      "x-ratelimit-bucket": bucketName(route),
    };
    return { headers, refused: bucket.used > limit ? { retryAfter: resetAfter, global: false, scope: "user" } : null };
  }
}

/** Opaque, and the same for all places of a route. */
function bucketName(route: string): string {
  let hash = 7;
  for (const char of route) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash.toString(16).padStart(8, "0").repeat(4);
}
