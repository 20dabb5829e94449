/** What arrives from Discord: recorded, then acknowledged. */
import { assertNever, type InboundEvent, type Inbox } from "../../orchestrator/index.ts";
import { plainWithin } from "../chat/text.ts";
import { inTime } from "../chat/waiting.ts";
import type { Answers } from "./answers.ts";
import type { DiscordDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import { type Forms, OUT_OF_DATE } from "./forms.ts";
import type { DirectGuild, Guilds } from "./guilds.ts";
import { LIMITS } from "./limits.ts";
import { markdownOf } from "./markdown.ts";
import { readInteraction, userOf, type Where, whereOf } from "./normalize.ts";
import { INTERACTION, Interaction } from "./payloads.ts";
import { guildOf, messageIdOf } from "./places.ts";
import type { Responses } from "./responses.ts";
import { settledSaid } from "./said.ts";

export interface EntryDeps extends Pick<DiscordDeps, "clock" | "log" | "saidIn" | "choices"> {
  readonly inbox: () => Inbox;
  /** The bot's user id; null until Discord has said it. */
  readonly self: () => string | null;
  readonly directory: Directory;
  readonly guilds: Guilds;
  readonly answers: Answers;
  readonly responses: Responses;
  readonly forms: Forms;
}

export const NOT_RECORDED = "Not recorded, try again.";
const READ_MS = 1_000;

/** Answers one interaction; never throws for what is in it. */
export function createEntry(deps: EntryDeps): (given: unknown) => Promise<void> {
  const { responses } = deps;

  return async (given) => {
    const interaction = Interaction.safeParse(given).data;
    const self = deps.self();
    if (!interaction || self === null) {
      deps.log.warn({}, "an interaction of Discord is of a form that Claw does not know");
      return;
    }
    if (interaction.guild_id && interaction.member) deps.directory.noteMember(interaction.guild_id, interaction.member);
    const where = whereOf(interaction) ?? (await directWhere(interaction));
    if ("sentence" in where) {
      if (interaction.type === INTERACTION.autocomplete) await responses.offer(interaction, []);
      else await responses.say(interaction, markdownOf(where.sentence));
      return;
    }
    const incoming = readInteraction(interaction, where, self);
    switch (incoming.kind) {
      case "event":
        return record(
          interaction,
          incoming.event,
          incoming.from !== "command" && interaction.message ? "take" : "think",
        );
      case "ask":
        return deps.forms.ask(interaction, incoming);
      case "about":
        return deps.forms.about(interaction, incoming);
      case "arguments": {
        const checked = await deps.forms.readArguments(incoming);
        if (checked.kind === "refused") return void (await responses.say(interaction, checked.why));
        return record(interaction, incoming.eventOf(checked.text), interaction.message ? "take" : "think");
      }
      case "complete":
        return complete(interaction, incoming);
      case "nothing":
        return void (await responses.say(interaction, markdownOf(OUT_OF_DATE)));
      default:
        return assertNever(incoming, "incoming");
    }
  };

  async function record(interaction: Interaction, event: InboundEvent, how: "take" | "think"): Promise<void> {
    const acknowledged = deps.answers.acknowledging(interaction.token);
    let ended: Parameters<typeof acknowledged>[0] = "not";
    try {
      const guild = guildOf(event.workspaceId);
      const isKnown = guild !== null && (await deps.guilds.ensure(guild));
      const stored = isKnown ? await deps.inbox().receive(event) : "not_recorded";
      if (stored === "not_recorded") {
        await responses.say(interaction, markdownOf(NOT_RECORDED));
        return;
      }
      const answered = await responses[how](interaction);
      if (answered === "done") ended = how === "think" && stored === "stored" ? "thinking" : "silently";
      else
        deps.log.warn(
          { key: event.key },
          "Discord did not take an acknowledgement in time; the answer goes another way",
        );
    } finally {
      acknowledged(ended);
    }
  }

  /** In a conversation with one person nothing says which server it is about, but for the card that was pressed. */
  async function directWhere(interaction: Interaction): Promise<Where | { readonly sentence: string }> {
    const user = userOf(interaction);
    const { message, channel_id } = interaction;
    if (!user || !channel_id) return { sentence: OUT_OF_DATE };
    const channel = `@${user.id}`;
    if (message) {
      const said = await settledSaid(deps, messageIdOf(channel_id, message.id));
      const guild = said && said !== "unknown" ? guildOf(said.workspaceId) : null;
      if (guild) return { guild, channel, thread: null };
    }
    const found = await deps.guilds.ofPerson(user.id);
    return found.kind === "one" ? { guild: found.guild, channel, thread: null } : { sentence: whichGuild(found) };
  }

  async function complete(
    interaction: Interaction,
    asked: { guild: string; memberId: string; typed: string },
  ): Promise<void> {
    const offered = deps.choices(`discord:${asked.guild}`, asked.memberId, asked.typed).catch((error: unknown) => {
      deps.log.warn({ err: error }, "what could be offered could not be read");
      return [];
    });
    const choices = (await inTime(READ_MS, offered, []))
      .filter(({ line }) => line.trim() !== "" && line.length <= LIMITS.choiceValue)
      .map(({ line, hint }) => ({
        name: plainWithin(hint === "" ? line : `${line} · ${hint}`, LIMITS.choiceName),
        value: line,
      }));
    await responses.offer(interaction, choices.slice(0, LIMITS.choices));
  }
}

/** What to do where nothing says which server somebody means. */
export function whichGuild(found: Exclude<DirectGuild, { kind: "one" }>): string {
  switch (found.kind) {
    case "none":
      return "We share no server, so there is nothing here that I could do for you. Use /claw in a server that I am in.";
    case "several":
      return `We share several servers (${found.names.slice(0, 10).join(", ")}), and this is about one of them. Use /claw in a channel of that server.`;
    case "unknown":
      return "I cannot look up at the moment which server this is about. Use /claw in a channel of the server.";
    default:
      return assertNever(found, "direct guild");
  }
}
