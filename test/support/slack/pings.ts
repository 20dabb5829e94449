/** Whom a message notifies. Pure. */
import { isObject, textOf } from "./json.ts";

const TOKEN = /<(?:@([A-Z0-9]+)|!(here|channel|everyone)|!subteam\^([A-Z0-9]+))(?:[|][^>]*)?>/g;
const BARE = /(?<![\w<!])@(here|channel|everyone)\b/g;

/**
 * Ids of people and groups, `here`, `channel`, `everyone`; of blocks, or of a text.
 *
 * Slack says of mrkdwn that is not `verbatim` that "certain mentions will be automatically parsed" and not which: here a
 * bare `@channel` in it counts as one, which is the stricter reading.
 */
export function pingsOf(content: unknown): string[] {
  if (typeof content === "string") return tokensIn(content);
  if (Array.isArray(content)) return content.flatMap(pingsOf);
  if (!isObject(content)) return [];
  switch (content.type) {
    case "plain_text":
    case "raw_text":
    case "rich_text_preformatted":
      return [];
    case "mrkdwn":
    case "markdown": {
      const text = textOf(content.text);
      const bare = content.verbatim === true ? [] : [...text.matchAll(BARE)].map((each) => each[1] ?? "");
      return [...tokensIn(text), ...bare];
    }
    case "user":
      return [textOf(content.user_id)];
    case "usergroup":
      return [textOf(content.usergroup_id)];
    case "broadcast":
      return [textOf(content.range)];
    default:
      return Object.values(content).flatMap((each) => (typeof each === "string" ? [] : pingsOf(each)));
  }
}

const tokensIn = (text: string): string[] =>
  [...text.matchAll(TOKEN)].map((each) => each[1] ?? each[2] ?? each[3] ?? "");
