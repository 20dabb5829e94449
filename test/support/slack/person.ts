/** A person at Slack's window: what they type, press and fill in, and what they see. */
import { openModals } from "./api/views.ts";
import type { Delivery } from "./deliveries.ts";
import { messageChanged, messageDeleted, messagePosted, tell } from "./events.ts";
import { pressed, refuseIncomplete } from "./forms.ts";
import { type Json, objectsOf, textOf } from "./json.ts";
import { messageOnWire } from "./message.ts";
import { applyCommandAnswer, applySubmission, type Outcome, outcomeOf } from "./outcome.ts";
import {
  closedPayload,
  commandPayload,
  globalShortcutPayload,
  messageActionPayload,
  messageShortcutPayload,
  type Scene,
  submissionPayload,
  viewActionPayload,
} from "./payloads.ts";
import {
  chosenIn,
  controlNamed,
  controlsOf,
  type SeenControl,
  type SeenMessage,
  type SeenView,
  seenMessage,
  seenView,
} from "./seen.ts";
import type { State } from "./state.ts";
import { encoded, escaped, richTextOf } from "./typed.ts";
import type { ViewState } from "./view-state.ts";
import type { Channel, Message, StoredView, User, Workspace } from "./world.ts";

export interface SaysOptions {
  readonly channel: Channel;
  /** The root, or any message of the thread; the channel itself when left out. */
  readonly thread?: SeenMessage | string;
  /** "Also send to #channel". */
  readonly broadcast?: boolean;
}

/** Values by label, action id or block id. */
export type Filled = Readonly<Record<string, string | readonly string[] | null>>;

export class Person {
  /** What was chosen in a message's menus, by message. */
  private readonly chosen = new Map<string, ViewState>();
  private readonly errors = new Map<string, Readonly<Record<string, string>>>();

  constructor(
    private readonly state: State,
    private readonly workspace: Workspace,
    readonly user: User,
  ) {}

  get id(): string {
    return this.user.id;
  }

  get name(): string {
    return this.user.name;
  }

  /** The direct conversation with the app. */
  get dm(): Channel {
    return this.workspace.directWith(this.id);
  }

  private get scene(): Scene {
    return { state: this.state, workspace: this.workspace, user: this.user };
  }

  /**
   * Types a slash command into a channel; resolves when Slack has heard from the app or given up.
   * @throws Error when Slack itself would not take it: no such command, or in a thread
   */
  async types(line: string, { channel, thread }: SaysOptions): Promise<Outcome> {
    this.mustBeIn(channel);
    const [, command = "", text = ""] = /^(\/\S+)\s*([\s\S]*)$/.exec(line) ?? [];
    const known = this.state.app.commands.find((each) => each.command === command);
    if (!known || this.user.teamId !== this.workspace.id) throw new Error(`${command || line} is not a valid command`);
    if (thread !== undefined) throw new Error(`${command} is not supported in threads. Sorry!`);
    if (channel.archived) throw new Error("You cannot post in an archived channel");
    const sent = known.shouldEscape ? encoded(this.workspace, text) : escaped(text);
    const payload = commandPayload(this.scene, channel, command, sent.trim());
    const delivery = await this.state.deliveries.deliver("command", this.workspace.id, payload);
    const urlId = textOf(payload.response_url).split("/").at(-1) ?? "";
    return applyCommandAnswer(this.state, urlId, outcomeOf(delivery, command));
  }

  /** Writes a message; names behind `@` and `#` become tokens, as when Slack completes them. */
  says(text: string, { channel, thread, broadcast = false }: SaysOptions): SeenMessage {
    this.mustBeIn(channel);
    if (channel.archived) throw new Error("You cannot post in an archived channel");
    const sent = encoded(this.workspace, text);
    const root = typeof thread === "string" ? thread : (thread?.threadTs ?? thread?.ts ?? null);
    if (root !== null && !this.workspace.messageAt(channel, root)) throw new Error("there is no such thread");
    const message = this.workspace.addMessage(channel, {
      user: this.id,
      text: sent,
      blocks: [richTextOf(sent, this.state.ids.opaque(5))],
      threadTs: root,
      subtype: root !== null && broadcast ? "thread_broadcast" : null,
      clientMsgId: this.state.ids.opaque(32),
    });
    messagePosted(this.state, this.workspace, channel, message);
    return seenMessage(this.state, this.workspace, channel, message);
  }

