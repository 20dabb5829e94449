/** Which memories matter for a text, and which of them a run is told when it begins. Pure. */
import type { Model } from "../ports.ts";
import type { Memory } from "./memory.ts";

/** What a run may be told of a memory. */
export type ToldMemory = Pick<Memory, "number" | "text" | "scope" | "sensitivity" | "trust">;

/** Characters that memories take of a run's opening at most, however old the workflow is. */
const OPENING_CHARACTERS = 1_600;

/** Words of two letters and more, and numbers; nothing that stands in every sentence. */
const COMMON = new Set(
  "the and for are was were has have had with from that this those these then than when what which who whom how not but you your our their its his her any all each every one two will would should could can may of to in on at by is it as be or an if we us do so no about into over under again also only use".split(
    " ",
  ),
);
const wordsOf = (text: string): Set<string> =>
  new Set(
    [
      ...text
        .normalize("NFKC")
        .toLowerCase()
        .matchAll(/[\p{L}\p{N}]{2,}/gu),
    ]
      .map(([word]) => (word.length > 4 ? word.replace(/s$/u, "").replace(/e$/u, "") : word))
      .filter((word) => !COMMON.has(word)),
  );

/** How many words of the text a memory shares. */
function nearness(memory: ToldMemory, words: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of wordsOf(memory.text)) if (words.has(word)) shared++;
  return shared;
}

/** The nearest first; of those that are as near, in the order they came. */
export function ranked<T extends ToldMemory>(memories: readonly T[], about: string): { memory: T; near: number }[] {
  const words = wordsOf(about);
  return memories.map((memory) => ({ memory, near: nearness(memory, words) })).sort((a, b) => b.near - a.near);
}

export interface ChosenMemories {
  readonly told: readonly ToldMemory[];
  /** How many more would have been told, had there been room. */
  readonly left: number;
}

/**
 * What a run is told unasked: all that its workflow remembers, and what of its channel and its workspace has to do with its
 * instruction, the nearest first, as far as there is room.
 * @param memories the latest first
 */
export function chooseMemories(memories: readonly ToldMemory[], instruction: string): ChosenMemories {
  const own = ({ scope }: ToldMemory): boolean => scope === "workflow";
  const order = ranked(memories, instruction).filter(({ memory, near }) => own(memory) || near > 0);
  let room = OPENING_CHARACTERS;
  const told = order
    .map(({ memory }) => memory)
    .filter((memory) => {
      const size = memoryLine(memory).length + 1;
      if (size > room) return false;
      room -= size;
      return true;
    });
  return { told, left: order.length - told.length };
}

/** The texts that what is told makes: apart, as it is private or may be of outsiders. */
export function memoryTexts(
  told: readonly ToldMemory[],
): (Pick<ToldMemory, "trust" | "sensitivity"> & { readonly text: string })[] {
  const kinds = (["trusted", "untrusted"] as const).flatMap((trust) =>
    (["workspace", "private"] as const).map((sensitivity) => ({ trust, sensitivity })),
  );
  return kinds.flatMap(({ trust, sensitivity }) => {
    const lines = told.filter((one) => one.trust === trust && one.sensitivity === sensitivity).map(memoryLine);
    return lines.length === 0 ? [] : [{ trust, sensitivity, text: lines.join("\n") }];
  });
}

/** What is private is told to no endpoint that no admin has approved of. */
export const mayBeTold = ({ sensitivity }: Pick<ToldMemory, "sensitivity">, trust: Model["trust"]): boolean =>
  sensitivity !== "private" || trust !== "third_party";

/** As a model is told it; the number is what it can forget it by. */
const memoryLine = ({ number, text }: ToldMemory): string => `- ${number}: ${text}`;
