/** What can be broken, by name. Each resolves once it is over, and leaves things as they were. */
import { setTimeout as sleep } from "node:timers/promises";
import type { OwnServer } from "../../support/own-server.ts";
import type { PgProxy, StatementFailure } from "../../support/pg-proxy.ts";
import { type Fleet, MEMBERS } from "./fleet.ts";
import type { Dice } from "./random.ts";
import { WORLD_FAULTS, type World } from "./world.ts";

export type Faults = Readonly<Record<string, () => Promise<void>>>;

export interface FaultDeps {
  readonly fleet: Fleet;
  /** Between the fleet and the server. */
  readonly proxy: PgProxy;
  readonly server: OwnServer;
  readonly world: World;
  readonly die: Dice;
  /** How long a database may only be read; milliseconds. */
  readonly readOnlyMs: number;
}

const HOUR_MS = 3_600_000;
const DISK_FULL: StatementFailure = { sqlState: "53100", message: "could not extend file: No space left on device" };
const CONFLICTS: readonly StatementFailure[] = [
  { sqlState: "40001", message: "could not serialize access due to concurrent update" },
  { sqlState: "40P01", message: "deadlock detected" },
];
/** How many of the statements meet a conflict while they do. */
const CONFLICTING = 0.1;
const WRITES = /^\s*(?:with\b[\s\S]*\b(?:insert|update|delete)\b|insert|update|delete|commit)\b/i;

export function faultsOf({ fleet, proxy, server, world, die, readOnlyMs }: FaultDeps): Faults {
  const state = { sleptMs: 0 };
  const someone = () => die.pick(MEMBERS);
  const everyone = (act: (member: (typeof MEMBERS)[number]) => Promise<void>) => Promise.all(MEMBERS.map(act));

  return {
    "kill -9": () => fleet.kill(someone()),
    restart: () => fleet.restart(someone()),
    "rolling restart": async () => {
      for (const member of MEMBERS) await fleet.restart(member);
    },
    "frozen 5 s": () => fleet.freeze(someone(), 5_000),
    "laptop asleep": async () => {
      state.sleptMs += 2 * HOUR_MS;
      const { sleptMs } = state;
      const asleep = everyone((member) => fleet.freeze(member, 1_500));
      await everyone((member) => fleet.setClock(member, sleptMs));
      await asleep;
    },
    "clock back and forth": async () => {
      const member = someone();
      await fleet.setClock(member, state.sleptMs - 2 * HOUR_MS);
      await sleep(3_000);
      await fleet.setClock(member, state.sleptMs);
    },
    "all clocks back and forth": async () => {
      await everyone((member) => fleet.setClock(member, state.sleptMs - HOUR_MS));
      await sleep(3_000);
      await everyone((member) => fleet.setClock(member, state.sleptMs));
    },
    "database connections cut": async () => proxy.cut(),
    "database sessions terminated": () => server.terminateSessions(),
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
    "database killed": async () => {
      await server.kill();
      await sleep(die.between(0, 1_500));
      await server.start();
    },
    "database restarted": async () => {
      await server.stopAtOnce();
      await server.start();
    },
    "database read-only": async () => {
      await server.setReadOnly(true);
      await sleep(readOnlyMs);
      await server.setReadOnly(false);
    },
    "database disk full 2 s": async () => {
      proxy.failStatements(({ text }) => (WRITES.test(text) ? DISK_FULL : null));
      await sleep(2_000);
      proxy.failStatements(null);
    },
    "database conflicts 2 s": async () => {
      proxy.failStatements(() => (die.next() < CONFLICTING ? die.pick(CONFLICTS) : null));
      await sleep(2_000);
      proxy.failStatements(null);
    },
    "world misbehaves": async () => {
      world.misbehave(die.pick(WORLD_FAULTS));
      await sleep(die.between(500, 3_000));
      world.misbehave("none");
    },
  };
}
