/**
 * kill -9 just before and just after every commit of the main job: the run ends, nothing is done twice, one report. Where
 * nothing happens outside between two commits, a kill just before the second leaves what one just after the first leaves,
 * and is left out; `KILL_POINTS=all` kills there too.
 */
import { expect, it } from "vitest";
import { killEverywhere, Names, type Play, wordsOf } from "./points.ts";
import { openScene, type Scene } from "./scene.ts";
import { newStory, type People, play, signIn } from "./story.ts";
import { expectDoneOnce } from "./verdict.ts";

/** More than there are cores: after a kill much of a story is waiting for what the lost process held. */
const STAGES = 5;
const TRIES = 2;
/**
 * Agenda locks, marks and deletes its rows around each wake, and a wake that is lost on the way does no harm. Killing at
 * each of these too takes twice as long; `KILL_POINTS=all` does that, too. The alarms themselves are ours and always counted.
 */
const agendasOwn = (commit: string): boolean => /^(?:insert|update|delete) agenda_jobs #/.test(commit);
const leaveOut = process.env.KILL_POINTS === "all" ? () => false : agendasOwn;
/** Every so manieth commit gets a second kill as well; the place is odd on purpose, and the same in every run. */
const AGAIN_EVERY = 8;
const againAt = (point: number): number | null => (point % AGAIN_EVERY === 0 ? 1 + ((point * 7) % 23) : null);
const LIMIT_MS = 20 * 60_000;

/** A scene where one story is played after the other, each by the process that was restarted in the one before. */
function stage(open: Set<Scene>): Play {
  const state: { scene: Scene | null; people: People | null } = { scene: null, people: null };
  return async (point) => {
    const scene = state.scene ?? (await openScene());
    open.add(scene);
    const people = state.people ?? (await signIn(scene));
    Object.assign(state, { scene, people });
    const story = newStory(scene, people);
    const names = new Names();
    const killed = { once: false, commitsSince: 0 };
    scene.decide((commit, phase) => {
      if (killed.once) {
        if (phase === "before") killed.commitsSince += 1;
        return phase === "before" && killed.commitsSince === point?.again ? "kill" : "go";
      }
      const name = names.of(commit, phase, scene.site.requests.length);
      killed.once = name === point?.commit && phase === point.phase;
      return killed.once ? "kill" : "go";
    });
    const wrong = await play(story)
      .then(() => expectDoneOnce(story))
      .then(() => null, whatIsWrong);
    scene.decide(() => "go");
    // What one story broke is not held against the next.
    if (wrong !== null) Object.assign(state, { scene: null, people: null });
    return { commits: names.all, killed: killed.once, wrong };
  };
}

const whatIsWrong = (error: unknown): string =>
  error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);

it("ends, does nothing twice and reports once, whatever commit it is killed at", { timeout: LIMIT_MS }, async () => {
  const open = new Set<Scene>();
  try {
    const stages = Array.from({ length: STAGES }, () => stage(open));
    const { commits, leftOut, quiet, killedAt, missed, wrong } = await killEverywhere({
      stages,
      leaveOut,
      quietToo: process.env.KILL_POINTS === "all",
      tries: TRIES,
      againAt,
    });
    const twice = killedAt.filter(({ again }) => again !== null).length;
    const notes = missed.map((point) => `  did not come up again in ${TRIES} playings: ${wordsOf(point)}\n`);
    process.stdout.write(
      `killed at ${killedAt.length - twice} points (${commits} commits, after all and before ${commits - quiet}), twice in a row ${twice} times; ` +
        `${leftOut} commits of Agenda's own bookkeeping left out\n${notes.join("")}`,
    );
    expect(wrong).toEqual([]);
    expect(killedAt.length).toBeGreaterThan(60);
  } finally {
    await Promise.all([...open].map((scene) => scene.close()));
  }
});
