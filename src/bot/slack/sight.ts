/** Which channel a name means, and who sees it: asked of Slack and remembered for half a minute. */
import type { CalledChannel, ChannelWork, Clock, FoundChannel, Sight } from "../../orchestrator/index.ts";
import { assertNever } from "../../orchestrator/index.ts";
import { createRemembered } from "../chat/remembered.ts";
import { inTime } from "../chat/waiting.ts";
import type { Log } from "./deps.ts";
import type { Directory } from "./directory.ts";
import { channelOutcomeOf, wordsFor } from "./failures.ts";
import type { Identity } from "./normalize.ts";
import { channelIdOf, nameIn } from "./places.ts";
import type { Web } from "./web.ts";

export interface SightDeps {
  readonly web: Web;
  readonly directory: Pick<Directory, "standing">;
  readonly identity: () => Identity | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SlackSight extends Required<Pick<ChannelWork, "sight" | "channelCalled">> {
  channelNamed(name: string, workspaceId: string): Promise<FoundChannel>;
}

/** What a channel is; `hidden` when Claw does not see it. */
type About =
  | { readonly kind: "public" | "private"; readonly name: string }
  /** Between Claw and one person. */
  | { readonly kind: "direct"; readonly user: string }
  | { readonly kind: "hidden" }
  | Extract<Sight, { kind: "cannot_tell" }>;

const REMEMBERED_MS = 30_000;
const SIGHT_LIMIT_MS = 2_900;
const CALLED_LIMIT_MS = 4_900;
const PAGE = 999;
/** So many pages of people, or of channels, are looked through. */
const PAGES = 20;

const AWAY = "Slack does not say at present.";
const NOT_NOW: Sight & { kind: "cannot_tell" } = { kind: "cannot_tell", why: AWAY, passes: true };
const UNSEEN: Sight = { kind: "hidden" };

export function createSight(deps: SightDeps): SlackSight {
  const { client, call } = deps.web;
  const channels = createRemembered<About>(deps.clock, REMEMBERED_MS);
  const members = createRemembered<ReadonlySet<string>>(deps.clock, REMEMBERED_MS);
  const own = createRemembered<ReadonlyMap<string, string>>(deps.clock, REMEMBERED_MS);

  /** Undefined: to be asked again. */
  async function look(channel: string): Promise<About | undefined> {
    const found = await call(client.conversations.info({ channel }));
    if (!found.ok) {
      const { failure } = found;
      if (failure.kind === "refused" && failure.error === "channel_not_found") return { kind: "hidden" };
      const outcome = channelOutcomeOf(failure);
      deps.log.warn({ ...failure, channel }, "Slack did not say what a channel is");
      return outcome.kind === "refused"
        ? { kind: "cannot_tell", why: outcome.failure.message, passes: false }
        : undefined;
    }
    const { is_im, is_mpim, is_private, is_group, name } = found.value.channel ?? {};
    // Slack's types leave out with whom a conversation is.
    const { user } = (found.value.channel ?? {}) as { readonly user?: string };
    if (is_im) return user === undefined ? { kind: "hidden" } : { kind: "direct", user };
    // What does not say that it is public is not.
    const isPublic = is_private === false && !is_mpim && !is_group;
    return { kind: isPublic ? "public" : "private", name: name ?? channel };
  }

  /** Everybody in a channel; null when Slack does not say, or there are too many to look through. */
  async function everybodyIn(channel: string): Promise<ReadonlySet<string> | null> {
    return members.of(channel, async () => {
      const all = new Set<string>();
      let cursor = "";
      for (let page = 0; page < PAGES; page++) {
        const read = await call(client.conversations.members({ channel, limit: PAGE, ...(cursor ? { cursor } : {}) }));
        if (!read.ok) {
          deps.log.warn({ ...read.failure, channel }, "Slack did not say who is in a channel");
          return undefined;
        }
        for (const user of read.value.members ?? []) all.add(user);
        cursor = read.value.response_metadata?.next_cursor ?? "";
        if (cursor === "") return all;
      }
      return undefined;
    });
  }

  async function sightOf(user: string, channel: string, identity: Identity): Promise<Sight> {
    // The conversation with somebody is named by them until it is opened.
    if (/^[UW]/.test(channel)) return channel === user ? { kind: "sees" } : UNSEEN;
    const [about, standing] = await Promise.all([
      channels.of(channel, () => look(channel)),
      deps.directory.standing(user, identity),
    ]);
    if (about === null || standing === null) return NOT_NOW;
    if (standing === "gone") return UNSEEN;
    switch (about.kind) {
      case "cannot_tell":
      case "hidden":
        return about;
      case "direct":
        return about.user === user ? { kind: "sees" } : UNSEEN;
      case "public":
        if (standing === "full") return { kind: "sees" };
        break;
      case "private":
        break;
      default:
        return assertNever(about, "channel");
    }
    const everybody = await everybodyIn(channel);
    if (everybody === null) return NOT_NOW;
    return everybody.has(user) ? { kind: "sees" } : UNSEEN;
  }

  /** Channels that Claw is in, by name; null when Slack does not say. */
  const ownChannels = (): Promise<ReadonlyMap<string, string> | null> =>
    own.of("all", async () => {
      const all = new Map<string, string>();
      let cursor = "";
      for (let page = 0; page < PAGES; page++) {
        const read = await call(
          client.users.conversations({
            types: "public_channel,private_channel",
            limit: PAGE,
            ...(cursor ? { cursor } : {}),
          }),
        );
        if (!read.ok) {
          deps.log.warn({ ...read.failure }, "Slack did not say which channels Claw is in");
          return undefined;
        }
        for (const { id, name } of read.value.channels ?? []) if (id && name) all.set(name, id);
        cursor = read.value.response_metadata?.next_cursor ?? "";
        if (cursor === "") return all;
      }
      return all;
    });

  async function called(text: string, identity: Identity, workspaceId: string): Promise<CalledChannel> {
    const name = text.replace(/^#/, "");
    const id = nameIn(workspaceId, name) ?? (/^[CGDUW][A-Z0-9]{5,}$/.test(name) ? name : null);
    if (id === null) {
      const all = await ownChannels();
      if (all === null) return { kind: "unavailable", why: `Slack does not say at present which channels there are.` };
      const found = all.get(name.toLowerCase());
      return found === undefined
        ? { kind: "none" }
        : { kind: "channel", channelId: channelIdOf(identity.team, found), name: `#${name.toLowerCase()}` };
    }
    const channelId = channelIdOf(identity.team, id);
    if (/^[UW]/.test(id)) return { kind: "channel", channelId, name: null };
    const about = await channels.of(id, () => look(id));
    if (about === null) return { kind: "unavailable", why: AWAY };
    switch (about.kind) {
      case "hidden":
        return { kind: "none" };
      case "cannot_tell":
        return { kind: "unclear", why: about.why };
      case "direct":
        return { kind: "channel", channelId, name: null };
      case "public":
      case "private":
        return { kind: "channel", channelId, name: `#${about.name}` };
      default:
        return assertNever(about, "channel");
    }
  }

  const channelCalled: SlackSight["channelCalled"] = async (text, workspaceId) => {
    const identity = deps.identity();
    const away = { kind: "unavailable", why: "Slack has not said yet who Claw is." } as const;
    if (!identity || workspaceId !== `slack:${identity.team}`) return away;
    return inTime(CALLED_LIMIT_MS, called(text, identity, workspaceId), { kind: "unavailable", why: AWAY } as const);
  };

  return {
    async sight(memberId, channelId, workspaceId) {
      const identity = deps.identity();
      const [user, channel] = [nameIn(workspaceId, memberId), nameIn(workspaceId, channelId)];
      if (user === null || channel === null) return UNSEEN;
      if (!identity || workspaceId !== `slack:${identity.team}`) return NOT_NOW;
      return inTime(SIGHT_LIMIT_MS, sightOf(user, channel, identity), NOT_NOW);
    },
    channelCalled,
    async channelNamed(name, workspaceId) {
      const found = await inTime(SIGHT_LIMIT_MS, channelCalled(name, workspaceId), null);
      if (found === null || found.kind === "unavailable") return { unclear: wordsFor("service_unavailable") };
      return found.kind === "channel" ? found.channelId : found.kind === "unclear" ? { unclear: found.why } : null;
    },
  };
}
