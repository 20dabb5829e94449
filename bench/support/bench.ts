/** How every bench begins and ends: whatever happens, what it started is stopped, the last first. */
import { cpus, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

export type Later = (release: () => Promise<unknown>) => void;

/** Runs a bench. What it throws is printed as a sentence, and the exit code is 1. */
export async function bench(work: (later: Later) => Promise<void>): Promise<void> {
  const releases: (() => Promise<unknown>)[] = [];
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
  });
  try {
    await Promise.race([work((release) => void releases.push(release)), interrupted]);
  } catch (error) {
    console.error(error instanceof Error ? `bench failed: ${sentence(error)}` : error);
    if (process.env.BENCH_DEBUG && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  }
  for (const release of releases.reverse())
    await release().catch((error: unknown) => console.error(`not stopped cleanly: ${String(error)}`));
  process.exit();
}

const sentence = ({ message, cause }: Error): string =>
  cause instanceof Error ? `${message} (${cause.message})` : message;

/** A whole number from the environment. @throws Error when it is none */
export function size(name: string, usual: number): number {
  const text = process.env[name];
  const number = text === undefined || text === "" ? usual : Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} must be a whole number from 1, not ${text}`);
  return number;
}

/** Looks again and again. @throws Error that says what never came true, with what was there instead */
export async function until<T>(
  look: () => Promise<T | null>,
  options: {
    readonly what: string;
    readonly limitMs: number;
    readonly everyMs?: number;
    readonly instead?: () => Promise<string>;
  },
): Promise<T> {
  const deadline = performance.now() + options.limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) {
      const instead = (await options.instead?.()) ?? "";
      throw new Error(`after ${options.limitMs / 1_000} s still not: ${options.what}${instead && `; ${instead}`}`);
    }
    await sleep(options.everyMs ?? 100);
  }
}

/** What the figures were measured on. */
export const machine = (): string =>
  `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}, embedded PostgreSQL with fsync`;

/** What is being done, for whoever waits; the table alone goes to stdout. */
export const note = (text: string): void => console.error(`· ${text}`);
