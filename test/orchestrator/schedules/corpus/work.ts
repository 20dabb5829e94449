/** How much work a call is, counted and not timed: the same on every machine, however busy it is. */
import { Session } from "node:inspector";
import { setFlagsFromString } from "node:v8";

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

/** Counts what the engine enters in the files whose path contains `within`: functions, blocks, every turn of a loop. */
export type WorkOf = (within: string, call: () => void) => number;

/**
 * Begins to count, for as long as the process lasts. What was loaded before is not counted: import it afterwards.
 * A call is made twice and counted once, so that what is only done the first time is left out.
 */
export function countWork(): WorkOf {
  // Compiled code keeps no exact count.
  for (const compiler of ["opt", "maglev", "sparkplug", "lazy-feedback-allocation"])
    setFlagsFromString(`--no-${compiler}`);
  const session = new Session();
  session.connect();
  const post = (method: string, params: object = {}): unknown => {
    let answer: unknown;
    session.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  };
  post("Profiler.enable");
  post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return (within, call) => {
    call();
    post("Profiler.takePreciseCoverage");
    call();
    const { result } = post("Profiler.takePreciseCoverage") as Coverage;
    return result
      .filter(({ url }) => url.includes(within))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
      .reduce((sum, count) => sum + count, 0);
  };
}
