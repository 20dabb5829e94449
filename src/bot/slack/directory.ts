/** Who people are and which channels take messages, asked of Slack and remembered for a few minutes. */
import type { Clock, Introduction, Role } from "../../orchestrator/index.ts";
import { createRemembered } from "../chat/remembered.ts";
import { inTime } from "../chat/waiting.ts";
import type { Log, RoleGroups } from "./deps.ts";
import { wordsFor } from "./failures.ts";
import type { Identity } from "./normalize.ts";
import { SlackUser } from "./payloads.ts";
import { isDirect, nameIn } from "./places.ts";
import type { Called, Web } from "./web.ts";

export interface Directory {
  introduce(memberId: string, workspaceId: string): Promise<Introduction | null>;
  whyNotPost(channelId: string, workspaceId: string): Promise<string | null>;
  /** `full`: sees every public channel; `guest`: only what they are in; null when Slack does not say at present. */
  standing(user: string, identity: Identity): Promise<"full" | "guest" | "gone" | null>;
  /** Something changed: the next question is asked anew. */
  forget(): void;
}

export interface DirectoryDeps {
  readonly web: Web;
  readonly roles: RoleGroups;
  /** The policy names user groups, so it matters who is in which. */
  readonly knowsGroups?: boolean;
  readonly identity: () => Identity | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** By user: the role that a group gives them, and their groups by id and by `@handle`. */
interface Grouped {
  readonly roles: ReadonlyMap<string, Role>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

const LIMIT_MS = 2_000;
const ORDER = ["admin", "approver", "member", "viewer"] as const satisfies readonly Role[];

export function createDirectory(deps: DirectoryDeps): Directory {
  const people = createRemembered<SlackUser | "unknown">(deps.clock);
  const channels = createRemembered<string | null>(deps.clock);
  const known = createRemembered<Grouped>(deps.clock);

  /** What groups make of each person; null when Slack does not tell. */
  async function grouped(): Promise<Grouped | null> {
    if (Object.keys(deps.roles).length === 0 && !deps.knowsGroups) return { roles: new Map(), groups: new Map() };
    return known.of("all", async () => {
      const list = await deps.web.call(deps.web.client.usergroups.list({ include_users: true }));
      if (!list.ok) return unanswered(list, "user groups");
      const all = list.value.usergroups ?? [];
      const roles = new Map<string, Role>();
      for (const role of ORDER) {
        for (const wanted of deps.roles[role] ?? []) {
          const group = all.find(({ id, handle }) => id === wanted || `@${handle}` === wanted);
          if (!group) deps.log.warn({ group: wanted, role }, "no such user group in Slack; nobody has a role by it");
          for (const user of group?.users ?? []) if (!roles.has(user)) roles.set(user, role);
        }
      }
      const groups = new Map<string, string[]>();
      for (const { id, handle, users = [] } of all) {
        for (const user of users) {
          const of = groups.get(user) ?? [];
          of.push(...(id ? [id] : []), ...(handle ? [`@${handle}`] : []));
          groups.set(user, of);
        }
      }
      return { roles, groups };
    });
  }

  const unanswered = (called: Extract<Called<unknown>, { ok: false }>, what: string): undefined => {
    deps.log.warn({ ...called.failure, what }, "Slack did not say");
    return undefined;
  };

  async function person(user: string): Promise<SlackUser | "unknown" | null> {
    return people.of(user, async () => {
      const found = await deps.web.call(deps.web.client.users.info({ user }));
      if (found.ok) return SlackUser.safeParse(found.value.user).data ?? "unknown";
      const { failure } = found;
      if (failure.kind === "refused" && /^user_not_(found|visible)$/.test(failure.error)) return "unknown";
      return unanswered(found, "a person");
    });
  }

  async function introduce(user: string, identity: Identity): Promise<Introduction | null> {
    const [found, byGroups] = await Promise.all([person(user), grouped()]);
    if (found === null || byGroups === null) return null;
    if (found === "unknown" || found.deleted) {
      return { name: nameOf(found, user), timezone: null, role: "viewer", standing: "gone" };
    }
    const isOutside = found.is_stranger === true || (found.team_id !== undefined && found.team_id !== identity.team);
    const byTeam: Role = found.is_admin || found.is_owner ? "admin" : found.is_restricted ? "viewer" : "member";
    const byGroup = byGroups.roles.get(user);
    const role = ORDER.find((one) => one === byGroup || one === byTeam) ?? "viewer";
    return {
      ...(found.is_bot ? { isBot: true as const } : {}),
      name: nameOf(found, user),
      timezone: found.tz ?? null,
      role: isOutside ? "viewer" : role,
      groups: isOutside ? [] : (byGroups.groups.get(user) ?? []),
      standing: isOutside ? "outsider" : "member",
    };
  }

  async function whyNot(channel: string): Promise<string | null> {
    const why = await channels.of(channel, async () => {
      const found = await deps.web.call(deps.web.client.conversations.info({ channel }));
      if (!found.ok) {
        const { failure } = found;
        // What Slack does not say now, the post itself will.
        return failure.kind === "refused" ? wordsFor(failure.error, failure.details) : undefined;
      }
      const { is_archived, is_member } = found.value.channel ?? {};
      if (is_archived) return wordsFor("is_archived");
      return is_member ? null : wordsFor("not_in_channel");
    });
    return why;
  }

  return {
    async introduce(memberId, workspaceId) {
      const identity = deps.identity();
      const user = nameIn(workspaceId, memberId);
      if (!identity || user === null) return null;
      return inTime(LIMIT_MS, introduce(user, identity), null);
    },
    async whyNotPost(channelId, workspaceId) {
      const channel = nameIn(workspaceId, channelId);
      if (channel === null) return "Slack: there is no such channel in this workspace.";
      if (isDirect(channel)) return null;
      return inTime(LIMIT_MS, whyNot(channel), null);
    },
    async standing(user, identity) {
      const found = await person(user);
      if (found === null) return null;
      if (found === "unknown" || found.deleted) return "gone";
      const isOutside = found.is_stranger === true || (found.team_id !== undefined && found.team_id !== identity.team);
      return isOutside || found.is_restricted ? "guest" : "full";
    },
    forget() {
      people.forgetAll("");
      channels.forgetAll("");
      known.forgetAll("");
    },
  };
}

const nameOf = (user: SlackUser | "unknown", id: string): string => {
  if (user === "unknown") return id;
  const { profile, real_name, name } = user;
  return [profile?.display_name, profile?.real_name, real_name, name].find((one) => one) ?? id;
};
