/** Answers to interactions: the callback, and what follows it under the interaction's token. */
import { isObject, type Json, objectsOf } from "../../slack/json.ts";
import { checkComponents, componentsIn } from "../components.ts";
import { schemaOf } from "../description.ts";
import { CALLBACK, INTERACTION, type Interaction } from "../interactions.ts";
import { arrived, deleteMessage, editByApp, postByApp, refuseLocked } from "../posting.ts";
import { invalidField, invalidForm, Refusal } from "../refusal.ts";
import { viewOf } from "../state.ts";
import { messageOnWire } from "../wire.ts";
import { FLAGS, type Message } from "../world.ts";
import type { ApiRequest, Route } from "./route.ts";
import { objectOf } from "./route.ts";

const TOKEN = "/webhooks/{webhook_id}/{webhook_token}";
const FOLLOWUP = `${TOKEN}/messages/{message_id}`;
const SETTABLE = FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.componentsV2 | FLAGS.ephemeral;
const EDITABLE = FLAGS.suppressEmbeds | FLAGS.componentsV2;
const MESSAGE = schemaOf("MessageResponse");

export const INTERACTION_ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: "/interactions/{interaction_id}/{interaction_token}/callback",
    open: true,
    answer: schemaOf("InteractionCallbackResponse"),
    handle: callback,
  },
  { method: "POST", path: TOKEN, open: true, answer: MESSAGE, handle: followUp },
  {
    method: "GET",
    path: FOLLOWUP,
    open: true,
    answer: MESSAGE,
    handle: (request) => onWire(request, target(request)[1]),
  },
  {
    method: "PATCH",
    path: FOLLOWUP,
    open: true,
    answer: MESSAGE,
    handle: (request) => {
      const [{ channel }, message] = target(request);
      const body = request.body("IncomingWebhookUpdateRequestPartial");
      editByApp(request.state, channel, message, { body, files: request.files, settable: EDITABLE });
      return onWire(request, message);
    },
  },
  {
    method: "DELETE",
    path: FOLLOWUP,
    open: true,
    answer: null,
    handle: (request) => {
      const [{ channel }, message] = target(request);
      deleteMessage(request.state, channel, message);
    },
  },
];

const onWire = ({ state }: ApiRequest, message: Message): Json => messageOnWire(viewOf(state, true), message);

/** Under which name the description has the body of each callback. */
const SCHEMAS: Readonly<Record<number, string>> = {
  [CALLBACK.message]: "CreateMessageInteractionCallbackRequest",
  [CALLBACK.deferred]: "CreateMessageInteractionCallbackRequest",
  [CALLBACK.deferredUpdate]: "UpdateMessageInteractionCallbackRequest",
  [CALLBACK.update]: "UpdateMessageInteractionCallbackRequest",
  [CALLBACK.choices]: "ApplicationCommandAutocompleteCallbackRequest",
  [CALLBACK.modal]: "ModalInteractionCallbackRequest",
};

function callback(request: ApiRequest): Json | null {
  const { state, params } = request;
  const interaction = state.interactions.toAcknowledge(request.id("interaction_id"), params.interaction_token ?? "");
  if (!state.world.channels.has(interaction.channel.id)) throw new Refusal("unknownChannel");
  const type = objectOf(request.json).type as number;
  const schema = SCHEMAS[type];
  if (schema === undefined || !fits(interaction, type)) {
    throw invalidField(
      ["type"],
      "INTERACTION_RESPONSE_TYPE_INVALID",
      `This interaction cannot be answered with type ${type}.`,
    );
  }
  const body = request.body(schema);
  const data = isObject(body.data) ? body.data : {};
  const message = carryOut(request, interaction, type, data);
  interaction.answer = type;
  interaction.original = message;
  interaction.settle(type, data);
  if (request.query.get("with_response") !== "true") return null;
  const shown = message && type !== CALLBACK.modal && type !== CALLBACK.choices;
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      channel_id: interaction.channel.id,
      ...(interaction.channel.guildId !== null && { guild_id: interaction.channel.guildId }),
      ...(shown && {
        response_message_id: message.id,
        response_message_loading: (message.flags & FLAGS.loading) !== 0,
        response_message_ephemeral: message.onlyFor !== null,
      }),
    },
    ...(shown && {
      resource: {
        type: type === CALLBACK.update || type === CALLBACK.deferredUpdate ? CALLBACK.update : CALLBACK.message,
        message: onWire(request, message),
      },
    }),
  };
}

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object */
function fits({ type, source }: Interaction, callbackType: number): boolean {
  switch (callbackType) {
    case CALLBACK.choices:
      return type === INTERACTION.autocomplete;
    case CALLBACK.modal:
      return type === INTERACTION.command || type === INTERACTION.component;
    case CALLBACK.update:
    case CALLBACK.deferredUpdate:
      return source !== null && (type === INTERACTION.component || type === INTERACTION.modal);
    default:
      return type !== INTERACTION.autocomplete;
  }
}

