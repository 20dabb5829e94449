/** The seam of the engine: what a replay is given instead of what a real run has. */
import { type Piece, type PieceKind, PROMPT } from "../context/context.ts";
import type { Opening } from "../context/opening.ts";
import { ClawError } from "../errors.ts";
import { hashText } from "../ids.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { RunOver } from "../runs/interruption.ts";
import { loadJournal } from "../runs/journal/store.ts";
import { idempotencyKeyOf, type ModelStep, type Step } from "../runs/step.ts";
import type { HeldRun } from "../runs/store.ts";
import type { ManifestEntry } from "../views.ts";
import { answersFor } from "./answers.ts";
import { replayRegistry } from "./registry.ts";
import { ReplayRequest } from "./replay.ts";
import { piecesByHash } from "./store.ts";

/** The journal of the run that a replay repeats. */
const recordedFor = (deps: Pick<EngineDeps, "db">, run: HeldRun): Promise<Step[]> => {
  if (run.replayOf === null) throw new ClawError("bug", `run ${run.number} is no replay`);
  return loadJournal(deps.db, { id: run.replayOf, workspaceId: run.workspaceId });
};

/**
 * What a replay makes one move with: tools that only answer from the journal of the run it repeats, and no secret.
 * @param replayed the replay's own journal
 */
export async function replaying(deps: EngineDeps, run: HeldRun, replayed: readonly Step[]): Promise<EngineDeps> {
  const answers = answersFor(await recordedFor(deps, run), replayed, (step) => idempotencyKeyOf(run.id, step));
  return { ...deps, registry: replayRegistry(deps.registry, answers), secrets: { get: async () => null } };
}

/**
 * What opens a replay's conversation: what opened that of the run it repeats, and nothing that was said since. On the
 * present revision its prompt and its instruction are today's.
 * @throws RunOver when that is not kept any more
 */
export async function replayOpening(deps: Pick<EngineDeps, "db" | "model">, run: HeldRun): Promise<Opening> {
  const { mode } = ReplayRequest.parse(run.payload);
  const first = (await recordedFor(deps, run)).find(
    (step): step is ModelStep => step.kind === "model" && step.turn === 1,
  );
  const said = ((first?.manifest ?? []) as ManifestEntry[]).filter(({ included }) => included);
  const kept = await piecesByHash(
    deps.db,
    run.workspaceId,
    said.map(({ hash }) => hash),
  );
  const pieces = said.map(({ piece, hash }): Piece => {
    const kind = piece as PieceKind;
    const present = mode === "present" ? presentText(kind, run) : null;
    if (present !== null) return { ...trusted(present, deps), kind };
    const body = kept.get(hash);
    if (!body) throw gone();
    return { ...body, kind };
  });
  if (pieces.length === 0) throw gone();
  const notes = pieces.find(({ kind }) => kind === "notes")?.body ?? null;
  return { pieces, notes, left: [], tainted: pieces.some(({ trust }) => trust === "untrusted") };
}

function presentText(kind: PieceKind, run: HeldRun): string | null {
  if (kind === "prompt") return PROMPT;
  return kind === "instruction" ? run.pinned.instruction : null;
}

const trusted = (body: string, { model }: Pick<EngineDeps, "model">) => ({
  hash: hashText(body),
  body,
  tokens: model.countTokens(body),
  trust: "trusted" as const,
  sensitivity: "workspace" as const,
});

const gone = (): RunOver =>
  new RunOver("failed", {
    code: "unknown_subject",
    message: "What the run was told when it began is not kept any more, so it cannot be replayed.",
  });
