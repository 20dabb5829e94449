/** Takes secrets out of text that leaves the process for a log or a terminal. Pure. */

const REDACTED = "[redacted]";

/** A shorter value may well be a word (`ollama` as the key of an endpoint that wants none): removing it would spoil the text. */
const SHORTEST = 8;

/** Tokens that are recognised by their form, wherever they come from. */
const FORMS: readonly [RegExp, string][] = [
  [/\bxox[a-z]-[\w-]{6,}|\bxapp-[\w-]{6,}|\bxwfp-[\w-]{6,}/g, REDACTED],
  [/\bsk-[\w-]{16,}/g, REDACTED],
  [/\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}/g, REDACTED],
  [/\b[MNO][\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, REDACTED],
  [/\bBearer\s+[\w.~+/=-]{8,}/gi, `Bearer ${REDACTED}`],
  // These two are also words; what follows them as a token is not.
  [/\bBot\s+[\w-]{18,}\.[\w.-]+/g, `Bot ${REDACTED}`],
  [/\bBasic\s+(?=[^\s"]{0,400}[0-9=])[\w+/=]{8,}/g, `Basic ${REDACTED}`],
  // user:password@ in any URL but the one that shows how such a URL looks
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/"'\\]{0,200}):(?!password@host:)[^\s@/"'\\]{1,200}@/gi, `$1:${REDACTED}@`],
  // What a JSON key says is secret. Quantifiers are bounded, so that a long line costs no more than its length.
  [
    /("[\w-]{0,40}(?:token|secret|secret_?key|password|passwd|authorization|cookie|api[_-]?key)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*",?)*\])/gi,
    `$1"${REDACTED}"`,
  ],
];

/** What this process must not repeat: it learns of more while it runs. */
export interface Hidden {
  /** From now on; again is harmless. */
  add(value: string): void;
  redact(text: string): string;
}

export function createHidden(secrets: readonly string[]): Hidden {
  const known = new Set(secrets);
  const now = { redact: redactor(secrets) };
  return {
    add(value) {
      if (known.has(value)) return;
      known.add(value);
      now.redact = redactor([...known]);
    },
    redact: (text) => now.redact(text),
  };
}

/**
 * @param secrets values of at least 8 characters to remove wherever they stand, also as they look in JSON and in a URL
 * @returns a function from text to the same text without secrets; a JSON line stays valid JSON
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const spellings = new Set(
    secrets
      .filter((value) => value.length >= SHORTEST)
      .flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]),
  );
  // The longest first, so that one secret that begins another leaves no rest of it.
  const values = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => {
    let out = text;
    for (const value of values) if (out.includes(value)) out = out.replaceAll(value, REDACTED);
    for (const [form, replacement] of FORMS) out = out.replace(form, replacement);
    return out;
  };
}
