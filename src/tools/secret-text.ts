/** A text without secrets that a call was given: its answer may repeat them. */

const HIDDEN = "[secret]";

/** As they stand, and as they look in JSON and in a URL; the longest first, so that none leaves a rest of another. */
function spellingsOf(secrets: readonly string[]): readonly string[] {
  const all = secrets.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  return [...new Set(all)].filter((value) => value !== "").sort((a, b) => b.length - a.length);
}

export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  spellingsOf(secrets).reduce((rest, value) => (rest.includes(value) ? rest.replaceAll(value, HIDDEN) : rest), text);

/** The same for a text that was cut off somewhere: it may end within a secret, whose beginning goes too. */
export function cutWithoutSecrets(text: string, secrets: readonly string[]): string {
  const whole = withoutSecrets(text, secrets);
  for (const value of spellingsOf(secrets)) {
    for (let length = Math.min(value.length - 1, whole.length); length >= LEAST_PART; length -= 1) {
      if (whole.endsWith(value.slice(0, length))) return `${whole.slice(0, -length)}${HIDDEN}`;
    }
  }
  return whole;
}
/** Characters of a secret that say nothing of it yet. */
const LEAST_PART = 4;

/** Every text of a JSON-like value, keys too, without them. */
export function valueWithoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return value;
  if (typeof value === "string") return withoutSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((each) => valueWithoutSecrets(each, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [withoutSecrets(key, secrets), valueWithoutSecrets(each, secrets)]),
  );
}
