/** What a person types, as Slack stores it. */
import type { Json } from "./json.ts";
import type { Workspace } from "./world.ts";

/** As Slack escapes whatever is typed, commands included. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const unescaped = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** `&<>` escaped; `@ada`, `@platform-leads` and `#eng` as tokens where such a one exists; `@here` and the like too. */
export function encoded(workspace: Workspace, text: string): string {
  return escaped(text)
    .replace(/(?<![\w<])@([\w.-]*\w)/g, (whole, name: string) => {
      const user = workspace.userNamed(name);
      if (user) return `<@${user.id}>`;
      const group = [...workspace.groups.values()].find((each) => each.handle === name);
      if (group) return `<!subteam^${group.id}>`;
      return ["here", "channel", "everyone"].includes(name) ? `<!${name}>` : whole;
    })
    .replace(/(?<![\w&])#([\w-]*\w)/g, (whole, name: string) => {
      const channel = workspace.channelNamed(name);
      return channel ? `<#${channel.id}|>` : whole;
    })
    .replace(/(?<![<|])\bhttps?:\/\/[^\s<>|]*[^\s<>|.,;:!?)]/g, "<$&>");
}

/** The same as the rich text that Slack's composer makes of it. */
export function richTextOf(text: string, blockId: string): Json {
  const elements = text
    .split(/(<[^<>]+>)/)
    .filter((each) => each !== "")
    .map(elementOf);
  return {
    type: "rich_text",
    block_id: blockId,
    elements: [{ type: "rich_text_section", elements }],
  };
}

function elementOf(part: string): Json {
  const token = /^<([^<>]+)>$/.exec(part)?.[1];
  if (token === undefined) {
    return { type: "text", text: unescaped(part) };
  }
  const [head = ""] = token.split("|");
  if (head.startsWith("@")) return { type: "user", user_id: head.slice(1) };
  if (head.startsWith("#")) return { type: "channel", channel_id: head.slice(1) };
  if (head.startsWith("!subteam^")) return { type: "usergroup", usergroup_id: head.slice(9) };
  if (head.startsWith("!")) return { type: "broadcast", range: head.slice(1) };
  return { type: "link", url: head };
}
