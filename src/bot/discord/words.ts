/** What people wrote in Discord, as they meant it: without Discord's marks. Pure. */

/**
 * `<#1>` stays the id behind a `#`, `<@1>` the id behind an `@` or the name that came with the message, `<:wave:1>` becomes
 * `:wave:`, `<https://x>` its address.
 * @param self the user id of Claw, whose mention is left out
 * @param names of who is mentioned, by id
 */
export function wordsOf(
  text: string,
  self: string,
  names: ReadonlyMap<string, string>,
): { readonly words: string; readonly mentioned: boolean } {
  const found = { mentioned: false };
  const words = text.replace(/<([^<>\s]{1,200})>/g, (whole, inner: string) => {
    const [, user] = /^@!?(\d{15,20})$/.exec(inner) ?? [];
    if (user === self) {
      found.mentioned = true;
      return " ";
    }
    if (user !== undefined) return `@${names.get(user) ?? user}`;
    const [, sign, id] = /^(@&|#)(\d{15,20})$/.exec(inner) ?? [];
    if (id !== undefined) return `${sign === "#" ? "#" : "@"}${id}`;
    const [, emoji] = /^a?(:\w{1,40}:)\d{15,20}$/.exec(inner) ?? [];
    if (emoji !== undefined) return emoji;
    const [, command] = /^\/([\w -]{1,100}):\d{15,20}$/.exec(inner) ?? [];
    if (command !== undefined) return `/${command}`;
    const [, seconds] = /^t:(\d{1,12})(?::[a-zA-Z])?$/.exec(inner) ?? [];
    if (seconds !== undefined) return instantOf(Number(seconds)) ?? whole;
    return /^https?:/.test(inner) ? inner : whole;
  });
  // After Claw's name stands a comma or a colon as often as not.
  const line = found.mentioned ? words.trim().replace(/^[,:]\s*/, "") : words.trim();
  return { words: line.replace(/[ \t]{2,}/g, " "), mentioned: found.mentioned };
}

function instantOf(seconds: number): string | null {
  const at = new Date(seconds * 1_000);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
