/** Commands that ask for a new workflow, and what they want. Pure. */
import type { Wanted } from "../../orchestrator/index.ts";
import type { Command } from "./command.ts";

export type Creating = Extract<Command, { kind: "create" | "createOn" | "createNow" }>;

export const isCreating = (command: Command): command is Creating =>
  command.kind === "create" || command.kind === "createOn" || command.kind === "createNow";

export const wantedOf = (command: Creating): Wanted => ({
  instruction: command.instruction,
  trigger:
    command.kind === "create"
      ? { kind: "schedule", schedule: command.schedule, words: command.words }
      : command.kind === "createOn"
        ? command.trigger
        : { kind: "person" },
});
