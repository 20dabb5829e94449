/** Claw's processes: one that talks to people and two that work, killed, stopped and frozen, and started again. */

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
  /** SIGSTOP for that many milliseconds. */
  freeze(member: Member, ms: number): void;
  /** Starts what is not running. */
  mend(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFleet(databaseUrl: string, yaml: string): Promise<Fleet> {
  const port = await freePort();
  const running = new Map<Member, ClawProcess>();
  const folders = new Map<Member, string>();
  const state = { stopping: false };

  async function start(member: Member): Promise<void> {
    if (state.stopping || running.has(member)) return;
    const folder = folders.get(member);
    try {
      const claw = await startClawProcess({
        databaseUrl,
        yaml,
        port: member === "bot" ? port : 0,
        env: { CLAW_ROLES: member === "bot" ? "bot,console" : "worker", LOG_LEVEL: "warn" },
        ...(folder ? { folder } : {}),
      });
      folders.set(member, claw.folder);
      running.set(member, claw);
      void claw.exited.then(() => {
        if (running.get(member) === claw) running.delete(member);
      });
    } catch {
      // The database may be away just now; the next mending starts it.
    }
  }

  await Promise.all(MEMBERS.map(start));
  return {
    url: `http://127.0.0.1:${port}`,
    async kill(member) {
      await running.get(member)?.kill();
      running.delete(member);
    },
    async restart(member) {
      await running.get(member)?.stop();
      running.delete(member);
      await start(member);
    },
    freeze(member, ms) {
      const child = running.get(member)?.child;
      child?.kill("SIGSTOP");
      setTimeout(() => child?.kill("SIGCONT"), ms);
    },
    async mend() {
      await Promise.all(MEMBERS.map(start));
    },
    async stop() {
      state.stopping = true;
      await Promise.all([...running.values()].map((claw) => claw.kill()));
      await Promise.all([...folders.values()].map(removeFolder));
    },
  };
}
