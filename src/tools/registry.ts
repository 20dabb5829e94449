/** The tools of this process by name. */
import { createHash } from "node:crypto";
import { contractFaults, inputSchema, outputSchema, type ToolContract } from "./contract.ts";
import { type JsonSchema, sorted } from "./schema.ts";

/** What a model is shown of a tool. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON schema of the input; refuses unknown keys. */
  readonly parameters: JsonSchema;
}

export interface ToolRegistry {
  /** Null when there is none of that name. */
  get(name: string): ToolContract | null;
  /** In the order they were given. */
  list(): readonly ToolContract[];
  /** What a model is shown, in the order asked for. @throws Error when there is none of a name */
  specs(names: readonly string[]): readonly ToolSpec[];
  /**
   * Changes when what the tool promises changes (name, description, schemas, effect, egress, retry), and with nothing
   * else: not with its code, nor between processes. 64 hex digits. @throws Error when there is none of that name
   */
  contractHash(name: string): string;
}

/** A registry whose tools may become others while it is in use. */
export interface LiveRegistry extends ToolRegistry {
  /** From now on these. @throws Error as {@link createRegistry}; then nothing has changed */
  replace(tools: readonly ToolContract[]): void;
}

interface Entry {
  readonly tool: ToolContract;
  readonly spec: ToolSpec;
  readonly hash: string;
}

/** @throws Error naming a contract that is unsound or a name that stands twice */
export function createRegistry(tools: readonly ToolContract[]): LiveRegistry {
  const state = { entries: entriesOf(tools, new Map()) };
  const entry = (name: string) => {
    const found = state.entries.get(name);
    if (!found) throw new Error(`there is no tool ${name}`);
    return found;
  };
  return {
    get: (name) => state.entries.get(name)?.tool ?? null,
    list: () => [...state.entries.values()].map(({ tool }) => tool),
    specs: (names) => names.map((name) => entry(name).spec),
    contractHash: (name) => entry(name).hash,
    replace(next) {
      state.entries = entriesOf(next, state.entries);
    },
  };
}

/** @param before what stays the same contract is taken from there */
function entriesOf(tools: readonly ToolContract[], before: ReadonlyMap<string, Entry>): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const tool of tools) {
    if (entries.has(tool.name)) throw new Error(`two tools are named ${tool.name}`);
    const same = before.get(tool.name);
    entries.set(tool.name, same?.tool === tool ? same : entryOf(tool));
  }
  return entries;
}

function entryOf(tool: ToolContract): Entry {
  const faults = contractFaults(tool);
  if (faults.length > 0) throw new Error(`tool ${tool.name}: ${faults.join("; ")}`);
  const { name, description } = tool;
  return { tool, spec: { name, description, parameters: inputSchema(tool) }, hash: hashOf(tool) };
}

function hashOf(tool: ToolContract): string {
  const { name, description, effect, egress, retry, where, inside, alwaysAsks } = tool;
  const promise = {
    name,
    description,
    effect,
    egress,
    retry,
    ...(where ? { where } : {}),
    ...(alwaysAsks ? { alwaysAsks } : {}),
    ...(inside ? { inside } : {}),
    input: inputSchema(tool),
    output: outputSchema(tool),
  };
  return createHash("sha256")
    .update(JSON.stringify(sorted(promise)))
    .digest("hex");
}
