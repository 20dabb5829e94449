/** What a replay's calls have to do with those of the run it repeats. Pure. */
import { FINISH } from "../../tools/index.ts";
import type { CallDifference } from "../events.ts";
import { canonicalHash } from "../ids.ts";
import type { Step, ToolStep } from "../runs/step.ts";
import { askedHash, NOT_IN_JOURNAL } from "./answers.ts";

export interface ComparedCalls {
  /** Calls that both made with the same arguments. */
  readonly same: number;
  /** In the order of the replay; what is missing comes last. */
  readonly differences: readonly CallDifference[];
  /** Calls of the replay that the journal had no answer to. */
  readonly unanswered: number;
}

/** Compares tool calls by name and arguments; `finish` is compared as the report. Their order does not count. */
export function compareCalls(recorded: readonly Step[], replayed: readonly Step[]): ComparedCalls {
  const missing = callsOf(recorded);
  const made = callsOf(replayed);
  const added: Call[] = [];
  for (const call of made) {
    const at = missing.findIndex(({ hash }) => hash === call.hash);
    if (at < 0) added.push(call);
    else missing.splice(at, 1);
  }
  const differences = added.map((call): CallDifference => {
    const at = missing.findIndex(({ tool }) => tool === call.tool);
    const [was] = at < 0 ? [] : missing.splice(at, 1);
    return was
      ? { kind: "changed", tool: call.tool, was: was.input, is: call.input }
      : { kind: "added", tool: call.tool, is: call.input };
  });
  return {
    same: made.length - added.length,
    differences: [
      ...differences,
      ...missing.map(({ tool, input }): CallDifference => ({ kind: "missing", tool, was: input })),
    ],
    unanswered: made.filter((call) => call.unanswered).length,
  };
}

interface Call {
  readonly tool: string;
  readonly hash: string;
  /** Its arguments as JSON. */
  readonly input: string;
  readonly unanswered: boolean;
}

const callsOf = (journal: readonly Step[]): Call[] =>
  journal
    .filter((step): step is ToolStep => step.kind === "tool" && step.name !== FINISH)
    .map((step) => {
      const input = argumentsOf(step);
      return {
        tool: step.name,
        hash: askedHash(step) || canonicalHash({ tool: step.name, input }),
        input: JSON.stringify(input) ?? "",
        unanswered: step.failure?.message === NOT_IN_JOURNAL,
      };
    });

/** As the model gave them. A call that was not valid is kept as the model wrote it. */
function argumentsOf({ input, inputHash, changed }: ToolStep): unknown {
  if (changed) return changed.was;
  const raw = inputHash === "" && typeof input === "object" && input !== null && "raw" in input ? input.raw : null;
  if (typeof raw !== "string") return input;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}
