/** A real Claw in a process of its own, in a Discord with people. */
import { type ClawProcess, QUICK_YAML, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import {
  type Channel,
  type FakeDiscord,
  type Person,
  type SeenMessage,
  startFakeDiscord,
} from "../support/discord/fake-discord.ts";

export interface DiscordCase {
  readonly discord: FakeDiscord;
  readonly database: TestDatabase;
  readonly eng: Channel;
  /** `sam` and `vic` are members, `lin` of the approvers, `ada` manages the server. */
  readonly people: Readonly<Record<"sam" | "vic" | "lin" | "ada", Person>>;
  claw: ClawProcess;
  start(): Promise<void>;
  /** What a person sees, once it is there: in the channel and its threads, and in the conversation with Claw. */
  sees(person: Person, words: RegExp, channel?: Channel): Promise<SeenMessage>;
  close(): Promise<void>;
}

export async function discordCase(env: Readonly<Record<string, string>> = {}): Promise<DiscordCase> {
  const discord = await startFakeDiscord();
  const database = await testDatabase();
  const { guild } = discord;
  const people = {
    sam: guild.person("sam"),
    vic: guild.person("vic"),
    lin: guild.person("lin", { roles: [guild.role("leads")] }),
    ada: guild.person("ada", { roles: [guild.role("managers", { permissions: ["MANAGE_GUILD"] })] }),
  };
  const eng = guild.channel("eng");
  const c: DiscordCase = {
    discord,
    database,
    eng,
    people,
    claw: null as never,
    async start() {
      const options = c.claw ? { folder: c.claw.folder } : {};
      c.claw = await startClawProcess({
        ...options,
        databaseUrl: database.url,
        env: { DISCORD_BOT_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl, ...env },
        yaml: `${QUICK_YAML}discord: { roles: { approver: ["@leads"] } }\n`,
      });
      await discord.connected();
      await discord.until("the commands", () => discord.commands().length > 0);
    },
    sees(person, words, channel = eng) {
      return discord.until(
        `${person.name} to see ${words}; ${person.name} sees ${everything(discord, person, channel)
          .map((seen) => seen.words.slice(0, 60))
          .join(" | ")}`,
        () => everything(discord, person, channel).findLast((message) => words.test(message.words)),
      );
    },
    async close() {
      await c.claw.kill();
      await discord.close();
      await database.close();
      await removeFolder(c.claw.folder);
      if (discord.complaints.length > 0) throw new Error(`Discord complains: ${discord.complaints.join("; ")}`);
    },
  };
  await c.start();
  return c;
}

function everything(discord: FakeDiscord, person: Person, channel: Channel): SeenMessage[] {
  const roots = person.sees(channel);
  const inThreads = roots.flatMap((root) => (discord.guild.threadOf(root) ? person.sees(channel, root).slice(1) : []));
  return [...person.sees(person.dm), ...roots, ...inThreads];
}
