/** Which tools a workflow is given: those its instruction speaks of. Pure. */
import type { ToolContract } from "./contract.ts";
import { FINISH } from "./finish.ts";
import { READ_OUTPUT } from "./read-output.ts";

/** `github_list_pulls` is named by `github list pulls` too. */
const names = (text: string, tool: string): boolean =>
  new RegExp(`(?<![a-z0-9])${tool.replaceAll("_", "[ _-]")}(?![a-z0-9])`, "i").test(text);

/**
 * Names of the tools that a workflow with this instruction is given, in the registry's order: those whose contract names no
 * words, those whose words it says, and those whose names it says. Tools cost tokens in every model call and are what a run
 * can do, so a workflow is given no more.
 */
export const wantedTools = (instruction: string, tools: readonly Pick<ToolContract, "name" | "calledBy">[]): string[] =>
  tools
    .filter(({ name }) => name !== FINISH && name !== READ_OUTPUT)
    .filter(({ name, calledBy }) => !calledBy || calledBy.test(instruction) || names(instruction, name))
    .map(({ name }) => name);
