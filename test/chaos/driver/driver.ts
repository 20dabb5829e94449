/** Breaks things at random while people use Claw, lets it settle, and judges. The same seed makes the same choices. */
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import type { Database } from "../../../src/orchestrator/db/client.ts";
import { startPgProxy } from "../../support/pg-proxy.ts";
import { MEMBERS, startFleet } from "./fleet.ts";
import { people } from "./people.ts";
import { dice } from "./random.ts";
import { isSettled, judge, type Outcome } from "./verdict.ts";
import { startWorld, WORLD_FAULTS } from "./world.ts";

export interface ChaosOptions {
  readonly seed: number;
  /** How long things are broken; settling comes on top. Milliseconds. */
  readonly durationMs: number;
  readonly database: { readonly db: Database; readonly sql: postgres.Sql; readonly url: string };
  readonly say: (line: string) => void;
}

export interface ChaosOutcome extends Outcome {
  /** How often each fault was injected. */
  readonly faults: Readonly<Record<string, number>>;
}

const YAML = `
egress: { allow: ["127.0.0.1"] }
runs: { lease: "2s", concurrency: 8 }
policies: { retryDelays: ["300ms", "600ms", "1s", "2s", "3s", "5s"] }
`;
/** Between two asks, two looks of the people, and two faults; milliseconds. */
const ASK_EVERY_MS = 900;
const LOOK_EVERY_MS = 700;
const FAULTS_APART_MS = [800, 2_500] as const;
const SETTLE_LIMIT_MS = 180_000;

export async function chaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { database, say } = options;
  const die = dice(options.seed);
  const target = new URL(database.url);
  const proxy = await startPgProxy({ target: { host: target.hostname, port: Number(target.port) } });
  const world = await startWorld(dice(options.seed + 1));
  const fleet = await startFleet(proxy.through(database.url), YAML);
  const crowd = people(fleet.url, world, dice(options.seed + 2));
  const faults: Record<string, number> = {};

  const kinds: Readonly<Record<string, () => Promise<void> | void>> = {
    "kill -9": () => fleet.kill(die.pick(MEMBERS)),
    "rolling restart": () => fleet.restart(die.pick(MEMBERS)),
    "freeze 5 s": () => fleet.freeze(die.pick(MEMBERS), 5_000),
    "database connections cut": () => proxy.cut(),
    "database silent 2 s": async () => {
      proxy.pause();
      await sleep(2_000);
      proxy.resume();
    },
    "database refuses 2 s": async () => {
      await proxy.refuse();
      proxy.cut();
      await sleep(2_000);
      await proxy.accept();
    },
    "world misbehaves": async () => {
      world.misbehave(die.pick(WORLD_FAULTS));
      await sleep(die.between(500, 3_000));
      world.misbehave("none");
    },
  };

  const state = { breaking: true, living: true };
  const every = async (ms: number, going: () => boolean, act: () => Promise<void>) => {
    while (going()) {
      await act();
      await sleep(ms);
    }
  };
  const breaking = (async () => {
    while (state.breaking) {
      const kind = die.pick(Object.keys(kinds));
      faults[kind] = (faults[kind] ?? 0) + 1;
      say(kind);
      await kinds[kind]?.();
      await sleep(die.between(...FAULTS_APART_MS));
      await fleet.mend();
    }
  })();
  const asking = every(ASK_EVERY_MS, () => state.breaking, crowd.ask);
  const deciding = every(LOOK_EVERY_MS, () => state.living, crowd.decide);
  try {
    await sleep(options.durationMs);
    state.breaking = false;
    await Promise.all([breaking, asking]);
    await fleet.mend();
    const until = Date.now() + SETTLE_LIMIT_MS;
    while (!(await isSettled(database.sql)) && Date.now() < until) await sleep(500);
    return { ...(await judge(database, crowd.asked, world.effects, crowd.wondered())), faults };
  } finally {
    state.breaking = false;
    state.living = false;
    await Promise.all([breaking, asking, deciding]);
    await fleet.stop();
    await proxy.close();
    await world.close();
  }
}

/** The table that `npm run chaos` prints. */
export function tableOf({ figures, faults, broken }: ChaosOutcome): string {
  const rows = [
    ...Object.entries(faults).map(([kind, count]) => [kind, String(count)]),
    ["", ""],
    ...Object.entries(figures).map(([name, count]) => [name, String(count)]),
  ];
  const lines = rows.map(([name = "", count = ""]) => `${name.padEnd(28)}${count.padStart(8)}`);
  return [...lines, "", ...(broken.length === 0 ? ["every promise held"] : broken)].join("\n");
}
