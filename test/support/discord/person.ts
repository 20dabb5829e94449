/** A person at Discord's window: what they type, press and fill in, and what they see. */
import { type Json, objectsOf, textOf } from "../slack/json.ts";
import { COMPONENT } from "./components.ts";
import { messageEvent, reactionEvent } from "./events.ts";
import { submitted, valuesOf } from "./forms.ts";
import { CALLBACK, INTERACTION, type Interaction, type Outcome } from "./interactions.ts";
import { mentionableText, mentionsIn, pingsOf } from "./mentions.ts";
import { interactionPayload, metadataOf, resolvedOf } from "./payloads.ts";
import { may, permissionsIn } from "./permissions.ts";
import { arrived, deleteMessage } from "./posting.ts";
import { controlNamed, controlsOf, type SeenMessage, type SeenModal, seenMessage, seenModal } from "./seen.ts";
import { type State, viewOf } from "./state.ts";
import { encoded, typedCommand } from "./typed.ts";
import { messageOnWire } from "./wire.ts";
import type { Channel, Guild, Message, User } from "./world.ts";

export interface SaysOptions {
  /** A channel, a thread or a DM. */
  readonly channel: Channel;
  /** The thread that begins with this message, or that it stands in. */
  readonly thread?: SeenMessage;
  readonly replyTo?: SeenMessage;
}

export interface Choice {
  readonly name: string;
  readonly value: unknown;
}

export class Person {
  private open: { readonly interaction: Interaction; readonly modal: SeenModal } | null = null;

  constructor(
    private readonly state: State,
    readonly user: User,
  ) {}

  get id(): string {
    return this.user.id;
  }

  get name(): string {
    return this.user.username;
  }

  /** The direct conversation with the app. */
  get dm(): Channel {
    return this.state.world.directBetween(this.state.app.botId, this.id);
  }

  /** The modal that is open; null when none is. */
  get modal(): SeenModal | null {
    return this.open?.modal ?? null;
  }

  /**
   * Types a slash command; resolves when the app has acknowledged or its time is over.
   * @param line `/claw request:status`, or `/claw status` where there is a single option
   * @throws Error when Discord itself would not take it: no such command here, or not for this person
   */
  async types(line: string, place: SaysOptions): Promise<Outcome> {
    const channel = this.mayUseCommandsIn(place);
    const { command, options } = typedCommand(this.commandsIn(channel), line);
    const data = { ...reference(command), ...(options.length > 0 && { options }) };
    return this.begin(INTERACTION.command, 1, channel, null, data);
  }

  /**
   * What is offered while a slash command is being typed.
   * @param option whose value is being typed; the only one when left out
   */
  async completes(line: string, place: SaysOptions, option?: string): Promise<readonly Choice[]> {
    const channel = this.mayUseCommandsIn(place);
    const commands = this.commandsIn(channel);
    const known = commands.find((each) => each.name === line.slice(1).split(/\s/)[0]);
    const focus = option ?? textOf(objectsOf(known?.options)[0]?.name);
    const { command, options } = typedCommand(commands, line, focus);
    const outcome = await this.begin(INTERACTION.autocomplete, null, channel, null, { ...reference(command), options });
    return objectsOf(outcome.response?.choices).map(({ name, value }) => ({ name: textOf(name), value }));
  }

  /** Uses a command on a message: "Apps > Ask Claw about this". */
  async uses(name: string, about: SeenMessage): Promise<Outcome> {
    const [channel, message] = this.find(about);
    this.mayUseCommandsIn({ channel });
    const command = this.commandsIn(channel).find((each) => each.type === 3 && each.name === name);
    if (!command) throw new Error(`there is no message command "${name}"`);
    if (message.onlyFor !== null) throw new Error("there are no commands on a message that only one person sees");
    const resolved = { messages: { [message.id]: messageOnWire(viewOf(this.state, true), message) } };
    const data = { ...reference(command), target_id: message.id, resolved };
    return this.begin(INTERACTION.command, 3, channel, null, data);
  }

