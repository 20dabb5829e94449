/** What a person sees: words as Discord draws them, buttons by their labels. */
import { isObject, type Json, objectsOf, textOf } from "../slack/json.ts";
import { COMPONENT, componentsIn, isSelect } from "./components.ts";
import { type State, viewOf } from "./state.ts";
import { messageOnWire } from "./wire.ts";
import { type Attachment, type Channel, FLAGS, type Message, type World } from "./world.ts";

export interface SeenControl {
  /** A button's label, a menu's placeholder, an input's label. */
  readonly label: string;
  readonly kind: "button" | "link" | "select" | "text";
  readonly customId: string;
  readonly disabled: boolean;
  /** Of a button: 1 primary, 2 secondary, 3 success, 4 danger, 5 link. */
  readonly style: number | null;
  readonly component: Json;
}

export interface SeenMessage {
  readonly channelId: string;
  readonly id: string;
  /** The thread it stands in; null of what stands in a channel or a DM. */
  readonly threadId: string | null;
  /** Name of who wrote it. */
  readonly author: string;
  /** Content, embeds and components as words, in reading order. */
  readonly words: string;
  readonly controls: readonly SeenControl[];
  /** Labels of the buttons that can be pressed. */
  readonly buttons: readonly string[];
  /** Only this person sees it. */
  readonly ephemeral: boolean;
  /** "Claw is thinking…" */
  readonly loading: boolean;
  readonly edited: boolean;
  /** Those that show. */
  readonly files: readonly { readonly name: string; readonly content: string }[];
  /** Messages in the thread that begins with it. */
  readonly replies: number;
  /** Whom it made a sound for: ids of people and roles, `everyone`. */
  readonly pings: readonly string[];
  readonly reactions: readonly string[];
  /** As the API tells it. */
  readonly raw: Json;
}

export interface SeenModal {
  readonly interactionId: string;
  readonly customId: string;
  readonly title: string;
  readonly words: string;
  readonly controls: readonly SeenControl[];
  readonly raw: Json;
}

export function seenMessage(state: State, channel: Channel, message: Message): SeenMessage {
  const { world } = state;
  const controls = controlsOf(message.components);
  const thread = world.channels.get(message.id)?.thread ? world.channels.get(message.id) : undefined;
  return {
    channelId: channel.id,
    id: message.id,
    threadId: channel.thread ? channel.id : null,
    author: world.users.get(message.authorId)?.username ?? "",
    words: wordsOf(world, message),
    controls,
    buttons: controls.filter((each) => each.kind === "button" && !each.disabled).map((each) => each.label),
    ephemeral: message.onlyFor !== null,
    loading: (message.flags & FLAGS.loading) !== 0,
    edited: message.editedAt !== null,
    files: shownFiles(message).map(({ filename, content }) => ({ name: filename, content: content.toString("utf8") })),
    replies: thread?.messages.filter((each) => !each.deleted && each.type !== 21).length ?? 0,
    pings: message.pings,
    reactions: [...message.reactions.keys()],
    raw: messageOnWire(viewOf(state, true), message),
  };
}

/** https://discord.com/developers/docs/components/reference: under V2 an attachment shows only where a component shows it. */
function shownFiles({ attachments, components, flags }: Message): readonly Attachment[] {
  if ((flags & FLAGS.componentsV2) === 0) return attachments;
  const shown = JSON.stringify(components);
  return attachments.filter((each) => shown.includes(`"attachment_id":"${each.id}"`));
}

export function seenModal(interactionId: string, data: Json): SeenModal {
  const components = objectsOf(data.components);
  return {
    interactionId,
    customId: textOf(data.custom_id),
    title: textOf(data.title),
    words: componentWords(components).join("\n"),
    controls: controlsOf(components),
    raw: data,
  };
}

/** Buttons, menus and inputs; an input is called by the label around it. */
export function controlsOf(components: readonly Json[]): SeenControl[] {
  const labels = new Map<unknown, string>();
  return componentsIn(components).flatMap(({ component }): SeenControl[] => {
    if (component.type === COMPONENT.label) labels.set(component.component, textOf(component.label));
    const kind = kindOf(component);
    if (kind === null) return [];
    return [
      {
        label: labels.get(component) ?? (textOf(component.label) || textOf(component.placeholder)),
        kind,
        customId: textOf(component.custom_id),
        disabled: component.disabled === true,
        style: kind === "button" || kind === "link" ? Number(component.style) : null,
        component,
      },
    ];
  });
}

function kindOf(component: Json): SeenControl["kind"] | null {
  if (component.type === COMPONENT.button) return component.style === 5 ? "link" : "button";
  if (component.type === COMPONENT.textInput) return "text";
  return isSelect(component) ? "select" : null;
}

/** The control of this label or custom id. @throws Error that lists what is there */
export function controlNamed(controls: readonly SeenControl[], name: string, where: string): SeenControl {
  const fitting = controls.filter((each) => each.label === name);
  if (fitting.length > 1) throw new Error(`${fitting.length} controls are called "${name}" on: ${where}`);
  const found = fitting[0] ?? controls.find((each) => each.customId === name);
  if (found) return found;
  const there = controls.map((each) => `"${each.label}"`).join(", ") || "none at all";
  throw new Error(`no control "${name}" (there are ${there}) on: ${where}`);
}

function wordsOf(world: World, message: Message): string {
  const embeds = message.embeds.flatMap((embed) => [
    textOf(isObject(embed.author) ? embed.author.name : ""),
    textOf(embed.title),
    drawn(world, textOf(embed.description)),
    ...objectsOf(embed.fields).map((each) => `${drawn(world, textOf(each.name))}\n${drawn(world, textOf(each.value))}`),
    textOf(isObject(embed.footer) ? embed.footer.text : ""),
  ]);
  return [
    drawn(world, message.content),
    ...embeds,
    ...componentWords(message.components).map((each) => drawn(world, each)),
  ]
    .filter((each) => each !== "")
    .join("\n");
}

function componentWords(components: readonly Json[]): string[] {
  return componentsIn(components)
    .flatMap(({ component }) => {
      if (component.type === COMPONENT.text) return [textOf(component.content)];
      if (component.type === COMPONENT.label) return [textOf(component.label), textOf(component.description)];
      if (component.type === COMPONENT.gallery)
        return objectsOf(component.items).map((each) => textOf(each.description));
      return [];
    })
    .filter((each) => each !== "");
}

/** Markdown with its mentions and times read, and without its escapes. */
export function drawn(world: World, text: string): string {
  return text
    .replaceAll(/<@!?(\d+)>/g, (whole, id: string) => `@${world.users.get(id)?.username ?? whole}`)
    .replaceAll(/<#(\d+)>/g, (whole, id: string) => `#${world.channels.get(id)?.name ?? whole}`)
    .replaceAll(/<@&(\d+)>/g, (whole, id: string) => `@${roleName(world, id) ?? whole}`)
    .replaceAll(/<t:(\d+)(?::\w)?>/g, (_, seconds: string) => new Date(Number(seconds) * 1000).toISOString())
    .replaceAll(/\\([\\*_~`|>#\-[\]()<@:.!+])/g, "$1");
}

const roleName = (world: World, id: string): string | undefined =>
  [...world.guilds.values()].map((each) => each.roles.get(id)?.name).find((each) => each !== undefined);
