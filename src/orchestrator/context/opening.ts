/** Gathers what may open a run's conversation. */
import type { Database } from "../db/client.ts";
import { storableText } from "../db/storable.ts";
import { hashText } from "../ids.ts";
import { type ChosenMemories, chooseMemories, memoryTexts } from "../memory/ranking.ts";
import { memoriesFor } from "../memory/store.ts";
import type { Model } from "../ports.ts";
import type { HeldRun } from "../runs/store.ts";
import { backfilledSlot } from "../schedules/backfill/backfill.ts";
import { payloadText } from "../triggers/payload.ts";
import type { ManifestEntry } from "../views.ts";
import { type Piece, type PieceKind, PROMPT } from "./context.ts";
import { whatWasBefore } from "./store.ts";

export interface Opening {
  readonly pieces: readonly Piece[];
  /** What the last run asked to be kept, or null. */
  readonly notes: string | null;
  /** What did not even become a piece, for the manifest. */
  readonly left: readonly ManifestEntry[];
  /** A piece that will be said carries text that outsiders can write. */
  readonly tainted: boolean;
}

/** What the manifest calls memories that there was no room for. */
export const MORE_MEMORIES = "more memories";
/** Messages of the thread that a run is shown at most. */
const THREAD_MESSAGES = 50;

/** Reads for all new runs of a claim at once what the opening of each tells of the runs before it. */
export async function withBefore(db: Database, runs: readonly HeldRun[], now: Date): Promise<HeldRun[]> {
  const fresh = runs.filter(({ epoch, replayOf }) => epoch === 1 && replayOf === null);
  const [known, memories] = await Promise.all([whatWasBefore(db, fresh, THREAD_MESSAGES), memoriesFor(db, fresh, now)]);
  return runs.map((run) => {
    const before = known.get(run.id);
    return before ? { ...run, before, memories: memories.get(run.id) ?? [] } : run;
  });
}

/** @param budgetTokens what the opening may take; what started the run takes half of it at most, the whole is kept with its firing */
export async function gatherOpening(
  db: Database,
  run: HeldRun,
  model: Pick<Model, "countTokens">,
  budgetTokens: number,
  now: Date,
): Promise<Opening> {
  const before = run.before ?? (await whatWasBefore(db, [run], THREAD_MESSAGES)).get(run.id);
  const memories = run.memories ?? (await memoriesFor(db, [run], now)).get(run.id) ?? [];
  const { last, thread } = before ?? { last: null, thread: [] };
  const inherited = last?.tainted ? "untrusted" : "trusted";
  const pieces: Piece[] = [];
  const add = (
    kind: PieceKind,
    text: string,
    trust: Piece["trust"],
    sensitivity: Piece["sensitivity"] = "workspace",
  ) => {
    const body = storableText(text);
    if (body.trim() === "") return;
    pieces.push({ kind, hash: hashText(body), body, tokens: model.countTokens(body), trust, sensitivity });
  };
  add("prompt", PROMPT, "trusted");
  add("instruction", run.pinned.instruction, "trusted");
  const chosen = chooseMemories(memories, run.pinned.instruction);
  for (const { trust, sensitivity, text } of memoryTexts(chosen.told)) add("memory", text, trust, sensitivity);
  const slot = backfilledSlot(run.payload);
  if (slot !== null) add("payload", `A backfill: do it as it would have been done at ${slot}.`, "trusted");
  else if (run.payload !== null && !run.dry) {
    const { text, trust } = payloadText(run.payload, (said) => model.countTokens(said) <= budgetTokens / 2);
    add("payload", text, trust);
  }
  const notes = last?.verdict.notes ?? null;
  if (notes !== null) add("notes", notes, inherited);
  if (last && last.verdict.kind === "report") add("report", last.verdict.text, inherited);
  const inside = thread.every(({ outside }) => !outside);
  add(
    "thread",
    thread.map((message) => `${message.name}: ${message.text}`).join("\n"),
    inside ? "trusted" : "untrusted",
  );
  const left =
    chosen.left === 0
      ? []
      : [{ piece: MORE_MEMORIES, hash: "", tokens: 0, included: false, reason: `left out: ${leftWords(chosen)}` }];
  return { pieces, notes, left, tainted: pieces.some((piece) => piece.trust === "untrusted") };
}

const leftWords = ({ told, left }: ChosenMemories): string =>
  `${left} of ${told.length + left} memories, over what memories may take; recall finds them`;
