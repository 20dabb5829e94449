/** The payloads of Slack that Claw reads, and only what it reads of them. Pure. */
import { z } from "zod";

const Id = z.string().regex(/^[A-Z0-9]{1,32}$/);
const Ts = z.string().regex(/^\d+\.\d+$/);

export const SlashCommand = z.object({
  command: z.string(),
  text: z.string().default(""),
  user_id: Id,
  channel_id: Id,
  trigger_id: z.string().min(1),
  response_url: z.url().optional(),
});

const Said = z.object({
  type: z.enum(["message", "app_mention"]),
  subtype: z.string().optional(),
  bot_id: z.string().optional(),
  user: Id.optional(),
  text: z.string().default(""),
  channel: Id,
  channel_type: z.string().optional(),
  ts: Ts,
  thread_ts: Ts.optional(),
});
export type Said = z.infer<typeof Said>;

const Reacted = z.object({
  type: z.literal("reaction_added"),
  user: Id,
  reaction: z.string().min(1).max(200),
  item: z.object({ type: z.literal("message"), channel: Id, ts: Ts }),
  event_ts: Ts,
});
export type Reacted = z.infer<typeof Reacted>;

const HomeOpened = z.object({ type: z.literal("app_home_opened"), user: Id, tab: z.string().default("home") });

/** A person as `users.info` and `user_change` show them. */
export const SlackUser = z.object({
  id: Id,
  team_id: z.string().optional(),
  name: z.string().optional(),
  deleted: z.boolean().optional(),
  real_name: z.string().optional(),
  tz: z.string().optional(),
  is_admin: z.boolean().optional(),
  is_owner: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
});
export type SlackUser = z.infer<typeof SlackUser>;

const UserChange = z.object({ type: z.literal("user_change"), user: SlackUser });

/** What is known to have changed, so that nobody goes on from what was true before. */
const Changed = z.object({
  type: z.enum([
    "channel_archive",
    "channel_unarchive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "group_archive",
    "group_unarchive",
    "group_deleted",
    "group_left",
    "group_rename",
    "member_joined_channel",
    "subteam_created",
    "subteam_updated",
    "subteam_members_changed",
  ]),
});

const Gone = z.object({ type: z.enum(["app_uninstalled", "tokens_revoked"]) });

export const EventCallback = z.object({
  type: z.literal("event_callback"),
  event_id: z.string().min(1),
  event: z.discriminatedUnion("type", [Said, Reacted, HomeOpened, UserChange, Changed, Gone]),
});

const Person = z.object({ id: Id });
const Channel = z.object({ id: Id });

export const BlockActions = z.object({
  type: z.literal("block_actions"),
  user: Person,
  trigger_id: z.string().min(1),
  response_url: z.url().optional(),
  channel: Channel.optional(),
  container: z.object({
    type: z.string(),
    message_ts: Ts.optional(),
    channel_id: Id.optional(),
    thread_ts: Ts.optional(),
  }),
  message: z.object({ thread_ts: Ts.optional() }).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        block_id: z.string().default(""),
        action_ts: z.string().min(1),
        value: z.string().default(""),
      }),
    )
    .min(1),
});
export type BlockActions = z.infer<typeof BlockActions>;

/** What stands in an input: a text or a number, or what was chosen. */
const Entered = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
});

export const ViewSubmission = z.object({
  type: z.literal("view_submission"),
  user: Person,
  view: z.object({
    id: z.string().min(1),
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(z.string(), z.record(z.string(), Entered)),
    }),
  }),
});
export type ViewSubmission = z.infer<typeof ViewSubmission>;

export const MessageAction = z.object({
  type: z.literal("message_action"),
  callback_id: z.string(),
  user: Person,
  trigger_id: z.string().min(1),
  response_url: z.url().optional(),
  channel: Channel,
  message: z.object({ ts: Ts, thread_ts: Ts.optional(), text: z.string().default("") }),
});
export type MessageAction = z.infer<typeof MessageAction>;
export type SlashCommand = z.infer<typeof SlashCommand>;
export type EventCallback = z.infer<typeof EventCallback>;
