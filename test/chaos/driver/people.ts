/** People who go on using Claw while it breaks: they ask for things, decide what waits, and never lose their patience. */
import { Person } from "../../support/claw-process.ts";
import type { Dice } from "./random.ts";
import type { World } from "./world.ts";

export interface Asked {
  /** Of the effect that was asked for. */
  readonly id: string;
  /** What was pressed when its approval was decided, as far as the person knows. */
  readonly choice: "approve" | "deny";
}

export interface People {
  /** Asks for one more thing. */
  ask(): Promise<void>;
  /** Decides whatever the page asks. */
  decide(): Promise<void>;
  readonly asked: readonly Asked[];
  /** How often people were asked what had happened. */
  readonly wondered: () => number;
}

const CHANNEL = "general";

export function people(url: string, world: World, dice: Dice): People {
  const asked: Asked[] = [];
  const state = { next: 1, wondered: 0, ada: null as Person | null };
  const answered = new Set<string>();

  async function ada(): Promise<Person> {
    state.ada ??= await Person.at(url, "ada");
    return state.ada;
  }

  /** What a person does when the page is not there: tries again later. */
  async function patiently(act: (person: Person) => Promise<void>): Promise<void> {
    try {
      await act(await ada());
    } catch {
      state.ada = null;
    }
  }

  return {
    asked,
    wondered: () => state.wondered,
    async ask() {
      // A line that seemed lost may have been taken: its id is not used again.
      const id = `e${state.next++}`;
      asked.push({ id, choice: dice.next() < 0.8 ? "approve" : "deny" });
      await patiently(async (person) => {
        await person.say(
          `/claw now check ${world.url}/page/${id} then use http_request method=POST url=${world.url}/effect/${id} body=${id}`,
          CHANNEL,
        );
      });
    },
    async decide() {
      await patiently(async (person) => {
        for (const preview of await person.see(CHANNEL)) {
          if (preview.buttons.some(({ label }) => label === "Create")) await person.press(preview, "Create");
        }
        for (const root of await person.see(CHANNEL)) {
          if (!/come in this thread/.test(root.words)) continue;
          for (const message of await person.see(CHANNEL, root.messageId)) {
            const labels = message.buttons.map(({ label }) => label);
            const id = /\/effect\/(e\d+)/.exec(message.words)?.[1] ?? /\/effect\/(e\d+)/.exec(root.words)?.[1] ?? "";
            if (labels.includes("Approve")) {
              const { choice } = asked.find((each) => each.id === id) ?? { choice: "approve" as const };
              await person.press(
                message,
                choice === "approve" ? "Approve" : "Deny…",
                choice === "approve" ? null : "chaos",
              );
            }
            if (labels.includes("It happened")) {
              if (!answered.has(message.messageId)) state.wondered++;
              answered.add(message.messageId);
              await person.press(
                message,
                world.effects.has(id) ? "It happened" : labels.includes("Try again") ? "Try again" : "Stop the run",
              );
            }
            if (labels.includes("Retry")) await person.press(message, "Retry");
          }
        }
      });
    },
  };
}
