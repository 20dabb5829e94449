/** What `claw doctor` finds out about one thing. */

export const CHECK_STATES = ["ok", "off", "broken"] as const;
/** `off`: not configured, which is no fault. */
export type CheckState = (typeof CHECK_STATES)[number];

export interface Finding {
  readonly state: CheckState;
  readonly what: string;
  /** What was seen, and for `broken` and `off` what a person can do. */
  readonly advice: string;
}

export const ok = (what: string, advice: string): Finding => ({ state: "ok", what, advice });
export const off = (what: string, advice: string): Finding => ({ state: "off", what, advice });
export const broken = (what: string, advice: string): Finding => ({ state: "broken", what, advice });

export const LIMIT_MS = 5_000;

/** What a service answered: its status, headers and JSON body, or why there was no answer. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Headers;
      readonly body: Record<string, unknown>;
    }
  | { readonly kind: "silence"; readonly why: string };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Asks once, for at most 5 s. Never throws for what the network does. */
export async function ask(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(LIMIT_MS) });
    const text = await response.text();
    let body: unknown = null;
    try {
      body = JSON.parse(text);
    } catch {
      // Not JSON: the status says enough.
    }
    return { kind: "answer", status: response.status, headers: response.headers, body: isRecord(body) ? body : {} };
  } catch (error) {
    return { kind: "silence", why: whyNoAnswer(error) };
  }
}

function whyNoAnswer(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer in ${LIMIT_MS / 1000} s`;
  const cause = error instanceof Error ? error.cause : null;
  const code = isRecord(cause) && typeof cause.code === "string" ? cause.code : null;
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name cannot be resolved";
  return code ?? "the connection failed";
}

/** `url` without what could be a password in it. */
export function shown(url: string): string {
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/$/, "")}`;
}
