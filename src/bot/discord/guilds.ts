/** The servers that Claw is in: each is a workspace, stored before anything of it is. */
import { inTime } from "../chat/waiting.ts";
import type { DiscordDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import { workspaceIdOf } from "./places.ts";

/** The server that a conversation with one person is about. */
export type DirectGuild =
  | { readonly kind: "one"; readonly guild: string }
  | { readonly kind: "none" }
  /** Names of the servers that they share with Claw. */
  | { readonly kind: "several"; readonly names: readonly string[] }
  /** Discord does not say at present. */
  | { readonly kind: "unknown" };

export interface Guilds {
  /** Discord named it; with its name when that is known. */
  add(guild: string, name?: string): void;
  remove(guild: string): void;
  /** @returns whether its workspace is stored; tried again the next time when it is not */
  ensure(guild: string): Promise<boolean>;
  ofPerson(user: string): Promise<DirectGuild>;
}

export interface GuildsDeps extends Pick<DiscordDeps, "ensureWorkspace" | "log"> {
  readonly directory: Directory;
}

/** An interaction has three seconds in all; milliseconds. */
const LIMIT_MS = 1_000;
/** In more servers than that Claw does not look for somebody. */
const MOST = 50;

export function createGuilds({ ensureWorkspace, log, directory }: GuildsDeps): Guilds {
  const names = new Map<string, string | null>();
  const stored = new Map<string, Promise<boolean>>();

  const store = async (guild: string): Promise<boolean> => {
    try {
      await ensureWorkspace({ id: workspaceIdOf(guild), team: guild, name: names.get(guild) ?? guild });
      return true;
    } catch (error) {
      log.warn({ err: error, guild }, "the workspace of a Discord server could not be stored");
      return false;
    }
  };

  return {
    add(guild, name) {
      names.set(guild, name ?? names.get(guild) ?? null);
    },
    remove: (guild) => void names.delete(guild),
    async ensure(guild) {
      const storing = stored.get(guild) ?? store(guild);
      stored.set(guild, storing);
      storing.then((done) => {
        if (!done && stored.get(guild) === storing) stored.delete(guild);
      });
      return inTime(LIMIT_MS, storing, false);
    },
    async ofPerson(user) {
      const asked = [...names.keys()].slice(0, MOST);
      const answers = await inTime(
        LIMIT_MS,
        Promise.all(asked.map(async (guild) => ({ guild, isMember: await directory.isMember(guild, user) }))),
        null,
      );
      if (answers === null) return { kind: "unknown" };
      const shared = answers.filter(({ isMember }) => isMember === true).map(({ guild }) => guild);
      const [only, ...others] = shared;
      if (only !== undefined && others.length === 0) return { kind: "one", guild: only };
      if (only !== undefined) return { kind: "several", names: shared.map((guild) => names.get(guild) ?? guild) };
      return { kind: answers.some(({ isMember }) => isMember === null) || asked.length === 0 ? "unknown" : "none" };
    },
  };
}
