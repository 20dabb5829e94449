/**
 * Durable runs a second beside DBOS Transact, on one PostgreSQL server and in turns, so that noise hits both: every step is
 * committed before the next begins. Claw's runs are what its users have (a model call, a page read, a model call that
 * finishes, a report delivered to the console), DBOS's are three steps that do nothing. The wire alone is a row, too: what
 * the model calls and the page cost whoever keeps nothing.
 * Each has a round to warm up that is not counted: these are processes that run for months.
 * Run: npm run bench:runs. BENCH_RUNS: runs a round (1,000), BENCH_ROUNDS: rounds (3).
 */
import { bench, machine, note, size } from "./support/bench.ts";
import { startServer } from "./support/database.ts";
import { median, shown, table, verdict } from "./support/numbers.ts";
import { overTheWire, startOutside } from "./support/outside.ts";
import { serverUse } from "./support/processes.ts";
import { clawPeer, dbosPeer, type Peer, wirePeer } from "./support/rounds.ts";
import { costliest, forget, since, type Tally, tally } from "./support/tally.ts";

const RUNS = size("BENCH_RUNS", 1_000);
const ROUNDS = size("BENCH_ROUNDS", 3);
const COUNTED = Math.min(RUNS, 400);
const TARGET = 3;

interface Round {
  /** Runs a second. */
  readonly rate: number;
  /** Milliseconds of a core that a run took in the process itself and in PostgreSQL. */
  readonly ownMs: number;
  readonly serverMs: number;
}

await bench(async (later) => {
  const server = await startServer();
  later(() => server.close());
  const outside = await startOutside();
  later(() => outside.stop());
  const database = await server.createForClaw("claw_rules");
  const wired = await server.createForClaw("claw_wire");
  const rules = { name: "Claw, model in the process", database, env: { CLAW_MODEL: "rules" }, outside };
  const wire = { name: "Claw, model over HTTP", database: wired, env: overTheWire(outside), outside };
  const claws = [await clawPeer(rules, later), await clawPeer(wire, later)];
  const dbos = await dbosPeer(server, later);
  const peers = [...claws, dbos, await wirePeer(outside, later)];

  note("warming up");
  for (const peer of peers) await peer.round(RUNS);
  const rounds = new Map<Peer, Round[]>(peers.map((peer) => [peer, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const peer of round % 2 === 1 ? peers : [...peers].reverse()) {
      const before = { own: await peer.cpuMs(), server: await serverUse(server.pid) };
      const rate = RUNS / (await peer.round(RUNS));
      const use = await serverUse(server.pid);
      const serverMs = (use?.cpuMs ?? Number.NaN) - (before.server?.cpuMs ?? Number.NaN);
      rounds.get(peer)?.push({ rate, ownMs: ((await peer.cpuMs()) - before.own) / RUNS, serverMs: serverMs / RUNS });
      note(`round ${round}: ${peer.name}: ${shown(rate)} runs/s`);
    }
  }

  const tallies = new Map<Peer, Tally>();
  for (const peer of peers) {
    const name = peer.database;
    if (name === null) continue;
    await server.count(true);
    await forget(database.db);
    const before = await tally(database.db, name);
    await peer.round(COUNTED);
    tallies.set(peer, since(before, await tally(database.db, name)));
    if (process.env.BENCH_DEBUG)
      for (const { query, calls, ms } of await costliest(database.db, name, 40))
        note(`${shown(calls / COUNTED)} calls, ${shown(ms / COUNTED)} ms a run: ${query}`);
    await server.count(false);
  }

  const middle = (peer: Peer | undefined, of: keyof Round) =>
    median(((peer && rounds.get(peer)) ?? []).map((round) => round[of]));
  const rate = (peer: Peer | undefined) => middle(peer, "rate");
  const theirs = rate(dbos);
  const rows = peers.map((peer) => {
    const all = (rounds.get(peer) ?? []).map((round) => round.rate);
    const counted = tallies.get(peer);
    const a = (key: keyof Tally) => (counted ? shown(counted[key] / COUNTED) : "");
    const range = `${shown(Math.min(...all))} to ${shown(Math.max(...all))}`;
    const cpu = `${shown(middle(peer, "ownMs"))} + ${shown(middle(peer, "serverMs"))}`;
    const times = shown(rate(peer) / theirs);
    return [peer.name, shown(rate(peer)), range, times, cpu, a("statements"), a("commits"), a("wal")];
  });
  console.log(`\n${machine()}; 20 in flight, ${ROUNDS} rounds of ${RUNS} runs each, in turns\n`);
  const head = "durable runs|runs/s (median)|range|beside DBOS|CPU ms a run, process + PostgreSQL|statements a run";
  console.log(table([...head.split("|"), "writing transactions a run", "WAL bytes a run"], rows));
  const least = Math.min(...claws.map(rate)) / theirs;
  console.log(`\nClaw beside DBOS: ${verdict(least >= TARGET, `at least ${TARGET} times`)}`);
  const floor = middle(peers.at(-1), "ownMs");
  const over = claws.map((peer) => middle(peer, "ownMs"))[1] ?? Number.NaN;
  console.log(`Of ${shown(over)} ms that a run over HTTP takes its process, the wire alone is ${shown(floor)} ms.`);
});
