/** What a message may consist of. */
import { isObject, type Json, objectsOf, textOf } from "../slack/json.ts";
import { checkComponents, postedComponents } from "./components.ts";
import type { UploadedFile } from "./multipart.ts";
import { invalidField, Refusal } from "./refusal.ts";
import type { State } from "./state.ts";
import { attachmentOnWire } from "./wire.ts";
import { type Attachment, FLAGS, type Message } from "./world.ts";

/** https://discord.com/developers/docs/resources/message#create-message: 2000; the description says 4000, which only Nitro gets. */
const MAX_CONTENT = 2_000;
/** https://discord.com/developers/docs/reference#uploading-files: 10 MiB each without boosts. */
const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_EMBEDS = 6_000;

export interface Composed {
  readonly content: string;
  readonly embeds: Json[];
  readonly components: Json[];
  readonly attachments: Attachment[];
  readonly flags: number;
}

export interface Compose {
  readonly body: Json;
  readonly files: readonly UploadedFile[];
  readonly channelId: string;
  /** Flags that count here; the others are ignored. */
  readonly settable: number;
  /** What is changed by it; null of a new message. */
  readonly before: Message | null;
  readonly at?: readonly string[];
}

/**
 * What a message consists of after a request; what an edit does not name stays as it was.
 * @throws Refusal 50035, 50006 without anything in it, 40005 when too large
 */
export function composed(state: State, { body, files, channelId, settable, before, at = [] }: Compose): Composed {
  const given = typeof body.flags === "number" ? body.flags : 0;
  const ignored = given & ~settable & ~(before?.flags ?? 0);
  if (ignored !== 0) state.complaints.push(`message flags that are not for this request: ${ignored}`);
  // The flag stays for good once a message has it.
  const v2 = ((given | (before?.flags ?? 0)) & FLAGS.componentsV2) !== 0;
  const flags =
    (given & settable) | (before === null ? 0 : before.flags & ~FLAGS.suppressEmbeds) | (v2 ? FLAGS.componentsV2 : 0);
  if (v2) refuseLegacy(body, before, at);
  const content = body.content === undefined ? (before?.content ?? "") : textOf(body.content);
  if (content.length > MAX_CONTENT) {
    throw invalidField([...at, "content"], "BASE_TYPE_MAX_LENGTH", `Must be ${MAX_CONTENT} or fewer in length.`);
  }
  const embeds = body.embeds === undefined ? (before?.embeds ?? []) : embedsOf(body.embeds, at);
  const attachments = attachmentsOf(state, body, files, before);
  const names = attachments.map((each) => each.filename);
  let components = before?.components ?? [];
  if (body.components !== undefined) {
    checkComponents(body.components ?? [], v2, names, at);
    components = postedComponents(body.components, (url) => media(state, channelId, attachments, url));
  }
  const empty = content.trim() === "" && embeds.length + components.length + attachments.length === 0;
  if (empty && body.poll === undefined && objectsOf(body.sticker_ids).length === 0) throw new Refusal("emptyMessage");
  return { content, embeds, components, attachments, flags };
}

/** https://discord.com/developers/docs/components/reference#what-is-a-component: what V2 leaves no room for. */
function refuseLegacy(body: Json, before: Message | null, at: readonly string[]): void {
  const filled = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "";
  for (const key of ["content", "embeds", "poll", "sticker_ids"]) {
    // A message with content becomes one of V2 only when the same edit empties it.
    const left = body[key] === undefined && before !== null && filled(before[key as "content" | "embeds"]);
    if (!filled(body[key]) && !left) continue;
    const message = `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`;
    throw invalidField([...at, key], "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message);
  }
}

/** https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
function embedsOf(value: unknown, at: readonly string[]): Json[] {
  const embeds = objectsOf(value);
  const text = (part: unknown, key: string) => (isObject(part) ? textOf(part[key]).length : 0);
  const size = embeds.reduce((sum, embed) => {
    const fields = objectsOf(embed.fields).reduce((all, each) => all + text(each, "name") + text(each, "value"), 0);
    return (
      sum +
      text(embed, "title") +
      text(embed, "description") +
      text(embed.footer, "text") +
      text(embed.author, "name") +
      fields
    );
  }, 0);
  if (size > MAX_EMBEDS) {
    throw invalidField(
      [...at, "embeds"],
      "MAX_EMBED_SIZE_EXCEEDED",
      `Embed size exceeds maximum size of ${MAX_EMBEDS}`,
    );
  }
  return embeds.map((embed) => ({
    type: "rich",
    ...Object.fromEntries(Object.entries(embed).filter(([, each]) => each !== null)),
    ...(Array.isArray(embed.fields) && {
      fields: objectsOf(embed.fields).map((field) => ({ ...field, inline: field.inline === true })),
    }),
  }));
}

function attachmentsOf(state: State, body: Json, files: readonly UploadedFile[], before: Message | null): Attachment[] {
  for (const file of files) if (file.content.length > MAX_FILE_BYTES) throw new Refusal("tooLarge");
  if (files.length > 10) throw invalidField(["attachments"], "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.");
  const named = body.attachments === undefined ? null : objectsOf(body.attachments);
  const kept = (before?.attachments ?? []).filter(({ id }) => named?.some((each) => String(each.id) === id) ?? true);
  const added = files.map((file): Attachment => {
    const about = named?.find((each) => String(each.id) === String(file.index));
    return {
      id: state.ids.next(),
      filename: textOf(about?.filename) || file.filename,
      description: textOf(about?.description) || null,
      contentType: file.contentType,
      content: file.content,
    };
  });
  return [...kept, ...added];
}

function media(state: State, channelId: string, attachments: readonly Attachment[], url: string): Json {
  const name = /^attachment:\/\/(.+)$/.exec(url)?.[1];
  const file = attachments.find((each) => each.filename === name);
  if (!file) return { id: state.ids.next(), url, proxy_url: url };
  const wire = attachmentOnWire(state.url(), channelId, file, false);
  return {
    id: state.ids.next(),
    url: wire.url,
    proxy_url: wire.proxy_url,
    width: null,
    height: null,
    content_type: file.contentType,
    attachment_id: file.id,
  };
}
