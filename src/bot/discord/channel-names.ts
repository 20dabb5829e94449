/** Channels by the names that people type. In Discord several may have the same one, and many bear emoji. Pure. */
import { CHANNEL, type DiscordChannel, isThread } from "./payloads.ts";

export type ChannelByName =
  | { readonly kind: "one"; readonly id: string }
  | { readonly kind: "none" }
  /** Which there are, and how to say which is meant. */
  | { readonly kind: "several"; readonly why: string };

const fold = (name: string): string => name.normalize("NFKC").toLowerCase();

/** Without emoji and other ornaments, and the dashes beside them: `📣・ops` is `ops`. */
const bare = (name: string): string =>
  fold(name)
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "-")
    .replace(/\p{M}*-[\p{M}-]*/gu, "-")
    .replace(/^[-\p{M}]+|-+$/gu, "");

/** So many of the same name are listed. */
const LISTED = 5;

/**
 * The channel of that name: letter by letter first, and where there is none such, without its ornaments.
 * @param channels those of one server that Claw can see @param typed with or without `#`
 */
export function channelByName(channels: readonly DiscordChannel[], typed: string): ChannelByName {
  const name = typed.replace(/^#/, "");
  const named = channels.filter(({ type }) => type !== CHANNEL.category && !isThread(type));
  const by = (key: (name: string) => string): readonly DiscordChannel[] =>
    key(name) === "" ? [] : named.filter((each) => key(each.name ?? "") === key(name));
  const exact = by(fold);
  const found = exact.length > 0 ? exact : by(bare);
  const [only, ...others] = found;
  if (!only) return { kind: "none" };
  if (others.length === 0) return { kind: "one", id: only.id };
  const categories = new Map(channels.map((each) => [each.id, each.name ?? ""]));
  const listed = found.slice(0, LISTED).map((each) => {
    const category = each.parent_id ? categories.get(each.parent_id) : undefined;
    return `#${each.name ?? ""}${category ? ` in ${category}` : ""}, id ${each.id}`;
  });
  const more = found.length > LISTED ? `; and ${found.length - LISTED} more` : "";
  return {
    kind: "several",
    why: `${found.length} channels have that name: ${listed.join("; ")}${more}. Choose one from the list that opens while you type #, or type # and its id.`,
  };
}