  /** Changes an own message. */
  edits(seen: SeenMessage, text: string): SeenMessage {
    const [channel, message] = this.find(seen);
    if (message.user !== this.id) throw new Error(`${this.name} cannot edit another's message`);
    const before = messageOnWire(this.workspace, channel, message, { metadata: true, appId: this.state.appId });
    message.text = encoded(this.workspace, text);
    message.blocks = [richTextOf(message.text, this.state.ids.opaque(5))];
    message.edited = { user: this.id, ts: `${Math.floor(this.state.now() / 1000)}.000000` };
    messageChanged(this.state, this.workspace, channel, message, before);
    return seenMessage(this.state, this.workspace, channel, message);
  }

  /** Deletes an own message; an admin any. */
  deletes(seen: SeenMessage): void {
    const [channel, message] = this.find(seen);
    if (message.user !== this.id && !this.user.isAdmin) throw new Error(`${this.name} cannot delete that message`);
    const before = messageOnWire(this.workspace, channel, message, { metadata: true, appId: this.state.appId });
    message.deleted = true;
    if (message.onlyFor === null) messageDeleted(this.state, this.workspace, channel, message, before);
  }

  /**
   * Presses a button by its label (or action id), as it stands now.
   * @param stale presses what stood there when it was seen, as one does who is a moment too late
   * @throws Error when there is no such button
   */
  async presses(label: string, where: SeenMessage | SeenView, { stale = false } = {}): Promise<Outcome> {
    if ("ts" in where) return this.pressesInMessage(label, where, stale);
    const view = this.view(where);
    const control = controlNamed(stale ? where.controls : this.controlsOf(view), label, where.words);
    return this.act(viewActionPayload(this.scene, view, pressed(control)));
  }

  /** Chooses in a menu of a message or a view, which tells the app at once. */
  async chooses(label: string, given: string | readonly string[], where: SeenMessage | SeenView): Promise<Outcome> {
    if ("ts" in where) {
      const [channel, message] = this.find(where);
      const control = controlNamed(controlsOf(message.blocks ?? []), label, where.words);
      const value = chosenIn(control, given);
      const chosen = this.chosen.get(message.ts) ?? {};
      chosen[control.blockId] = { ...chosen[control.blockId], [control.actionId]: value };
      this.chosen.set(message.ts, chosen);
      return this.act(messageActionPayload(this.scene, channel, message, { ...pressed(control), ...value }, chosen));
    }
    const view = this.view(where);
    const control = controlNamed(this.controlsOf(view), label, where.words);
    const value = chosenIn(control, given);
    view.state[control.blockId] = { ...view.state[control.blockId], [control.actionId]: value };
    return this.act(viewActionPayload(this.scene, view, { ...pressed(control), ...value }));
  }

  /** Uses a shortcut by its name: on a message, or from the menu when none is given. */
  async uses(shortcut: string, about?: SeenMessage): Promise<Outcome> {
    const type = about === undefined ? "global" : "message";
    const known = this.state.app.shortcuts.find((each) => each.name === shortcut && each.type === type);
    if (!known) throw new Error(`there is no ${type} shortcut "${shortcut}"`);
    if (about === undefined) return this.act(globalShortcutPayload(this.scene, known.callbackId));
    const [channel, message] = this.find(about);
    if (message.onlyFor !== null) throw new Error("there are no shortcuts on a message that only one person sees");
    return this.act(messageShortcutPayload(this.scene, channel, message, known.callbackId));
  }

  /** Fills inputs in without telling the app; what is not named stays as it is. */
  fills(where: SeenView, values: Filled): void {
    const view = this.view(where);
    const controls = this.controlsOf(view);
    for (const [name, given] of Object.entries(values)) {
      const control = controlNamed(controls, name, where.words);
      view.state[control.blockId] = { ...view.state[control.blockId], [control.actionId]: chosenIn(control, given) };
    }
  }

  /**
   * Submits the modal on top. Slack itself keeps it open when a required input is empty or out of its limits.
   * @throws Error when it has no submit button or Slack would not send it
   */
  async submits(where: SeenView, values: Filled = {}): Promise<Outcome> {
    const view = this.view(where);
    if (view.view.submit === undefined) throw new Error(`nothing to submit on: ${where.title}`);
    this.fills(where, values);
    refuseIncomplete(view);
    this.errors.delete(view.id);
    const payload = submissionPayload(this.scene, view);
    const delivery = await this.state.deliveries.deliver("interaction", this.workspace.id, payload);
    const done = applySubmission(this.state, this.workspace, view, outcomeOf(delivery, "The submission"));
    this.errors.set(view.id, done.errors);
    return done.outcome;
  }