  /** Writes a message; names behind `@` and `#` become tokens, as when the client completes them. */
  says(text: string, place: SaysOptions): SeenMessage {
    const channel = this.placeOf(place);
    const write = channel.thread ? "SEND_MESSAGES_IN_THREADS" : "SEND_MESSAGES";
    if (!may(this.state.world, this.id, channel, write))
      throw new Error(`${this.name} may not write in #${channel.name}`);
    if (channel.thread?.locked && !may(this.state.world, this.id, channel, "MANAGE_THREADS")) {
      throw new Error("This thread is locked");
    }
    const { replyTo } = place;
    const content = encoded(this.state.world, this.guildOf(channel), text);
    const mentions = this.mentionsOf(channel, content);
    const users = replyTo ? [...new Set([...mentions.users, this.find(replyTo)[1].authorId])] : mentions.users;
    const message = this.state.world.addMessage(channel, {
      authorId: this.id,
      content,
      mentions: { ...mentions, users },
      pings: pingsOf({ ...mentions, users }),
      ...(replyTo && { type: 19, reference: { type: 0, channelId: channel.id, messageId: replyTo.id } }),
    });
    arrived(this.state, channel, message);
    return seenMessage(this.state, channel, message);
  }

  /** Changes an own message. */
  edits(seen: SeenMessage, text: string): SeenMessage {
    const [channel, message] = this.find(seen);
    if (message.authorId !== this.id) throw new Error(`${this.name} cannot edit another's message`);
    message.content = encoded(this.state.world, this.guildOf(channel), text);
    message.mentions = this.mentionsOf(channel, message.content);
    message.editedAt = this.state.now();
    messageEvent(this.state, "MESSAGE_UPDATE", channel, message);
    return seenMessage(this.state, channel, message);
  }

  /** Deletes an own message; with the permission any; dismisses one that only this person sees. */
  deletes(seen: SeenMessage): void {
    const [channel, message] = this.find(seen);
    const allowed = message.authorId === this.id || message.onlyFor === this.id;
    if (!allowed && !may(this.state.world, this.id, channel, "MANAGE_MESSAGES")) {
      throw new Error(`${this.name} cannot delete that message`);
    }
    deleteMessage(this.state, channel, message);
  }

  reacts(emoji: string, seen: SeenMessage, { added = true } = {}): void {
    const [channel, message] = this.find(seen);
    const users = message.reactions.get(emoji) ?? new Set<string>();
    if (added) users.add(this.id);
    else users.delete(this.id);
    if (users.size > 0) message.reactions.set(emoji, users);
    else message.reactions.delete(emoji);
    reactionEvent(this.state, channel, message, this.user, emoji, added);
  }

  /**
   * Presses a button by its label (or custom id), as it stands now.
   * @param stale presses what stood there when it was seen, as one does who is a moment too late
   * @throws Error when there is no such button, or it is disabled
   */
  async presses(label: string, seen: SeenMessage, { stale = false } = {}): Promise<Outcome> {
    const [channel, message] = this.find(seen);
    const control = controlNamed(stale ? seen.controls : controlsOf(message.components), label, seen.words);
    if (control.kind !== "button") throw new Error(`"${label}" is no button but a ${control.kind}`);
    if (control.disabled) throw new Error(`"${label}" is disabled`);
    const data = { id: control.component.id, component_type: 2, custom_id: control.customId };
    return this.begin(INTERACTION.component, null, channel, message, data);
  }

  /** Chooses in a menu of a message; options by label or value, people and roles by id. */
  async chooses(label: string, given: string | readonly string[], seen: SeenMessage): Promise<Outcome> {
    const [channel, message] = this.find(seen);
    const control = controlNamed(controlsOf(message.components), label, seen.words);
    if (control.kind !== "select") throw new Error(`"${label}" is no menu but a ${control.kind}`);
    if (control.disabled) throw new Error(`"${label}" is disabled`);
    const values = valuesOf(control, typeof given === "string" ? [given] : given);
    const { id, type } = control.component;
    const resolved =
      type === COMPONENT.stringSelect ? null : resolvedOf(this.state.world, this.guildOf(channel), values);
    const data = { id, component_type: type, custom_id: control.customId, values, ...(resolved && { resolved }) };
    return this.begin(INTERACTION.component, null, channel, message, data);
  }

  /**
   * Fills the open modal in and submits it; values by label or custom id.
   * @throws Error when a required input is empty or out of its limits, which Discord itself does not send
   */
  async submits(modal: SeenModal, values: Readonly<Record<string, string | readonly string[]>> = {}): Promise<Outcome> {
    const { open } = this;
    if (open?.modal.interactionId !== modal.interactionId) throw new Error(`"${modal.title}" is not open (any more)`);
    const data = { custom_id: modal.customId, components: submitted(modal, values) };
    const { channel, source, metadata } = open.interaction;
    const outcome = await this.begin(INTERACTION.modal, null, channel, source, data, metadata);
    // It stays open when the app did not answer, for another try.
    if (outcome.acked) this.open = null;
    return outcome;
  }

