/** What people wrote in Slack, as they meant it: without Slack's marks. Pure. */

const ENTITIES: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const decoded = (text: string): string => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? entity);

export interface Words {
  readonly words: string;
  /** Claw's own name is in it. */
  readonly mentioned: boolean;
  /** Ids of the channels that are linked, by how they stand in `words`. */
  readonly channels: Readonly<Record<string, string>>;
}

/**
 * `<https://x|x>` becomes its address, `<#C1|eng>` `#eng`, `<!here>` `@here`, `<@U1>` stays a person's id behind an `@`.
 * @param bot the user id of Claw, whose mention is left out
 */
export function wordsOf(text: string, bot: string): Words {
  const found = { mentioned: false };
  const channels: Record<string, string> = {};
  const words = text.replace(/<([^<>]*)>/g, (whole, inner: string) => {
    const [target = "", label = ""] = inner.split("|", 2);
    if (target === `@${bot}`) {
      found.mentioned = true;
      return " ";
    }
    if (target.startsWith("@")) return label ? `@${label.replace(/^@/, "")}` : target;
    if (target.startsWith("#")) {
      const name = label ? `#${label}` : target;
      channels[name] = target.slice(1);
      return name;
    }
    if (target.startsWith("!subteam^")) return label || target.slice(9);
    if (target.startsWith("!date^")) return label;
    if (target.startsWith("!")) return `@${target.slice(1)}`;
    if (/^(https?:|mailto:|tel:)/.test(target)) return target.replace(/^(mailto|tel):/, "");
    return whole;
  });
  // After Claw's name stands a comma or a colon as often as not.
  const line = found.mentioned ? words.trim().replace(/^[,:]\s*/, "") : words.trim();
  return { words: decoded(line).replace(/[ \t]{2,}/g, " "), mentioned: found.mentioned, channels };
}
