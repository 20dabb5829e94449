/**
 * How soon Slack is answered while Claw is busy: commands arrive at an even pace while runs are in progress, and then people
 * press *Approve* and wait for the edited card. Slack is a fake in a process of its own, which keeps the time.
 * Run: npm run bench:slack. BENCH_COMMANDS: in all (800), BENCH_RATE: a second (50), BENCH_BUSY: runs in progress (20),
 * BENCH_CLICKS: approvals (50).
 */
import { sql } from "drizzle-orm";
import { bench, machine, note, size, until } from "./support/bench.ts";
import { startClaw } from "./support/claw.ts";
import { startServer } from "./support/database.ts";
import { median, quantile, shown, table, verdict } from "./support/numbers.ts";
import { startSlack } from "./support/slack.ts";

const COMMANDS = size("BENCH_COMMANDS", 800);
const RATE = size("BENCH_RATE", 50);
const BUSY = size("BENCH_BUSY", 20);
const CLICKS = size("BENCH_CLICKS", 50);
const ACKNOWLEDGED_MS = 100;
const EDITED_MS = 500;

await bench(async (later) => {
  const server = await startServer();
  later(() => server.close());
  const { db, url } = await server.createForClaw("claw_slack");
  const slack = await startSlack();
  later(() => slack.stop());
  const claw = await startClaw({ databaseUrl: url, env: { CLAW_MODEL: "rules", ...slack.env } });
  later(() => claw.stop());
  await slack.connected();

  note(`${BUSY} workflows are created, whose runs keep going`);
  await slack.busy(BUSY);
  const inProgress = async (): Promise<number> => {
    const [row] = await db.execute<{ count: number }>(
      sql`select count(*)::int as count from runs where status = 'running'`,
    );
    return row?.count ?? 0;
  };
  await until(async () => ((await inProgress()) >= 0.8 * BUSY ? true : null), {
    what: `${BUSY} runs in progress`,
    limitMs: 120_000,
    instead: async () => `${await inProgress()} are`,
  });
  const running: number[] = [];
  const look = setInterval(
    () =>
      void inProgress().then(
        (count) => running.push(count),
        () => {},
      ),
    500,
  );
  later(async () => clearInterval(look));

  note(`${COMMANDS} commands, ${RATE} a second`);
  const typed = await slack.type(RATE, COMMANDS);
  note(`${CLICKS} approvals are asked for, then clicked`);
  const clicked = await slack.click(CLICKS);
  clearInterval(look);
  await slack.rest();

  const row = (what: string, ms: readonly number[], target: number) => [
    what,
    String(ms.length),
    shown(median(ms)),
    shown(quantile(ms, 0.99)),
    shown(Math.max(...ms)),
    String(target),
  ];
  const rate = COMMANDS / (typed.tookMs / 1_000);
  console.log(`\n${machine()}; ${median(running)} runs in progress (median), ${shown(rate)} commands a second\n`);
  console.log(
    table(
      ["milliseconds", "measured", "p50", "p99", "most", "target p99"],
      [
        row("command to acknowledgement", typed.ms, ACKNOWLEDGED_MS),
        row("click to edited card", clicked.ms, EDITED_MS),
      ],
    ),
  );
  const isQuick = quantile(typed.ms, 0.99) < ACKNOWLEDGED_MS;
  const isSeen = quantile(clicked.ms, 0.99) < EDITED_MS;
  console.log(`\n${verdict(typed.failed === 0, `every command recorded (${typed.failed} were not)`)}`);
  console.log(verdict(isQuick, `acknowledged within ${ACKNOWLEDGED_MS} ms`));
  console.log(verdict(isSeen, `edited within ${EDITED_MS} ms`));
});
