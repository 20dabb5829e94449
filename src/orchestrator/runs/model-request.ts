/** What a turn's model call says, assembled within its budget from the journal and the opening. */
import { FINISH, READ_OUTPUT, RECALL } from "../../tools/index.ts";
import { chooseOpening, openingMessages, type Piece, turnMessages } from "../context/context.ts";
import { gatherOpening, MORE_MEMORIES } from "../context/opening.ts";
import { loadPieces } from "../context/store.ts";
import { hashText } from "../ids.ts";
import { worstCaseMicros } from "../model/prices.ts";
import { requestTokens } from "../model/tokens.ts";
import type { ModelPrice, ModelRequest } from "../ports.ts";
import { replayOpening } from "../replay/replaying.ts";
import type { ManifestEntry } from "../views.ts";
import type { EngineDeps } from "./engine-deps.ts";
import type { Move } from "./move.ts";
import type { ModelStep, Step } from "./step.ts";
import type { HeldRun } from "./store.ts";

export type ModelMove = Extract<Move, { kind: "call_model" }>;

/** A model call as it will be made, and what it may cost. */
export interface Asked {
  readonly request: ModelRequest;
  readonly manifest: readonly ManifestEntry[];
  readonly keep: readonly Piece[];
  readonly tainted: boolean;
  /** The most the call may cost. */
  readonly worstMicros: number;
}

/**
 * Assembles the request within its budget; only reads.
 * @param known texts of the opening by their hash; those that are missing are loaded, and kept here for the next turn
 */
export async function prepare(
  deps: EngineDeps,
  run: HeldRun,
  journal: readonly Step[],
  move: ModelMove,
  known: Map<string, string>,
): Promise<Asked> {
  const { model } = deps;
  const before = journal.filter((step) => step.turn < move.turn);
  const first = before.find((step): step is ModelStep => step.turn === 1 && step.kind === "model");
  const said = first
    ? {
        manifest: (first.manifest as ManifestEntry[]).filter((entry) => !entry.piece.startsWith("result of ")),
        keep: [],
      }
    : null;
  const gather = () =>
    run.replayOf === null
      ? gatherOpening(deps.db, run, model, deps.contextTokens, new Date(deps.clock.now()))
      : replayOpening(deps, run);
  const opening = said ? null : await gather();
  const chosen = said?.manifest ?? [
    ...chooseOpening(opening?.pieces ?? [], deps.contextTokens, model.trust),
    ...(opening?.left ?? []),
  ];
  for (const { hash, body } of opening?.pieces ?? []) known.set(hash, body);
  const missing = chosen.flatMap(({ included, hash }) => (included && !known.has(hash) ? [hash] : []));
  for (const [hash, body] of await loadPieces(deps.db, run.workspaceId, missing)) known.set(hash, body);
  const notesHash = chosen.find((entry) => entry.piece === "notes" && entry.included)?.hash;
  const turns = turnMessages(before, {
    budgetTokens: deps.contextTokens,
    countTokens: (text) => model.countTokens(text),
    hash: hashText,
  });
  const shortened = turns.manifest.some(({ reason }) => reason !== "fits");
  const only: Readonly<Record<string, boolean>> = {
    [READ_OUTPUT]: shortened,
    [RECALL]: run.pinned.tools.includes(RECALL) || chosen.some(({ piece }) => piece === MORE_MEMORIES),
  };
  const offered = callable(deps, run).filter((name) => only[name] ?? true);
  const tools = deps.registry.specs(offered);
  const described = offered.some((name) => deps.registry.get(name)?.descriptionTrust === "untrusted");
  const request: ModelRequest = {
    messages: [...openingMessages(chosen, known), ...turns.messages],
    tools,
    toolChoice: move.nudge ? { name: FINISH } : "auto",
    maxOutputTokens: run.pins.maxOutputTokens,
    task: { instruction: run.pinned.instruction, notes: (notesHash && known.get(notesHash)) ?? null },
    idempotencyKey: `${run.id}-${move.turn}-0-${(move.retryOf?.attempts ?? 0) + 1}`,
  };
  const inputTokens = requestTokens(request, (text) => model.countTokens(text));
  return {
    request,
    manifest: [...chosen, ...turns.manifest],
    keep: opening?.pieces ?? [],
    tainted: opening !== null && (opening.tainted || described),
    worstMicros: worstCaseMicros(inputTokens, run.pins.maxOutputTokens, priceOf(run)),
  };
}

/** Every run may call them: they only read what is its own already. */
const OWN_READS: readonly string[] = [RECALL, READ_OUTPUT];

/** The tools a run may call: those it began with that this process has, those that read its own, and the one that ends it. */
export const callable = (deps: Pick<EngineDeps, "registry">, run: HeldRun): string[] => [
  ...run.pinned.tools.filter(
    (name) =>
      name !== FINISH && !OWN_READS.includes(name) && deps.registry.get(name) && Object.hasOwn(run.pins.tools, name),
  ),
  ...OWN_READS.filter((name) => deps.registry.get(name)),
  FINISH,
];

export const priceOf = (run: HeldRun): ModelPrice => ({
  inputMicrosPerMillion: run.pins.price.input,
  cachedInputMicrosPerMillion: run.pins.price.cachedInput,
  outputMicrosPerMillion: run.pins.price.output,
  source: run.pins.price.source,
});
