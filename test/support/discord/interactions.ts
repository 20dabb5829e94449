/** What a person did that the app has to answer: 3 s to acknowledge it, 15 min for everything after. */
import type { Json } from "../slack/json.ts";
import type { Dispatched } from "./gateway.ts";
import { Refusal } from "./refusal.ts";
import type { State } from "./state.ts";
import type { Channel, Message, User } from "./world.ts";

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-type */
export const INTERACTION = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type */
export const CALLBACK = { message: 4, deferred: 5, deferredUpdate: 6, update: 7, choices: 8, modal: 9 } as const;

export interface Outcome {
  readonly interactionId: string;
  /** True when the app acknowledged within the limit. */
  readonly acked: boolean;
  /** The type of its callback, as in {@link CALLBACK}; null without one. */
  readonly answer: number | null;
  /** The `data` of its callback. */
  readonly response: Json | null;
  /** What Discord tells the person when something went wrong; null when nothing did. */
  readonly trouble: string | null;
  /** The events that told the app, for {@link Interactions.again}. */
  readonly events: readonly Dispatched[];
}

export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  /** 1 of a slash command, 3 of one on a message; null of what is no command. */
  readonly commandType: number | null;
  readonly user: User;
  readonly channel: Channel;
  readonly createdAt: number;
  /** The message with the component, or from which a modal came. */
  readonly source: Message | null;
  /** `interaction_metadata` of the messages it leads to. */
  readonly metadata: Json;
  /** Null until it was acknowledged. */
  answer: number | null;
  /** What `@original` is. */
  original: Message | null;
  expired: boolean;
  settle(answer: number | null, response: Json | null): void;
}

export class Interactions {
  readonly all: Interaction[] = [];

  constructor(private readonly state: State) {}

  /** Tells the app; resolves when it has acknowledged or its time is over. */
  begin(
    parts: Pick<Interaction, "type" | "commandType" | "user" | "channel" | "source">,
    payloadOf: (interaction: Interaction) => Json,
    metadata: Json,
  ): Promise<Outcome> {
    const { state } = this;
    return new Promise((resolve) => {
      let events: readonly Dispatched[] = [];
      const id = state.ids.next();
      const interaction: Interaction = {
        ...parts,
        id,
        token: `aW50ZXJhY3Rpb24${state.ids.secret(40)}`,
        createdAt: state.now(),
        metadata: { ...metadata, id },
        answer: null,
        original: null,
        expired: false,
        settle: (answer, response) => {
          clearTimeout(timer);
          const trouble = answer === null ? TROUBLE[parts.type === INTERACTION.command ? "command" : "other"] : null;
          resolve({ interactionId: id, acked: answer !== null, answer, response, trouble, events });
          state.changes.emit("change");
        },
      };
      const timer = setTimeout(() => this.giveUp(interaction), state.settings.ackLimitMs).unref();
      this.all.push(interaction);
      events = state.gateway.dispatch("INTERACTION_CREATE", 0, payloadOf(interaction));
      if (state.gateway.sessions.length === 0) this.giveUp(interaction);
    });
  }

  /** Dispatches what the app was told once more, as Discord does now and then. */
  again({ events }: Outcome): void {
    const [event] = events;
    if (!event) throw new Error("nobody was told of it");
    this.state.gateway.again(event);
  }

  /** Ends the time of those that are over it. To be called when the clock was moved. */
  sweep(): void {
    for (const each of this.all) {
      if (each.answer === null && this.state.now() - each.createdAt > this.state.settings.ackLimitMs) this.giveUp(each);
    }
  }

  /** For an acknowledgement. @throws Refusal 10062 when it is unknown or too late, 40060 when there was one */
  toAcknowledge(id: string, token: string): Interaction {
    const { state } = this;
    const interaction = this.all.find((each) => each.id === id);
    if (!interaction) throw new Refusal("unknownInteraction");
    if (interaction.token !== token) throw new Refusal("invalidWebhookToken");
    if (interaction.answer !== null) throw new Refusal("alreadyAcknowledged");
    if (interaction.expired || state.now() - interaction.createdAt > state.settings.ackLimitMs) {
      throw new Refusal("unknownInteraction");
    }
    return interaction;
  }

  /** For what follows an acknowledgement. @throws Refusal 10015 before it, 50027 when the token has expired */
  byToken(token: string): Interaction {
    const interaction = this.all.find((each) => each.token === token);
    if (!interaction) throw new Refusal("unknownWebhook");
    if (this.state.now() - interaction.createdAt > this.state.settings.tokenLifeMs)
      throw new Refusal("invalidWebhookToken");
    if (interaction.answer === null) throw new Refusal("unknownWebhook");
    return interaction;
  }

  private giveUp(interaction: Interaction): void {
    if (interaction.answer !== null || interaction.expired) return;
    interaction.expired = true;
    interaction.settle(null, null);
  }
}

const TROUBLE = { command: "The application did not respond", other: "This interaction failed" } as const;