  /** Closes the modal, of which the app hears nothing. */
  cancels(): void {
    this.open = null;
  }

  /** What stands in a channel, or in a thread with the message it begins with first; with what only this person sees. */
  sees(channel: Channel, thread: SeenMessage | null = null): SeenMessage[] {
    const place = thread ? this.placeOf({ channel, thread }) : channel;
    this.mustSee(place);
    const parent = place.thread && this.state.world.channels.get(place.thread.parentId);
    const root = parent && this.state.world.messageIn(parent, place.id);
    const inside = place.messages
      .filter((each) => !each.deleted && each.type !== 21 && (each.onlyFor === null || each.onlyFor === this.id))
      .map((each) => seenMessage(this.state, place, each));
    return parent && root ? [seenMessage(this.state, parent, root), ...inside] : inside;
  }

  private async begin(
    type: number,
    commandType: number | null,
    channel: Channel,
    source: Message | null,
    data: Json,
    before: Json | null = null,
  ): Promise<Outcome> {
    const metadata = metadataOf(type, channel, this.user, source, before);
    const make = (interaction: Interaction) => interactionPayload(this.state, interaction, data);
    const outcome = await this.state.interactions.begin(
      { type, commandType, user: this.user, channel, source },
      make,
      metadata,
    );
    if (outcome.answer === CALLBACK.modal && outcome.response) {
      const interaction = this.state.interactions.all.find((each) => each.id === outcome.interactionId);
      if (interaction) this.open = { interaction, modal: seenModal(interaction.id, outcome.response) };
    }
    return outcome;
  }

  /** The commands that this person is offered there. */
  private commandsIn(channel: Channel): Json[] {
    const { commands, world } = this.state;
    const guild = this.guildOf(channel);
    const all = [...(guild ? (commands.get(guild.id) ?? []) : []), ...(commands.get("global") ?? [])];
    return all.filter((each) => {
      const contexts = each.contexts as readonly number[] | null | undefined;
      if (contexts != null && !contexts.includes(guild ? 0 : 1)) return false;
      if (!guild || each.default_member_permissions === null) return true;
      const needed = BigInt(textOf(each.default_member_permissions));
      return (permissionsIn(world, this.id, channel) & needed) === needed;
    });
  }

  private mayUseCommandsIn(place: SaysOptions): Channel {
    const channel = this.placeOf(place);
    if (channel.guildId === null || may(this.state.world, this.id, channel, "USE_APPLICATION_COMMANDS")) return channel;
    throw new Error(`${this.name} may not use commands in #${channel.name}`);
  }

  private placeOf({ channel, thread }: SaysOptions): Channel {
    const id = thread ? (thread.threadId ?? thread.id) : channel.id;
    const place = this.state.world.channels.get(id);
    if (!place) throw new Error(thread ? "there is no such thread" : `there is no #${channel.name} (any more)`);
    this.mustSee(place);
    return place;
  }

  private find(seen: SeenMessage): readonly [Channel, Message] {
    const channel = this.state.world.channels.get(seen.channelId);
    const message = channel?.messages.find((each) => each.id === seen.id && !each.deleted);
    if (!channel || !message || (message.onlyFor !== null && message.onlyFor !== this.id)) {
      throw new Error(`${this.name} does not see that message (any more): ${seen.words}`);
    }
    this.mustSee(channel);
    return [channel, message];
  }

  private mentionsOf(channel: Channel, content: string): Message["mentions"] {
    const allowed = { everyone: true, users: null, roles: null, repliedUser: true };
    return mentionsIn(this.state.world, channel, this.id, mentionableText(content, []), allowed);
  }

  private guildOf(channel: Channel): Guild | null {
    return channel.guildId === null ? null : (this.state.world.guilds.get(channel.guildId) ?? null);
  }

  private mustSee(channel: Channel): void {
    if (may(this.state.world, this.id, channel, "VIEW_CHANNEL")) return;
    throw new Error(`${this.name} does not see #${channel.name}`);
  }
}

/** How an interaction names its command. */
const reference = ({ id, name, type, guild_id: guildId }: Json): Json => ({
  id,
  name,
  type,
  ...(guildId !== undefined && { guild_id: guildId }),
});
