/** Whom a message names, and whom of them it may notify: `allowed_mentions`. */
import { isObject, type Json, textOf } from "../slack/json.ts";
import { componentsIn } from "./components.ts";
import { may } from "./permissions.ts";
import { invalidField } from "./refusal.ts";
import type { Channel, Mentions, World } from "./world.ts";

const USER = /<@!?(\d+)>/g;
const ROLE = /<@&(\d+)>/g;
const EVERYONE = /@(?:everyone|here)\b/;

/** All text in which a mention counts: content and text components, never embeds, and nothing inside code. */
export function mentionableText(content: string, components: readonly Json[]): string {
  const texts = componentsIn(components).map(({ component }) =>
    component.type === 10 ? textOf(component.content) : "",
  );
  return [content, ...texts].join("\n").replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, " ");
}

export interface Allowed {
  readonly everyone: boolean;
  /** Null: all of them. */
  readonly users: readonly string[] | null;
  readonly roles: readonly string[] | null;
  readonly repliedUser: boolean;
}

/**
 * https://discord.com/developers/docs/resources/message#allowed-mentions-object
 * @throws Refusal 50035 where `parse` and a list exclude each other
 */
export function allowedOf(value: unknown): Allowed {
  if (!isObject(value)) return { everyone: true, users: null, roles: null, repliedUser: true };
  const parse: readonly unknown[] = Array.isArray(value.parse) ? value.parse : [];
  const list = (key: "users" | "roles"): readonly string[] | null => {
    const named = Array.isArray(value[key])
      ? value[key].filter((each): each is string => typeof each === "string")
      : [];
    if (!parse.includes(key)) return named;
    if (named.length === 0) return null;
    const message = `parse:["${key}"] and ${key}: [ids...] are mutually exclusive.`;
    throw invalidField(["allowed_mentions"], "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message);
  };
  return {
    everyone: parse.includes("everyone"),
    users: list("users"),
    roles: list("roles"),
    repliedUser: value.replied_user === true,
  };
}

/** Who is mentioned for real: named, allowed, and where it needs a permission with it. */
export function mentionsIn(world: World, channel: Channel, authorId: string, text: string, allowed: Allowed): Mentions {
  const named = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map((each) => each[1] ?? ""))];
  const guild = channel.guildId === null ? undefined : world.guilds.get(channel.guildId);
  const loud = guild !== undefined && may(world, authorId, channel, "MENTION_EVERYONE");
  const users = named(USER).filter((id) => world.users.has(id) && (allowed.users?.includes(id) ?? true));
  const roles = named(ROLE).filter((id) => {
    const role = guild?.roles.get(id);
    return role !== undefined && (role.mentionable || loud) && (allowed.roles?.includes(id) ?? true);
  });
  return { users, roles, everyone: allowed.everyone && loud && EVERYONE.test(text) };
}

export const pingsOf = ({ users, roles, everyone }: Mentions): string[] => [
  ...users,
  ...roles,
  ...(everyone ? ["everyone"] : []),
];
