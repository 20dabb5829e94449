/** Claw's processes: one that talks to people and two that work, killed, stopped and frozen, and started again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClawProcess, removeFolder, startClawProcess } from "../../support/claw-process.ts";
import { freePort } from "../../support/ports.ts";

export const MEMBERS = ["bot", "worker-1", "worker-2"] as const;
export type Member = (typeof MEMBERS)[number];

export interface Fleet {
  /** The console's address; the same over restarts. */
  readonly url: string;
  kill(member: Member): Promise<void>;
  /** SIGTERM, and a start once it is gone. */
  restart(member: Member): Promise<void>;
  /** SIGSTOP for that many milliseconds; resolves when it goes on. */
  freeze(member: Member, ms: number): Promise<void>;
  /** Sets its wall clock so many milliseconds off the right time; it stays so over restarts. */
  setClock(member: Member, offMs: number): Promise<void>;
  /** What processes said that ended though nobody had ended them. */
  readonly fallen: readonly string[];
  /** What those said that gave up while they started; whoever supervises them starts them again. */
  readonly gaveUp: readonly string[];
  /** Starts what is not running. */
  mend(): Promise<void>;
  stop(): Promise<void>;
}

const SHIFTED_CLOCK = new URL("../../support/shifted-clock.mjs", import.meta.url).href;

export async function startFleet(databaseUrl: string, yaml: string): Promise<Fleet> {
  const port = await freePort();
  const running = new Map<Member, ClawProcess>();
  const folders = new Map<Member, string>();
  const state = { stopping: false };
  const fallen: string[] = [];
  const gaveUp: string[] = [];
  /** Those that are ended on purpose. */
  const ended = new Set<ClawProcess>();
  const clocks = await mkdtemp(join(tmpdir(), "claw-clocks-"));
  const clockOf = (member: Member) => join(clocks, member);

  async function start(member: Member): Promise<void> {
    if (state.stopping || running.has(member)) return;
    const folder = folders.get(member);
    try {
      const claw = await startClawProcess({
        databaseUrl,
        yaml,
        port: member === "bot" ? port : 0,
        env: {
          CLAW_ROLES: member === "bot" ? "bot,console" : "worker",
          LOG_LEVEL: "warn",
          NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`,
          SHIFTED_CLOCK_FILE: clockOf(member),
        },
        ...(folder ? { folder } : {}),
      });
      folders.set(member, claw.folder);
      running.set(member, claw);
      void claw.exited.then(({ code, signal }) => {
        if (running.get(member) === claw) running.delete(member);
        if (!ended.has(claw)) fallen.push(`${member} (${code ?? signal}): ${claw.stderr().slice(-2_000)}`);
      });
    } catch (error) {
      if (state.stopping) return;
      gaveUp.push(`${member}: ${String(error)}`);
    }
  }

  await Promise.all(MEMBERS.map(start));
  if (gaveUp.length > 0) throw new Error(gaveUp.join("\n"));
  return {
    url: `http://127.0.0.1:${port}`,
    fallen,
    gaveUp,
    async kill(member) {
      const claw = running.get(member);
      if (!claw) return;
      ended.add(claw);
      await claw.kill();
      running.delete(member);
    },
    async restart(member) {
      const claw = running.get(member);
      if (claw) ended.add(claw);
      await claw?.stop();
      running.delete(member);
      await start(member);
    },
    async freeze(member, ms) {
      const child = running.get(member)?.child;
      child?.kill("SIGSTOP");
      await sleep(ms);
      child?.kill("SIGCONT");
    },
    setClock: (member, offMs) => writeFile(clockOf(member), String(offMs)),
    async mend() {
      await Promise.all(MEMBERS.map(start));
    },
    async stop() {
      state.stopping = true;
      for (const claw of running.values()) ended.add(claw);
      await Promise.all([...running.values()].map((claw) => claw.kill()));
      await Promise.all([...folders.values()].map(removeFolder));
      await rm(clocks, { recursive: true, force: true });
    },
  };
}
