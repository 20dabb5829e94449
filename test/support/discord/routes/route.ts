/** One endpoint: what it takes, what it does, what it answers. */
import { isObject, type Json } from "../../slack/json.ts";
import { checked, type Schema, schemaOf, strangers } from "../description.ts";
import type { UploadedFile } from "../multipart.ts";
import { demand, type Permission } from "../permissions.ts";
import { invalidField, invalidForm, Refusal } from "../refusal.ts";
import { isSnowflake } from "../snowflakes.ts";
import type { State } from "../state.ts";
import type { Channel, Guild, Message } from "../world.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As in the description: `/channels/{channel_id}`. */
  readonly path: string;
  /** Whether the token in the path is enough, and the bot's 50 a second do not count. */
  readonly open?: true;
  /** What a 200 consists of; null: it answers 204. With `either`, a null answer of the handler is the 204. */
  readonly answer: Schema | null;
  readonly status?: number;
  handle(request: ApiRequest): unknown;
}

/** What came, checked as it is asked for. */
export class ApiRequest {
  constructor(
    readonly state: State,
    readonly route: string,
    readonly params: Readonly<Record<string, string>>,
    readonly query: URLSearchParams,
    readonly json: unknown,
    readonly files: readonly UploadedFile[],
  ) {}

  /** @throws Refusal 50035 when the path has no id there */
  id(name: string): string {
    const value = this.params[name] ?? "";
    if (isSnowflake(value)) return value;
    throw invalidField([name], "NUMBER_TYPE_COERCE", `Value "${value}" is not snowflake.`);
  }

  /** @param name of a schema in the description @throws Refusal 50035 */
  body(name: string, at: readonly string[] = []): Json {
    return this.bodyAs(schemaOf(name), at);
  }

  bodyAs(schema: Schema, at: readonly string[] = [], given: unknown = this.json ?? {}): Json {
    const body = checked(schema, given, at);
    const unknown = strangers(given, body);
    if (unknown.length > 0) {
      this.state.complaints.push(`${this.route} was sent what Discord does not know: ${unknown.join(", ")}`);
    }
    return body;
  }

  /** A whole number of the query. @throws Refusal 50035 out of its bounds */
  limit(name: string, min: number, max: number, fallback: number): number {
    const text = this.query.get(name);
    if (text === null) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value)) throw invalidField([name], "NUMBER_TYPE_COERCE", `Value "${text}" is not int.`);
    if (value < min) {
      throw invalidField([name], "NUMBER_TYPE_MIN", `int value should be greater than or equal to ${min}.`);
    }
    if (value > max) throw invalidField([name], "NUMBER_TYPE_MAX", `int value should be less than or equal to ${max}.`);
    return value;
  }

  /** @throws Refusal 50035 */
  snowflake(name: string): string | null {
    const value = this.query.get(name);
    if (value === null || isSnowflake(value)) return value;
    throw invalidForm([{ path: [name], code: "NUMBER_TYPE_COERCE", message: `Value "${value}" is not snowflake.` }]);
  }

  get botId(): string {
    return this.state.app.botId;
  }

  /** @throws Refusal 10003, 50001, 50013 */
  channel(...permissions: readonly Permission[]): Channel {
    const channel = this.state.world.channels.get(this.id("channel_id"));
    if (!channel) throw new Refusal("unknownChannel");
    demand(this.state.world, this.botId, channel, ...permissions);
    return channel;
  }

  /** @throws Refusal 10008 */
  message(channel: Channel): Message {
    const message = this.state.world.messageIn(channel, this.id("message_id"));
    if (!message) throw new Refusal("unknownMessage");
    return message;
  }

  /** One that the app is in. @throws Refusal 10004; Discord says the same of one it is not in */
  guild(): Guild {
    const guild = this.state.world.guilds.get(this.id("guild_id"));
    if (!guild?.members.has(this.botId)) throw new Refusal(guild ? "missingAccess" : "unknownGuild");
    return guild;
  }

  /** @throws Refusal 10002 for another's application */
  application(): void {
    if (this.id("application_id") !== this.state.app.id) throw new Refusal("unknownApplication");
  }
}

export const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
