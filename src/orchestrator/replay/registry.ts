/** The tools of a replay: they look like the real ones and can do nothing. Pure. */
import { z } from "zod";
import { FINISH, ok, type ToolContract, type ToolRegistry, type ToolResult } from "../../tools/index.ts";
import { MISS } from "./answers.ts";

/**
 * A registry with the names, descriptions and inputs of the real one, so that a model sees the same tools, and not one of
 * its `execute` functions: each contract is made anew, field by field, reads, sends nowhere, and answers from what is recorded.
 * @param answers by the idempotency key of a call; a call without one is a miss
 */
export function replayRegistry(real: ToolRegistry, answers: ReadonlyMap<string, ToolResult<unknown>>): ToolRegistry {
  const tools = new Map(real.list().map((tool) => [tool.name, stub(tool, answers)]));
  return {
    get: (name) => tools.get(name) ?? null,
    list: () => [...tools.values()],
    specs: (names) => real.specs(names),
    contractHash: (name) => real.contractHash(name),
  };
}

function stub(tool: ToolContract, answers: ReadonlyMap<string, ToolResult<unknown>>): ToolContract {
  const { name, description, input, timeoutMs, outputTrust, taints } = tool;
  return {
    name,
    description,
    input,
    // What is recorded was an output of the contract as it was then.
    output: z.unknown(),
    effect: "read",
    egress: "none",
    retry: "safe",
    timeoutMs,
    outputTrust,
    ...(taints ? { taints } : {}),
    execute:
      name === FINISH
        ? async (said) => ok(verdictIn(said))
        : async (_input, { idempotencyKey }) => answers.get(idempotencyKey) ?? MISS,
  };
}

const Finished = z.object({ verdict: z.string(), text: z.string(), notes: z.string().nullish() });

/** The arguments of `finish` are its answer, as in a real run. */
function verdictIn(said: unknown) {
  const { verdict, text, notes } = Finished.parse(said);
  return { verdict, text: text.trim(), notes: notes?.trim() || null };
}
