/** A real Claw in a process of its own, as an operator starts it, and people at its console over real HTTP. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageRoot } from "../../src/package-root.ts";
import { type SeenMessage, Visitor } from "../bot/console/visitor.ts";
import { makeDataFolder } from "./data-folder.ts";
import { PATIENCE_MS } from "./patience.ts";

export const CONSOLE_TOKEN = "a-token-for-tests-only";

export interface ClawOptions {
  /** Left out: the embedded server, in the process's own folder. */
  readonly databaseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** claw.config.yaml. */
  readonly yaml?: string;
  /** Reuse of a folder, for a second start on the same data. */
  readonly folder?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Told at once, for tests that kill it before it is ready. */
  readonly onSpawn?: (child: ChildProcess) => void;
}

export interface ClawProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The console, without a key; null when this process has none. */
  readonly url: string | null;
  readonly folder: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Milliseconds from spawn to the line that says ready. */
  readonly readyMs: number;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

/** Retries come soon and leases are short, so that a test does not wait for what only waits. */
export const QUICK_YAML = `
egress: { allow: ["127.0.0.1"] }
runs: { lease: "2s" }
policies: { retryDelays: ["200ms", "400ms", "800ms"] }
`;

/** Starts `claw start` and waits until it says that it is ready. @throws with its output when it ends before */
export async function startClawProcess(options: ClawOptions = {}): Promise<ClawProcess> {
  const folder = options.folder ?? (await makeDataFolder("claw-e2e-"));
  await writeFile(join(folder, "claw.config.yaml"), options.yaml ?? QUICK_YAML);
  const began = performance.now();
  const child = spawn(process.execPath, [join(packageRoot(), "bin", "claw.js"), "start"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      CLAW_CONSOLE_PORT: String(options.port ?? 0),
      CLAW_CONSOLE_TOKEN: CONSOLE_TOKEN,
      CLAW_TIMEZONE: "Europe/Paris",
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.onSpawn?.(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("exit", (code, signal) => resolve({ code, signal }));
  });
  const state = { gone: false };
  void exited.then(() => {
    state.gone = true;
  });
  while (!/^model /m.test(stdout)) {
    if (state.gone) throw new Error(`claw start ended before it was ready:\n${stdout}\n${stderr}`);
    await sleep(10);
  }
  const url = /(http:\/\/\S+?)\/\?key=/.exec(stdout)?.[1] ?? null;
  return {
    child,
    pid: child.pid ?? 0,
    url,
    folder,
    stdout: () => stdout,
    stderr: () => stderr,
    readyMs: performance.now() - began,
    exited,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.kill("SIGTERM");
      return (await exited).code;
    },
  };
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** A person at the console. */
export class Person {
  readonly visitor: Visitor;

  private constructor(visitor: Visitor) {
    this.visitor = visitor;
  }

  /** @param name of a demo person: `ada` (admin), `lin` (approver), `sam` (member), `vic` (viewer) */
  static async at(url: string, name: string): Promise<Person> {
    const visitor = new Visitor(url);
    await visitor.signIn(`${url}/?key=${CONSOLE_TOKEN}`);
    await visitor.actAs(`console:demo:${name}`);
    return new Person(visitor);
  }

  async say(text: string, channel = "general", thread: string | null = null): Promise<void> {
    const answer = await this.visitor.post("/api/messages", { key: randomUUID(), channel, thread, text });
    if (answer.status !== 200) throw new Error(`the console answered ${answer.status}: ${answer.text}`);
  }

  async press(message: SeenMessage, label: string, text: string | null = null): Promise<void> {
    const button = message.buttons.find((each) => each.label === label);
    if (!button)
      throw new Error(
        `no button "${label}" on: ${message.words} [${message.buttons.map((each) => each.label).join(", ")}]`,
      );
    const answer = await this.visitor.post("/api/actions", {
      key: randomUUID(),
      messageId: message.messageId,
      action: button.action,
      value: button.value,
      text,
    });
    if (answer.status !== 200) throw new Error(`the console answered ${answer.status}: ${answer.text}`);
  }

  see(channel = "general", thread: string | null = null): Promise<readonly SeenMessage[]> {
    return this.visitor.see(channel, thread);
  }

  /** Waits until a message with these words is on the page. */
  async waitFor(
    words: RegExp,
    channel = "general",
    thread: string | null = null,
    limitMs = PATIENCE_MS,
  ): Promise<SeenMessage> {
    const until = Date.now() + limitMs;
    while (Date.now() < until) {
      const found = (await this.see(channel, thread)).findLast((message) => words.test(message.words));
      if (found) return found;
      await sleep(50);
    }
    const seen = (await this.see(channel, thread)).map((message) => `- ${message.words}`).join("\n");
    throw new Error(`never saw ${words} in ${channel}${thread ? ` thread ${thread}` : ""}; saw:\n${seen}`);
  }

  /** `/claw …` in a channel, Create pressed: the id of the workflow's root message, which is its thread. */
  async create(line: string, channel = "general"): Promise<string> {
    await this.say(`/claw ${line}`, channel);
    const preview = await this.waitFor(/Create this workflow\?/, channel);
    await this.press(preview, "Create");
    const done = await this.waitFor(/Created [a-z0-9-]+/, channel);
    const name = /Created ([a-z0-9-]+)\./.exec(done.words)?.[1] ?? "";
    const root = await this.waitFor(new RegExp(`${name} .*come in this thread`), channel);
    return root.messageId;
  }
}
