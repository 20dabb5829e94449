/** What is remembered, by line and by button: all of it answered to who asks alone. */
import {
  assertNever,
  type Caller,
  confirmMemory,
  correctMemory,
  exportMemories,
  forgetMemory,
  keepMemory,
  readMemories,
  readMemory,
  remember,
} from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import {
  changedMemoryCard,
  exportCard,
  forgottenCard,
  memoriesCard,
  memoryCard,
  rememberedCard,
} from "../cards/memory.ts";
import type { MemoryCommand } from "./memory-command.ts";

/** @throws ClawError for what the person can do something about */
export async function answerMemory(caller: Caller, command: MemoryCommand): Promise<Card> {
  switch (command.kind) {
    case "remember": {
      const { view, isNew } = await remember(caller, command);
      return rememberedCard(view, isNew);
    }
    case "memories":
      return memoriesCard(await readMemories(caller, command.workflow), command.workflow);
    case "exportMemories":
      return exportCard(await exportMemories(caller, command.after ?? 0));
    case "memory":
      return memoryCard(await readMemory(caller, { number: command.memory }));
    case "correct":
      return changedMemoryCard(await correctMemory(caller, { number: command.memory }, command.text), "corrected");
    case "confirm":
      return changedMemoryCard(await confirmMemory(caller, { number: command.memory }), "confirmed");
    case "keep":
      return changedMemoryCard(await keepMemory(caller, { number: command.memory }, command.days), "kept");
    case "forget":
      return forgottenCard(await forgetMemory(caller, { number: command.memory }));
    default:
      return assertNever(command, "command");
  }
}

/** *Correct…*: the text as a person wrote it. */
export const pressCorrection = async (caller: Caller, memoryId: string, text: string): Promise<Card> =>
  changedMemoryCard(await correctMemory(caller, { id: memoryId }, text), "corrected");
