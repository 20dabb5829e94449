/** The payloads of Discord that Claw reads, and only what it reads of them. Pure. */
import { z } from "zod";

const Id = z.string().regex(/^\d{15,20}$/);
const Bits = z.string().regex(/^\d{1,40}$/);

export const Application = z.object({ id: Id, name: z.string().default("Claw"), flags: z.number().default(0) });
export const Me = z.object({ id: Id, username: z.string().default("Claw") });

const Overwrite = z.object({ id: Id, type: z.number(), allow: Bits, deny: Bits });

export const DiscordChannel = z.object({
  id: Id,
  type: z.number(),
  guild_id: Id.nullish(),
  parent_id: Id.nullish(),
  name: z.string().nullish(),
  owner_id: Id.nullish(),
  flags: z.number().nullish(),
  permission_overwrites: z.array(Overwrite).nullish(),
  available_tags: z.array(z.object({ id: Id, moderated: z.boolean().nullish() })).nullish(),
  thread_metadata: z.object({ archived: z.boolean(), locked: z.boolean().default(false) }).nullish(),
});
export type DiscordChannel = z.infer<typeof DiscordChannel>;

export const DiscordGuild = z.object({
  id: Id,
  name: z.string(),
  owner_id: Id,
  roles: z.array(z.object({ id: Id, name: z.string(), permissions: Bits })),
});
export type DiscordGuild = z.infer<typeof DiscordGuild>;

const User = z.object({
  id: Id,
  username: z.string().default(""),
  global_name: z.string().nullish(),
  bot: z.boolean().nullish(),
});
export type User = z.infer<typeof User>;

export const Member = z.object({
  user: User,
  nick: z.string().nullish(),
  roles: z.array(Id).default([]),
  pending: z.boolean().nullish(),
});
export type Member = z.infer<typeof Member>;

/** What stands in a new message, or in one that was asked for. */
export const Message = z.object({
  id: Id,
  channel_id: Id,
  guild_id: Id.nullish(),
  type: z.number().default(0),
  content: z.string().default(""),
  author: User,
  webhook_id: Id.nullish(),
  flags: z.number().nullish(),
  mentions: z.array(User).default([]),
  /** Of the author, without them. */
  member: z
    .object({ nick: z.string().nullish(), roles: z.array(Id).default([]), pending: z.boolean().nullish() })
    .nullish(),
  message_reference: z.object({ message_id: Id.nullish(), type: z.number().nullish() }).nullish(),
  referenced_message: z
    .object({ id: Id, message_reference: z.object({ message_id: Id.nullish() }).nullish() })
    .nullish(),
  components: z.unknown().optional(),
  embeds: z.array(z.object({ title: z.string().nullish(), description: z.string().nullish() })).nullish(),
  attachments: z.array(z.object({ filename: z.string().default("") })).nullish(),
  thread: z.object({ message_count: z.number().nullish() }).nullish(),
});
export type Message = z.infer<typeof Message>;

export const Reaction = z.object({
  user_id: Id,
  channel_id: Id,
  message_id: Id,
  guild_id: Id.nullish(),
  member: Member.nullish(),
  emoji: z.object({ id: Id.nullish(), name: z.string().nullish() }),
});
export type Reaction = z.infer<typeof Reaction>;

/** What a person entered in a modal: by the id of the input. */
const Entered = z.object({
  custom_id: z.string(),
  value: z.string().nullish(),
  values: z.array(z.string()).nullish(),
});
const Labelled = z.object({ component: Entered });
const Rowed = z.object({ components: z.array(Entered) });
const Shown = z.object({ type: z.number() });

const Option = z.object({ name: z.string(), value: z.unknown().optional(), focused: z.boolean().optional() });

const Place = z.object({ id: Id, type: z.number(), parent_id: Id.nullish() });

export const Interaction = z.object({
  id: Id,
  application_id: Id,
  type: z.number(),
  token: z.string().min(1),
  guild_id: Id.nullish(),
  channel_id: Id.nullish(),
  channel: Place.nullish(),
  member: Member.nullish(),
  user: User.nullish(),
  message: z.object({ id: Id, flags: z.number().nullish(), channel_id: Id.nullish() }).nullish(),
  data: z
    .object({
      name: z.string().optional(),
      type: z.number().optional(),
      target_id: Id.optional(),
      options: z.array(Option).optional(),
      custom_id: z.string().optional(),
      components: z.array(z.union([Labelled, Rowed, Shown])).optional(),
      resolved: z
        .object({
          messages: z
            .record(
              z.string(),
              z.object({ id: Id, content: z.string().default(""), components: z.unknown().optional() }),
            )
            .optional(),
        })
        .nullish(),
    })
    .nullish(),
});
export type Interaction = z.infer<typeof Interaction>;

/** Numbers of interaction types. */
export const INTERACTION = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
/** Numbers of application command types. */
export const COMMAND = { slash: 1, message: 3 } as const;
/** Numbers of channel types. */
export const CHANNEL = {
  text: 0,
  dm: 1,
  voice: 2,
  category: 4,
  news: 5,
  newsThread: 10,
  thread: 11,
  privateThread: 12,
  stage: 13,
  forum: 15,
  media: 16,
} as const;

export const isThread = (type: number): boolean => type >= CHANNEL.newsThread && type <= CHANNEL.privateThread;
export const isForum = (type: number): boolean => type === CHANNEL.forum || type === CHANNEL.media;

/** What somebody entered, by the id of the input. */
export function enteredIn(components: NonNullable<Interaction["data"]>["components"]): ReadonlyMap<string, string> {
  const entered = (components ?? []).flatMap((part) =>
    "component" in part ? [part.component] : "components" in part ? part.components : [],
  );
  return new Map(entered.map(({ custom_id, value, values }) => [custom_id, value ?? values?.[0] ?? ""]));
}

const Named = z.object({ id: Id, name: z.string().optional() });

export const GuildCreate = z.object({
  id: Id,
  name: z.string().optional(),
  unavailable: z.boolean().optional(),
  channels: z.array(z.unknown()).default([]),
  threads: z.array(z.unknown()).default([]),
});
export const GuildDelete = z.object({ id: Id, unavailable: z.boolean().optional() });
export const GuildUpdate = Named;
export const Ready = z.object({ guilds: z.array(z.object({ id: Id })).default([]) });
export const MemberRemoved = z.object({ guild_id: Id, user: User });
/** Anything that names a server: what was known of it may be wrong by now. */
export const InGuild = z.object({ guild_id: Id });
