/** Forms that people open: they change nothing by themselves, so nothing of them is recorded. */
import type { CallToChange } from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import { inTime } from "../chat/waiting.ts";
import type { DiscordDeps, Said } from "./deps.ts";
import { type Markdown, markdownOf, writeCode } from "./markdown.ts";
import type { Incoming } from "./normalize.ts";
import type { Interaction } from "./payloads.ts";
import { workspaceIdOf } from "./places.ts";
import type { Responses } from "./responses.ts";
import { settledSaid } from "./said.ts";
import { argumentErrors, argumentsModal, readArguments } from "./views-arguments.ts";
import { aboutModal, askModal } from "./views-ask.ts";

type Of<K extends Incoming["kind"]> = Extract<Incoming, { kind: K }>;

export interface Forms {
  /** The form of a button that asks for text. */
  ask(interaction: Interaction, asked: Of<"ask">): Promise<void>;
  /** What to do about a message. */
  about(interaction: Interaction, asked: Of<"about">): Promise<void>;
  /** What a form with arguments says, checked by the tool's schema. Stores nothing. */
  readArguments(submitted: Of<"arguments">): Promise<CheckedArguments>;
}

export type CheckedArguments =
  | { readonly kind: "arguments"; readonly text: string }
  /** Why not, in words for the person; Discord closes the form in any case. */
  | { readonly kind: "refused"; readonly why: Markdown };

export interface FormsDeps extends Pick<DiscordDeps, "log" | "noticeCard" | "saidIn" | "callToChange"> {
  readonly responses: Responses;
}

/** The one button whose form is made of a tool's schema. */
const CHANGE = "approval.change";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NOT_WAITING = "This call does not wait for a yes any more; its card says why. Nothing was changed.";
export const OUT_OF_DATE = "This card is no longer up to date. /claw request:status shows what waits.";
const TOO_LONG = "This is too long to be changed in Discord. Type it anew: /claw request:";
const TOO_LONG_CALL =
  "These arguments are too long to be changed in Discord. Deny the call and say what to do instead.";
/** Discord waits for 3 s, of which recording may take half; milliseconds. */
const READ_MS = 1_000;
const NOT_OPENED = "The form did not open; press again.";
/** What people typed is given back to them, as far as a message holds it. */
const MAX_TYPED = 1_200;

export function createForms(deps: FormsDeps): Forms {
  const say = async (interaction: Interaction, sentence: string): Promise<void> => {
    await deps.responses.say(interaction, markdownOf(sentence));
  };

  async function read<T>(what: Promise<T>): Promise<T | "unknown"> {
    const reading = what.catch((error: unknown) => {
      deps.log.warn({ err: error }, "what a form is about could not be read");
      return "unknown" as const;
    });
    return inTime(READ_MS, reading, "unknown" as const);
  }

  const callFor = async (guild: string, approvalId: string): Promise<CallToChange | "unknown" | null> =>
    UUID.test(approvalId) ? read(deps.callToChange(workspaceIdOf(guild), approvalId)) : null;

  const cardOf = (said: Said | null, guild: string): Card | null =>
    said === null || said.workspaceId !== workspaceIdOf(guild) ? null : deps.noticeCard(said.notice);

  return {
    async ask(interaction, { action, value, messageId, guild }) {
      const said = await settledSaid(deps, messageId);
      if (said === "unknown") return say(interaction, NOT_OPENED);
      const card = cardOf(said, guild);
      const buttons = card ? [...card.buttons, ...card.rows.flatMap((row) => row.buttons)] : [];
      const pressed = buttons.find((button) => button.action === action && button.value === value);
      if (!card || !pressed?.input) return say(interaction, OUT_OF_DATE);
      if (action !== CHANGE) {
        const modal = askModal(pressed, card);
        return modal ? void (await deps.responses.open(interaction, modal)) : say(interaction, TOO_LONG);
      }
      const asked = await callFor(guild, value);
      if (asked === "unknown") return say(interaction, NOT_OPENED);
      if (!asked) return say(interaction, OUT_OF_DATE);
      const modal = argumentsModal(value, card, asked.schema, asked.given);
      if (!modal) return say(interaction, TOO_LONG_CALL);
      await deps.responses.open(interaction, modal);
    },

    async about(interaction, { quote }) {
      await deps.responses.open(interaction, aboutModal(quote));
    },

    async readArguments({ approvalId, entered, guild }) {
      const asked = await callFor(guild, approvalId);
      if (asked === "unknown") return { kind: "refused", why: markdownOf("Not recorded, try again.") };
      if (!asked) return { kind: "refused", why: markdownOf(NOT_WAITING) };
      const { schema, given } = asked;
      const found = readArguments(schema, given, entered);
      const errors = found.kind === "errors" ? found.errors : argumentErrors(schema, given, asked.faults(found.value));
      if (found.kind === "arguments" && errors.length === 0) {
        return { kind: "arguments", text: JSON.stringify(found.value) };
      }
      return { kind: "refused", why: refusal(errors, entered) };
    },
  };
}

function refusal(errors: readonly string[], entered: ReadonlyMap<string, string>): Markdown {
  const typed = [...entered.values()].filter((value) => value.trim() !== "").join("\n");
  const why = errors
    .map((error) => markdownOf(`• ${error}`))
    .join("\n")
    .slice(0, 500);
  const back = typed === "" || typed.length > MAX_TYPED ? "" : `\nThis is what you typed:\n${writeCode(typed)}`;
  return `The tool would not take that; nothing was approved. Press the button again and change it:\n${why}${back}` as Markdown;
}
