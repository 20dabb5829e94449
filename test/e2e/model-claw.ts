/** A real Claw whose model is the real client talking to a scripted endpoint, two sites to read, and people. */

import type { SeenMessage } from "../bot/console/visitor.ts";
import { type ClawProcess, Person, removeFolder, startClawProcess } from "../support/claw-process.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { type HttpServer, httpServer } from "../support/http-server.ts";
import { type ModelServer, type ModelServerRequest, type Reply, startModelServer } from "../support/model-server.ts";
import { until } from "../support/patience.ts";

/** Every story has a channel to itself, so that what one sees is its own. */
const CHANNELS = Array.from({ length: 40 }, (_, at) => `room-${at}`);

export const MODEL = "scripted-1";

/** Short retries and leases; `more` is appended. */
export const modelYaml = (more = ""): string => `
egress: { allow: ["127.0.0.1", "127.0.0.2"] }
runs: { lease: "2s" }
policies: { retryDelays: ["200ms", "400ms", "800ms"] }
console: { channels: [${CHANNELS.join(", ")}] }
${more}`;

export interface RunRow {
  readonly id: string;
  readonly number: number;
  readonly status: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly verdict: { readonly kind: string; readonly text: string } | null;
}

/** One workflow's thread, its run and the people at it. */
export interface Story {
  readonly channel: string;
  readonly root: string;
  readonly owner: Person;
  /** Waits for a message in the thread. */
  see(words: RegExp, limitMs?: number): Promise<SeenMessage>;
  /** Everything in the thread, as words. */
  all(): Promise<string>;
  /** Types a line and waits for an answer with these words, which only its author sees. */
  ask(line: string, words: RegExp, as?: Person): Promise<SeenMessage>;
  press(message: SeenMessage, label: string, as?: Person, text?: string): Promise<void>;
  /** Its latest run. */
  run(): Promise<RunRow>;
  /** Waits until its latest run is in that state. */
  ends(status: string): Promise<RunRow>;
  /** What the endpoint was asked for it, in order. */
  requests(): readonly ModelServerRequest[];
}

export interface ModelClaw {
  readonly database: TestDatabase;
  readonly site: HttpServer;
  /** Another host. */
  readonly elsewhere: HttpServer;
  readonly model: ModelServer;
  claw: ClawProcess;
  at(name: string): Promise<Person>;
  /**
   * Answers requests about an instruction with this word, one after the other.
   * @param word stands in no other instruction
   */
  script(word: string, ...replies: readonly Reply[]): void;
  /** Creates `now <instruction>`, or with another `when`. */
  story(instruction: string, options?: { readonly when?: string; readonly as?: string }): Promise<Story>;
  restart(): Promise<void>;
  /** @param forgive what the model was not asked for is no fault */
  close(forgive?: boolean): Promise<void>;
}

export async function startModelClaw({
  yaml = modelYaml(),
  env = {} as Record<string, string>,
} = {}): Promise<ModelClaw> {
  const [database, site, elsewhere, model] = await Promise.all([
    testDatabase(),
    httpServer(),
    httpServer({ host: "127.0.0.2" }),
    startModelServer(),
  ]);
  const start = (folder?: string): Promise<ClawProcess> =>
    startClawProcess({
      databaseUrl: database.url,
      yaml,
      env: { OPENAI_BASE_URL: model.url, CLAW_MODEL: MODEL, ...env },
      ...(folder === undefined ? {} : { folder }),
    });
  const free = [...CHANNELS];
  const about = (word: string) => (request: ModelServerRequest) =>
    request.messages.some(({ role, content }) => role === "user" && (content ?? "").includes(word));

  const set: ModelClaw = {
    database,
    site,
    elsewhere,
    model,
    claw: await start(),
    at: (name) => Person.at(set.claw.url ?? "", name),
    script(word, ...replies) {
      const when = about(word);
      model.script(...replies.map((reply) => ({ when, reply })));
    },
    async story(instruction, { when = "now", as = "sam" } = {}) {
      const channel = free.shift();
      if (channel === undefined) throw new Error("no channel is left");
      const owner = await set.at(as);
      const root = await owner.create(`${when} ${instruction}`, channel);
      const run = async (): Promise<RunRow> => {
        const [row] = await database.sql<RunRow[]>`
          select r.id, r.number, r.status, r.failure, r.verdict from runs r join workflows w on w.id = r.workflow_id
          where w.channel_id = ${`console:demo:${channel}`} order by r.number desc limit 1`;
        if (!row) throw new Error("it has no run yet");
        return row;
      };
      const story: Story = {
        channel,
        root,
        owner,
        see: (words, limitMs) => owner.waitFor(words, channel, root, limitMs),
        all: async () => (await owner.see(channel, root)).map((message) => message.words).join("\n"),
        async ask(line, words, person = owner) {
          await person.say(`/claw ${line}`, channel);
          return person.waitFor(words, channel);
        },
        press: (message, label, person = owner, text) => person.press(message, label, text ?? null),
        run,
        async ends(status) {
          await until(
            async () => (await run()).status === status,
            async () => `the run is ${JSON.stringify(await run())}\n${set.claw.stderr().slice(-2_000)}`,
          );
          return run();
        },
        requests: () => model.requests.filter(about(instruction.slice(0, 40))),
      };
      return story;
    },
    async restart() {
      await set.claw.kill();
      set.claw = await start(set.claw.folder);
    },
    async close(forgive = false) {
      await set.claw.kill();
      await Promise.all([site.close(), elsewhere.close(), database.close(), removeFolder(set.claw.folder)]);
      await model.close({ forgive });
    },
  };
  return set;
}

/** The last thing a request told the model about its calls: the results of the newest turn, in order. */
export function resultsIn(request: ModelServerRequest | undefined): { ok: boolean; text: string }[] {
  const messages = request?.messages ?? [];
  const from = messages.findLastIndex(({ role }) => role === "assistant");
  return messages
    .slice(from + 1)
    .filter(({ role }) => role === "tool")
    .map(({ content }) => {
      const text = content ?? "";
      return { ok: (JSON.parse(text) as { ok?: boolean }).ok === true, text };
    });
}
