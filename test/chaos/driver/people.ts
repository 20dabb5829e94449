/** People who go on using Claw while it breaks: they ask for things, decide what waits, and never lose their patience. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SeenMessage } from "../../bot/console/visitor.ts";
import { Person } from "../../support/claw-process.ts";
import { isReport } from "../story.ts";
import type { Dice } from "./random.ts";
import type { World } from "./world.ts";

const LOOK_AGAIN_MS = 200;
const DECISIONS = ["Approve", "It happened", "Retry"];

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
  /** Pauses what comes every minute, so that things can settle. */
  pauseTicking(): Promise<void>;
  readonly asked: readonly Asked[];
  /** How often people were asked what had happened. */
  readonly wondered: () => number;
}

const CHANNEL = "general";
/** What comes every minute, beside what is asked for. */
const TICKING = ["tick-one", "tick-two"] as const;

export function people(url: string, world: World, dice: Dice): People {
  const asked: Asked[] = [];
  const state = { next: 1, wondered: 0, ticked: 0, ticking: new Set<string>(), ada: null as Person | null };
  const answered = new Set<string>();
  const roots = new Map<string, SeenMessage>();
  /** Threads in which nothing more comes. */
  const done = new Set<string>();

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
    async pauseTicking() {
      const paused = new Set<string>();
      while (paused.size < state.ticking.size) {
        await patiently(async (person) => {
          for (const name of state.ticking) {
            if (paused.has(name)) continue;
            await person.say(`/claw pause ${name}`, CHANNEL);
            paused.add(name);
          }
        });
        await sleep(LOOK_AGAIN_MS);
      }
    },
    async ask() {
      const tick = TICKING[state.ticked];
      if (tick !== undefined) {
        await patiently(async (person) => {
          await person.say(`/claw every minute check ${world.url}/page/${tick}`, CHANNEL);
          state.ticked += 1;
        });
      }
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
        const page = await person.see(CHANNEL);
        for (const preview of page) {
          if (preview.buttons.some(({ label }) => label === "Create"))
            await patiently(() => person.press(preview, "Create"));
        }
        // The page shows the last messages only; people know the threads they have been in.
        for (const root of page) if (/come in this thread/.test(root.words)) roots.set(root.messageId, root);
        for (const root of roots.values()) {
          if (done.has(root.messageId)) continue;
          const ticking = TICKING.some((tick) => root.words.includes(`/page/${tick}`));
          const name = /^([a-z0-9-]+) /.exec(root.words)?.[1];
          if (ticking && name) state.ticking.add(name);
          // What one thread refuses keeps nobody from the next.
          await patiently(async () => {
            const thread = await person.see(CHANNEL, root.messageId);
            for (const message of thread) await answer(person, root, message);
            const open = thread.some(({ buttons }) => buttons.some(({ label }) => DECISIONS.includes(label)));
            if (!ticking && !open && thread.some(isReport)) done.add(root.messageId);
          });
        }
      });
    },
  };

  async function answer(person: Person, root: SeenMessage, message: SeenMessage): Promise<void> {
    const labels = message.buttons.map(({ label }) => label);
    const id = /\/effect\/(e\d+)/.exec(message.words)?.[1] ?? /\/effect\/(e\d+)/.exec(root.words)?.[1] ?? "";
    if (labels.includes("Approve")) {
      const { choice } = asked.find((each) => each.id === id) ?? { choice: "approve" as const };
      if (choice === "approve") await person.press(message, "Approve");
      else await person.press(message, "Deny…", "chaos");
    }
    if (labels.includes("It happened")) {
      if (!answered.has(message.messageId)) state.wondered++;
      answered.add(message.messageId);
      const again = labels.includes("Try again") ? "Try again" : "Stop the run";
      await person.press(message, world.effects.has(id) ? "It happened" : again);
    }
    if (labels.includes("Retry")) await person.press(message, "Retry");
  }
}
