/** Secrets that people type where they do not belong: what stands for the value is taken out before anything is kept. Pure. */
import type { InboundBody } from "../ports.ts";

const HIDDEN = "(hidden)";

/** `secret set github_token ghp_…`, `secret github_token=ghp_…`: nobody says that and means something else. */
const CERTAIN: readonly RegExp[] = [
  /^(\s*secrets?\s+(?:set|add|put|store|save)(?:\s+[a-z][\w.-]*)?)(?:\s*[=:]\s*|\s+|$)([\s\S]*)$/iu,
  /^(\s*secrets?\s+[a-z][\w.-]*)\s*[=:]\s*(\S[\s\S]*)$/iu,
];
/** `set secret github_token ghp_…`, `secret github_token ghp_…`: said to Claw. */
const TO_CLAW: readonly RegExp[] = [
  ...CERTAIN,
  /^(\s*set\s+(?:the\s+)?secret\s+[a-z][\w.-]*)(?:\s*[=:]\s*|\s+)(\S+|\(hidden\))\s*$/iu,
  /^(\s*secrets?\s+(?!(?:delete|remove|list|show)\b)[a-z][\w.-]*)\s+(\S+)\s*$/iu,
];

/** Whether a line that is said to Claw means to tell a secret; also where its value was taken out already. */
export const isPastedSecret = (line: string): boolean => TO_CLAW.some((form) => form.test(line));

/**
 * The same line with `(hidden)` for the value; any other line as it is.
 * @param toClaw it is a command; else it is said to everybody
 */
export function withoutPastedSecret(line: string, toClaw: boolean): string {
  for (const form of toClaw ? TO_CLAW : CERTAIN) {
    const [, before, value] = form.exec(line) ?? [];
    if (before !== undefined) return value?.trim() ? `${before} ${HIDDEN}` : line;
  }
  return line;
}

/** What somebody did, as it may be kept. */
export const bodyWithoutSecret = (body: InboundBody): InboundBody =>
  body.kind === "command" || body.kind === "message" || body.kind === "channelMessage"
    ? { ...body, text: withoutPastedSecret(body.text, body.kind === "command") }
    : body;
