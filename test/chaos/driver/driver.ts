/** Breaks things at random while people use Claw, lets it settle, and judges. The same seed makes the same choices. */
import { setTimeout as sleep } from "node:timers/promises";
import type { OwnServer } from "../../support/own-server.ts";
import { startPgProxy } from "../../support/pg-proxy.ts";
import { faultsOf } from "./faults.ts";
import { startFleet } from "./fleet.ts";
import { people } from "./people.ts";
import { type Dice, dice } from "./random.ts";
import { isSettled, judge, type Outcome } from "./verdict.ts";
import { startWorld } from "./world.ts";

export interface ChaosOptions {
  readonly seed: number;
  /** How long things are broken, in milliseconds; settling comes on top. Null: until everything was broken once. */
  readonly durationMs: number | null;
  readonly server: OwnServer;
  /** How long a database may only be read; milliseconds. */
  readonly readOnlyMs: number;
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
  const { server, say, durationMs } = options;
  const die = dice(options.seed);
  const proxy = await startPgProxy({ target: server.target });
  const world = await startWorld(dice(options.seed + 1));
  const fleet = await startFleet(proxy.through(server.url), YAML);
  const crowd = people(fleet.url, world, dice(options.seed + 2));
  const kinds = faultsOf({ fleet, proxy, server, world, die, readOnlyMs: options.readOnlyMs });
  /** Every kind once in an order of its own, then again in another: no seed leaves one out. */
  const deck = shuffled(Object.keys(kinds), die);
  const faults: Record<string, number> = {};

  const state = { breaking: true, living: true };
  const every = async (ms: number, going: () => boolean, act: () => Promise<void>) => {
    while (going()) {
      await act();
      await sleep(ms);
    }
  };
  const breaking = (async () => {
    while (state.breaking && (durationMs !== null || deck.length > 0)) {
      if (deck.length === 0) deck.push(...shuffled(Object.keys(kinds), die));
      const kind = deck.shift() ?? "";
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
    await (durationMs === null ? breaking : sleep(durationMs));
    state.breaking = false;
    await Promise.all([breaking, asking]);
    await fleet.mend();
    const until = Date.now() + SETTLE_LIMIT_MS;
    await crowd.pauseTicking();
    while (!(await isSettled(server.sql)) && Date.now() < until) await sleep(500);
    for (const said of fleet.gaveUp) say(`gave up its start: ${said}`);
    return { ...(await judge({ server, crowd, effects: world.effects, fleet })), faults };
  } finally {
    state.breaking = false;
    state.living = false;
    await Promise.all([breaking, asking, deciding]);
    await fleet.stop();
    await proxy.close();
    await world.close();
  }
}

function shuffled<T>(list: readonly T[], die: Dice): T[] {
  const left = [...list];
  return list.map(() => left.splice(die.between(0, left.length - 1), 1)[0] as T);
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