  /** Closes the modal on top, or with `all` the whole stack. The app hears of it where the view asked to. */
  async closes(where: SeenView, { all = false } = {}): Promise<Outcome | null> {
    const view = this.view(where);
    const cleared = all || view.view.clear_on_close === true;
    const closing = cleared ? openModals(this.workspace, this.id) : [view];
    for (const each of closing) each.closed = true;
    this.state.changes.emit("change");
    if (view.view.notify_on_close !== true) return null;
    return this.act(closedPayload(this.scene, view, cleared));
  }

  /** Opens the app's Home tab, or its messages. */
  opensHome(tab: "home" | "messages" = "home"): void {
    if (tab === "home" && !this.state.app.homeTab) throw new Error("the app has no Home tab");
    const home = this.workspace.homes.get(this.id);
    tell(this.state, this.workspace, "app_home_opened", {
      type: "app_home_opened",
      user: this.id,
      channel: this.dm.id,
      tab,
      ...(home && tab === "home" && { view: seenView(this.state, this.workspace, home).raw }),
    });
  }

  /** Puts an emoji to a message; the app hears of it in channels that it is in. */
  reacts(emoji: string, seen: SeenMessage): void {
    const [channel, message] = this.find(seen);
    this.mustBeIn(channel);
    message.reactions.set(emoji, [...(message.reactions.get(emoji) ?? []), this.id]);
    const item = { type: "message", channel: channel.id, ts: message.ts };
    const event = { type: "reaction_added", user: this.id, reaction: emoji, item, item_user: message.user };
    if (channel.members.has(this.workspace.botUserId))
      tell(this.state, this.workspace, "reaction_added", event, channel);
  }

  /** What stands in a channel, or in a thread with its root first, oldest first; with what only this person sees. */
  sees(channel: Channel, thread: SeenMessage | string | null = null): SeenMessage[] {
    this.mustBeIn(channel);
    const root = typeof thread === "string" ? thread : (thread?.threadTs ?? thread?.ts ?? null);
    return channel.messages
      .filter((each) => !each.deleted && (each.onlyFor === null || each.onlyFor === this.id))
      .filter((each) =>
        root === null
          ? each.threadTs === null || each.subtype === "thread_broadcast"
          : each.ts === root || each.threadTs === root,
      )
      .map((each) => seenMessage(this.state, this.workspace, channel, each));
  }

  /** The modal on top; null when none is open. */
  get modal(): SeenView | null {
    const top = openModals(this.workspace, this.id).at(-1);
    return top ? seenView(this.state, this.workspace, top, this.errors.get(top.id) ?? {}) : null;
  }

  /** What the app has published on the Home tab; null when nothing. */
  get home(): SeenView | null {
    const home = this.workspace.homes.get(this.id);
    return home ? seenView(this.state, this.workspace, home) : null;
  }

  private async pressesInMessage(label: string, seen: SeenMessage, stale: boolean): Promise<Outcome> {
    const [channel, message] = this.find(seen);
    const now = seenMessage(this.state, this.workspace, channel, message);
    const control = controlNamed(stale ? seen.controls : now.controls, label, now.words);
    if (control.type !== "button") throw new Error(`"${label}" is no button but a ${control.type}`);
    const chosen = this.chosen.get(message.ts) ?? {};
    return this.act(messageActionPayload(this.scene, channel, message, pressed(control), chosen));
  }

  private async act(payload: Json): Promise<Outcome> {
    if (!this.state.app.interactivity) throw new Error("This app is not configured to handle interactive responses");
    const delivery: Delivery = await this.state.deliveries.deliver("interaction", this.workspace.id, payload);
    const outcome = outcomeOf(delivery, "The action");
    if (outcome.acked && outcome.response !== null) {
      this.state.complaints.push(`a ${textOf(payload.type)} was acknowledged with a body, which Slack ignores`);
    }
    return outcome;
  }

  private find(seen: SeenMessage): readonly [Channel, Message] {
    const channel = this.workspace.channels.get(seen.channelId);
    const message = channel?.messages.find((each) => each.ts === seen.ts && !each.deleted);
    if (!channel || !message || (message.onlyFor !== null && message.onlyFor !== this.id)) {
      throw new Error(`${this.name} does not see that message (any more): ${seen.words}`);
    }
    this.mustBeIn(channel);
    return [channel, message];
  }

  private view(seen: SeenView): StoredView {
    const view = this.workspace.views.get(seen.id);
    if (!view || view.closed || view.user !== this.id) throw new Error(`"${seen.title}" is not open (any more)`);
    return view;
  }

  private controlsOf(view: StoredView): SeenControl[] {
    return controlsOf(objectsOf(view.view.blocks));
  }

  private mustBeIn(channel: Channel): void {
    if (channel.members.has(this.id)) return;
    throw new Error(`${this.name} is not in #${channel.name}`);
  }
}
