/** What Discord says no with: an HTTP status, a JSON error code and a message. */
import type { Json } from "../slack/json.ts";

/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#json */
const REFUSALS = {
  notFound: [404, 0, "404: Not Found"],
  methodNotAllowed: [405, 0, "405: Method Not Allowed"],
  unauthorized: [401, 0, "401: Unauthorized"],
  unknownApplication: [404, 10002, "Unknown Application"],
  unknownChannel: [404, 10003, "Unknown Channel"],
  unknownGuild: [404, 10004, "Unknown Guild"],
  unknownMember: [404, 10007, "Unknown Member"],
  unknownMessage: [404, 10008, "Unknown Message"],
  unknownRole: [404, 10011, "Unknown Role"],
  unknownUser: [404, 10013, "Unknown User"],
  unknownEmoji: [400, 10014, "Unknown Emoji"],
  unknownWebhook: [404, 10015, "Unknown Webhook"],
  unknownInteraction: [404, 10062, "Unknown interaction"],
  unknownCommand: [404, 10063, "Unknown application command"],
  maxPins: [400, 30003, "Maximum number of pins reached for the channel (250)"],
  maxReactions: [400, 30010, "Maximum number of reactions reached (20)"],
  maxCommands: [400, 30032, "Maximum number of application commands reached (100)"],
  /** https://github.com/discord/discord-api-docs/issues/8554: for what is too long once it is processed. */
  internal: [500, 0, "500: Internal Server Error"],
  tooLarge: [413, 40005, "Request entity too large"],
  notInForum: [400, 40058, "Cannot send a message in a forum channel"],
  alreadyAcknowledged: [400, 40060, "Interaction has already been acknowledged."],
  tagRequired: [400, 40067, "A tag is required to create a forum post in this channel"],
  missingAccess: [403, 50001, "Missing Access"],
  notInDm: [403, 50003, "Cannot execute action on a DM channel"],
  notYours: [403, 50005, "Cannot edit a message authored by another user"],
  emptyMessage: [400, 50006, "Cannot send an empty message"],
  cannotDm: [403, 50007, "Cannot send messages to this user"],
  notInThisChannel: [400, 50008, "Cannot send messages in a non-text channel"],
  missingPermissions: [403, 50013, "Missing Permissions"],
  systemMessage: [403, 50021, "Cannot execute action on a system message"],
  channelType: [400, 50024, "Cannot execute action on this channel type"],
  invalidWebhookToken: [401, 50027, "Invalid Webhook Token"],
  invalidForm: [400, 50035, "Invalid Form Body"],
  threadArchived: [400, 50083, "Thread is archived"],
  invalidJson: [400, 50109, "The request body contains invalid JSON."],
  /** As {@link threadArchived}, where it is a lock that forbids it. */
  threadClosed: [403, 50083, "Thread is archived"],
  noReply: [400, 160002, "Cannot reply without permission to read message history"],
  threadExists: [400, 160004, "A thread has already been created for this message"],
  threadLocked: [403, 160005, "Thread is locked"],
} as const satisfies Readonly<Record<string, readonly [status: number, code: number, message: string]>>;

export type RefusalName = keyof typeof REFUSALS;

export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(
    name: RefusalName,
    readonly errors: Json | null = null,
  ) {
    const [status, code, message] = REFUSALS[name];
    super(message);
    this.status = status;
    this.code = code;
  }

  get body(): Json {
    return { message: this.message, code: this.code, ...(this.errors !== null && { errors: this.errors }) };
  }
}

/**
 * What is wrong, and where in the body it stands. The description has numbers for these codes; the documentation and what
 * clients meet have words: https://discord.com/developers/docs/reference#error-messages
 */
export interface FieldError {
  readonly path: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
}

/** 50035 with each error at its place. */
export function invalidForm(errors: readonly FieldError[]): Refusal {
  const tree: Json = {};
  for (const { path, code, message } of errors) {
    let at = tree;
    for (const key of path) {
      at[key] ??= {};
      at = at[key] as Json;
    }
    at._errors = [...((at._errors as object[] | undefined) ?? []), { code, message }];
  }
  return new Refusal("invalidForm", tree);
}

export const invalidField = (path: FieldError["path"], code: string, message: string): Refusal =>
  invalidForm([{ path, code, message }]);
