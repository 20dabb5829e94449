/**
 * DBOS Transact in a process of its own: workflows of three steps that do nothing, started directly. Its pool is as it comes:
 * twenty connections instead of ten are not faster.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { answerBench } from "./child.ts";

DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: process.env.BENCH_DATABASE ?? "",
  enableOTLP: false,
  tracingEnabled: false,
  logLevel: "error",
});

const nothing = async (): Promise<string> => "fine";
const three = DBOS.registerWorkflow(
  async () => {
    for (const name of ["one", "two", "three"]) await DBOS.runStep(nothing, { name });
    return "fine";
  },
  { name: "three" },
);
await DBOS.launch();

/** @returns seconds */
async function round(count: number, inFlight: number): Promise<number> {
  const began = performance.now();
  let left = count;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        await three();
      }
    }),
  );
  return (performance.now() - began) / 1_000;
}

answerBench(async (question) => {
  if (question === "cpu") {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  }
  const { count, inFlight } = question as { count: number; inFlight: number };
  return round(count, inFlight);
});
