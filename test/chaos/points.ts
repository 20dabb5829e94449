/** The points of a story where a process can be killed, and the search for all of them. */
import type { Commit, CommitPhase } from "../support/pg-proxy.ts";

/** Just before or just after one commit of the story. */
export interface Point {
  /** What is committed, and for which time: `update inbound_events, workflows, deliveries #1`. */
  readonly commit: string;
  readonly phase: CommitPhase;
  /** The process that was started after it is killed too, at that many commits of its own; null: it is left alone. */
  readonly again: number | null;
}

export const wordsOf = ({ commit, phase, again }: Point): string =>
  `${phase} ${commit}${again === null ? "" : `, and again before commit ${again} after that`}`;

/** A commit of a playing. */
export interface Named {
  readonly name: string;
  /**
   * The commit before it, when between its end and the begin of this one nobody outside heard or said anything: a process
   * that is killed just before this one leaves exactly what it leaves when it is killed just after that one.
   */
  readonly quietAfter: string | null;
}

/** Names the commits of one playing: alike in every playing, also where messages and wakes overtake each other. */
export class Names {
  readonly #times = new Map<string, number>();
  readonly #names = new Map<number, Named>();
  /** The commit that ended last, while no other is under way, and what the outside had seen by then. */
  #still: { readonly n: number; readonly name: string; readonly outside: number } | null = null;

  /** Called twice a commit. @param outside how much the outside has seen, a number that only grows */
  of(commit: Commit, phase: CommitPhase, outside: number): string {
    const name = this.#nameOf(commit, outside);
    this.#still = phase === "after" ? { n: commit.n, name, outside } : null;
    return name;
  }

  #nameOf(commit: Commit, outside: number): string {
    const known = this.#names.get(commit.n);
    if (known !== undefined) return known.name;
    const verb = /\w+/.exec(commit.statements[0] ?? "")?.[0].toLowerCase() ?? "";
    const what = `${verb} ${commit.tables.join(", ")}`;
    const time = (this.#times.get(what) ?? 0) + 1;
    this.#times.set(what, time);
    const name = `${what} #${time}`;
    const still = this.#still?.n === commit.n - 1 && this.#still.outside === outside ? this.#still.name : null;
    // What people do is stored at once, and they are answered then.
    this.#names.set(commit.n, { name, quietAfter: commit.tables.includes("inbound_events") ? null : still });
    return name;
  }

  /** In the order in which they came. */
  get all(): readonly Named[] {
    return [...this.#names.values()];
  }
}

export interface Playing {
  /** Every commit up to its end, or to the kill. */
  readonly commits: readonly Named[];
  /** It was killed at its point. */
  readonly killed: boolean;
  /** What was not as it should be at the end; null when nothing. */
  readonly wrong: string | null;
}

/** Plays the story; killed at a point, or, with null, not at all. */
export type Play = (point: Point | null) => Promise<Playing>;

export interface Found {
  readonly commits: number;
  readonly leftOut: number;
  /** Commits that it was killed after only: killed before them it leaves what it leaves after the commit before. */
  readonly quiet: number;
  readonly killedAt: readonly Point[];
  /** Commits that one playing made and none that was to be killed there. */
  readonly missed: readonly Point[];
  readonly wrong: readonly string[];
}

export interface Search {
  /** Where it is played: as many as there are, at once. */
  readonly stages: readonly Play[];
  /** Commits that it is not to be killed at; they are counted. */
  readonly leaveOut: (commit: string) => boolean;
  /** Also before commits where that leaves behind what another kill leaves. */
  readonly quietToo: boolean;
  /** Playings a point is given to come up: how often a wake or a claim comes is a matter of timing. */
  readonly tries: number;
  /** A second kill for some of the points, so many commits after the restart; null for the others. */
  readonly againAt: (point: number) => number | null;
}

/** Kills at every commit of the story as it is when nothing disturbs it; played once on every stage, to know them all. */
export async function killEverywhere({ stages, leaveOut, quietToo, tries, againAt }: Search): Promise<Found> {
  const known = new Set<string>();
  const leftOut = new Set<string>();
  const queue: { readonly point: Point; readonly left: number }[] = [];
  const found = { killedAt: [] as Point[], missed: [] as Point[], wrong: [] as string[] };
  const before = new Set<string>();
  const learn = ({ commits }: Playing): void => {
    for (const { name: commit, quietAfter } of commits) {
      if (leaveOut(commit)) {
        leftOut.add(commit);
        continue;
      }
      const isQuiet = quietAfter !== null && !leaveOut(quietAfter);
      if ((quietToo || !isQuiet) && !before.has(commit)) {
        before.add(commit);
        queue.push({ point: { commit, phase: "before", again: null }, left: tries });
      }
      if (known.has(commit)) continue;
      known.add(commit);
      const after = { commit, phase: "after" as const, again: null };
      const again = againAt(known.size);
      queue.push({ point: after, left: tries });
      if (again !== null) queue.push({ point: { ...after, again }, left: tries });
    }
  };
  const playOn = async (play: Play): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { point, left } = next;
      const played = await play(point);
      if (played.wrong !== null) found.wrong.push(`${wordsOf(point)}: ${played.wrong}`);
      if (played.killed) found.killedAt.push(point);
      else if (left > 1) queue.push({ point, left: left - 1 });
      else found.missed.push(point);
    }
  };
  const undisturbed = await Promise.all(stages.map((play) => play(null)));
  for (const played of undisturbed) {
    learn(played);
    if (played.wrong !== null) found.wrong.push(`undisturbed: ${played.wrong}`);
  }
  if (found.wrong.length === 0) await Promise.all(stages.map(playOn));
  return { commits: known.size, leftOut: leftOut.size, quiet: known.size - before.size, ...found };
}
