/** A TypeScript process beside the bench that answers questions. */
import { fork } from "node:child_process";

export interface Child {
  /** Asks, and waits for the answer. @throws Error when the process ends or answers that it failed */
  ask<T>(question: unknown): Promise<T>;
  /** A second call does no harm. */
  stop(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

export function startChild(file: string, env: Readonly<Record<string, string>> = {}): Child {
  const child = fork(file, [], {
    execArgv: ["--no-deprecation", "--import", "tsx"],
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
  });
  const open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let asked = 0;
  child.on("message", ({ id, answer, error }: Answer) => {
    const question = open.get(id);
    open.delete(id);
    if (error === undefined) question?.resolve(answer);
    else question?.reject(new Error(error));
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void gone.then(() => {
    for (const { reject } of open.values()) reject(new Error(`${file} ended`));
  });
  return {
    ask: <T>(question: unknown) =>
      new Promise<T>((resolve, reject) => {
        asked += 1;
        open.set(asked, { resolve: resolve as (value: unknown) => void, reject });
        if (child.connected) child.send({ id: asked, question });
        else reject(new Error(`${file} has ended`));
      }),
    async stop() {
      if (child.connected) child.disconnect();
      const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await gone;
      clearTimeout(hard);
    },
  };
}

/** The other side: answers until the bench is gone. */
export function answerBench(answer: (question: unknown) => Promise<unknown>): void {
  process.on("message", ({ id, question }: { id: number; question: unknown }) => {
    answer(question).then(
      (result) => process.send?.({ id, answer: result }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
  });
  process.on("disconnect", () => process.exit());
}
