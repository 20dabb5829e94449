/** Gathers what may open a run's conversation. */
import { createHash } from "node:crypto";
import type { Database } from "../db/client.ts";
import { storableText } from "../db/storable.ts";
import type { Model } from "../ports.ts";
import { type HeldRun, lastVerdict } from "../runs/store.ts";
import { backfilledSlot } from "../schedules/backfill/backfill.ts";
import { type Piece, type PieceKind, PROMPT } from "./context.ts";
import { threadTail } from "./store.ts";

export const hashText = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface Opening {
  readonly pieces: readonly Piece[];
  /** What the last run asked to be kept, or null. */
  readonly notes: string | null;
  /** A piece that will be said carries text that outsiders can write. */
  readonly tainted: boolean;
}

/** Messages of the thread that a run is shown at most. */
const THREAD_MESSAGES = 50;

export async function gatherOpening(db: Database, run: HeldRun, model: Pick<Model, "countTokens">): Promise<Opening> {
  const last = await lastVerdict(db, run);
  const thread = await threadTail(db, {
    workspaceId: run.workspaceId,
    workflowId: run.workflowId,
    // Since it began: what was written while it ran, or waited for days, it has not seen.
    since: last?.startedAt ?? new Date(0),
    limit: THREAD_MESSAGES,
  });
  const inherited = last?.tainted ? "untrusted" : "trusted";
  const pieces: Piece[] = [];
  const add = (kind: PieceKind, text: string, trust: Piece["trust"]) => {
    const body = storableText(text);
    if (body.trim() === "") return;
    pieces.push({ kind, hash: hashText(body), body, tokens: model.countTokens(body), trust, sensitivity: "workspace" });
  };
  add("prompt", PROMPT, "trusted");
  add("instruction", run.pinned.instruction, "trusted");
  const slot = backfilledSlot(run.payload);
  if (slot !== null) add("payload", `A backfill: do it as it would have been done at ${slot}.`, "trusted");
  else if (run.payload !== null) add("payload", JSON.stringify(run.payload), "untrusted");
  const notes = last?.verdict.notes ?? null;
  if (notes !== null) add("notes", notes, inherited);
  if (last && last.verdict.kind === "report") add("report", last.verdict.text, inherited);
  add("thread", thread.map((message) => `${message.name}: ${message.text}`).join("\n"), "trusted");
  return { pieces, notes, tainted: pieces.some((piece) => piece.trust === "untrusted") };
}