/** @returns what `@original` will be */
function carryOut(request: ApiRequest, interaction: Interaction, type: number, data: Json): Message | null {
  const { state, files } = request;
  const { channel, source } = interaction;
  switch (type) {
    case CALLBACK.message:
      return answer(request, interaction, data, ["data"]);
    case CALLBACK.deferred: {
      refuseLocked(state, channel);
      const flags = (typeof data.flags === "number" ? data.flags : 0) & (FLAGS.ephemeral | FLAGS.suppressNotifications);
      const ephemeral = (flags & FLAGS.ephemeral) !== 0;
      const parts = { ...answerParts(interaction), onlyFor: ephemeral ? interaction.user.id : null };
      const message = state.world.addMessage(channel, {
        ...parts,
        authorId: state.app.botId,
        flags: flags | FLAGS.loading,
      });
      arrived(state, channel, message);
      return message;
    }
    case CALLBACK.update:
      if (source?.deleted) throw new Refusal("unknownMessage");
      if (source) editByApp(state, channel, source, { body: data, files, settable: EDITABLE, at: ["data"] });
      return source;
    case CALLBACK.deferredUpdate:
      return source;
    case CALLBACK.choices:
      checkChoices(data);
      return null;
    default:
      checkModal(data);
      return null;
  }
}

function answer(request: ApiRequest, interaction: Interaction, data: Json, at: readonly string[]): Message {
  // https://github.com/discord/discord-api-docs/issues/6884
  refuseLocked(request.state, interaction.channel);
  const flags = typeof data.flags === "number" ? data.flags : 0;
  const onlyFor = (flags & FLAGS.ephemeral) === 0 ? null : interaction.user.id;
  const parts = { ...answerParts(interaction), onlyFor };
  return postByApp(request.state, interaction.channel, {
    body: data,
    files: request.files,
    settable: SETTABLE,
    parts,
    at,
  });
}

const answerParts = ({ type, commandType, source, metadata, channel }: Interaction): Partial<Message> => ({
  type: type === INTERACTION.command ? (commandType === 1 ? 20 : 23) : source ? 19 : 20,
  interaction: metadata,
  ...(source && { reference: { type: 0, channelId: channel.id, messageId: source.id } }),
});

function checkChoices(data: Json): void {
  const errors = objectsOf(data.choices).flatMap(({ value, name }, index) => {
    const bad = (typeof value === "string" && value.length > 100) || String(name).length > 100;
    const path = ["data", "choices", index, String(name).length > 100 ? "name" : "value"];
    return bad ? [{ path, code: "BASE_TYPE_MAX_LENGTH", message: "Must be 100 or fewer in length." }] : [];
  });
  if (errors.length > 0) throw invalidForm(errors);
}

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-modal: 1 to 5. */
function checkModal(data: Json): void {
  const components = objectsOf(data.components);
  if (components.length > 5) {
    throw invalidField(["data", "components"], "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.");
  }
  const inner = componentsIn(components, ["data", "components"]);
  const rows = components.filter((each) => each.type === 1);
  for (const row of rows) {
    const [input] = objectsOf(row.components);
    if (typeof input?.label === "string") continue;
    throw invalidField(["data", "components"], "BASE_TYPE_REQUIRED", "A text input in a row needs a label");
  }
  for (const { component, path } of inner) {
    const min = Number(component.min_length ?? 0);
    const max = Number(component.max_length ?? 4000);
    const value = typeof component.value === "string" ? component.value : "";
    if (component.type !== 4) continue;
    if (value.length > max)
      throw invalidField([...path, "value"], "BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`);
    if (min > max)
      throw invalidField([...path, "min_length"], "TEXT_INPUT_MIN_GREATER_THAN_MAX", "min_length exceeds max_length");
  }
  checkComponents(data.components, true, [], ["data"]);
}

function mine(request: ApiRequest): Interaction {
  if (request.params.webhook_id !== request.state.app.id) throw new Refusal("unknownWebhook");
  return request.state.interactions.byToken(request.params.webhook_token ?? "");
}

function followUp(request: ApiRequest): Json {
  const { state, files } = request;
  const interaction = mine(request);
  if (!state.world.channels.has(interaction.channel.id)) throw new Refusal("unknownChannel");
  const body = request.body("IncomingWebhookRequestPartial");
  const { original } = interaction;
  // The first one takes the place of a deferred answer, and is seen by whom that one is seen.
  if (interaction.answer === CALLBACK.deferred && original && (original.flags & FLAGS.loading) !== 0) {
    editByApp(state, interaction.channel, original, { body, files, settable: EDITABLE });
    return onWire(request, original);
  }
  return onWire(request, answer(request, interaction, body, []));
}

/** @throws Refusal 10008 */
function target(request: ApiRequest): readonly [Interaction, Message] {
  const interaction = mine(request);
  const { message_id: id } = request.params;
  const { channel, original } = interaction;
  const found =
    id === "@original"
      ? original
      : channel.messages.find((each) => each.id === id && each.interaction?.id === interaction.id);
  if (!found || found.deleted || !request.state.world.channels.has(channel.id)) throw new Refusal("unknownMessage");
  return [interaction, found];
}
