/** The tools of a dry run: reads are the real ones, everything else looks like it and can do nothing. Pure. */
import { z } from "zod";
import { ok, type ToolContract, type ToolRegistry } from "../../tools/index.ts";

const NOT_MADE =
  "This is a dry run: the call was not made, and nothing was changed. In a real run people are asked first, where they want to be. Go on as if it had been allowed and done; never say that it was done.";

/** What a call answers that a real run would have asked about. */
const NotMade = z.strictObject({ dryRun: z.literal(NOT_MADE) });

export const isNotMade = (output: unknown): boolean => NotMade.safeParse(output).success;

export interface DryRegistry extends ToolRegistry {
  readonly real: ToolRegistry;
}

/**
 * A registry with the names, descriptions and inputs of the real one, so that a model sees the same tools. What is not a
 * read is made anew, field by field, without its `execute`; a read that sends somewhere is made only as far as it would
 * not have been asked for.
 * @param asks whether a real run would ask before this call
 */
export function dryRegistry(
  real: ToolRegistry,
  asks: (contract: ToolContract, input: unknown) => boolean,
): DryRegistry {
  const tools = new Map(
    real.list().map((tool) => [tool.name, tool.effect === "read" ? reading(tool, asks) : stub(tool)]),
  );
  return {
    get: (name) => tools.get(name) ?? null,
    list: () => [...tools.values()],
    specs: (names) => real.specs(names),
    contractHash: (name) => real.contractHash(name),
    real,
  };
}

/** What a dry run's registry stands for, to say what its calls would have been; any other stands for itself. */
export const realRegistry = (registry: ToolRegistry | DryRegistry): ToolRegistry =>
  "real" in registry ? registry.real : registry;

function stub({ name, description, input, timeoutMs }: ToolContract): ToolContract {
  return {
    name,
    description,
    input,
    output: NotMade,
    effect: "read",
    egress: "none",
    retry: "safe",
    timeoutMs,
    outputTrust: "trusted",
    execute: async () => ok({ dryRun: NOT_MADE }),
  };
}

/** A read may have to be asked for: it sends where an argument says, or a rule wants that. */
function reading(tool: ToolContract, asks: (contract: ToolContract, input: unknown) => boolean): ToolContract {
  return {
    ...tool,
    output: z.union([NotMade, tool.output]),
    ...(tool.taints && { taints: (output: unknown) => !isNotMade(output) && tool.taints?.(output) === true }),
    trouble: (output) => (isNotMade(output) ? null : (tool.trouble?.(output) ?? null)),
    execute: (input, context) =>
      asks(tool, input) ? Promise.resolve(ok({ dryRun: NOT_MADE })) : tool.execute(input, context),
  };
}
