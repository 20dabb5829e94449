/** What of a run's journal outsiders can write: which pieces and which outputs, in words for people. Pure. */
import type { ToolRegistry } from "../../tools/index.ts";
import type { ModelStep, Step } from "../runs/step.ts";
import type { ManifestEntry } from "../views.ts";

const PIECES: Readonly<Record<string, string>> = {
  notes: "the notes of the last run",
  report: "the last report",
  payload: "what started it",
  thread: "the thread",
  memory: "what it remembers",
};

/**
 * @param run `tainted` as its row says, which counts also when the journal does not say why; `pinned`: what it may call,
 *   and so what it is told of
 * @returns a few words a source, each once, in the order they were read; empty when there is none
 */
export function taintOf(
  run: { readonly tainted: boolean; readonly pinned?: { readonly tools: readonly string[] } },
  journal: readonly Step[],
  registry: Pick<ToolRegistry, "get">,
): string[] {
  const sources = new Set<string>();
  const opening = journal.find((step): step is ModelStep => step.kind === "model" && step.turn === 1);
  for (const entry of Array.isArray(opening?.manifest) ? (opening.manifest as ManifestEntry[]) : []) {
    if (entry.included && entry.trust === "untrusted") sources.add(PIECES[entry.piece] ?? entry.piece);
  }
  if (run.pinned?.tools.some((name) => registry.get(name)?.descriptionTrust === "untrusted")) {
    sources.add("what an MCP server says of its tools");
  }
  for (const step of journal) {
    if (step.kind !== "tool" || !step.tainted) continue;
    const place = registry.get(step.name)?.destination?.(step.input) ?? null;
    sources.add(place === null ? `what ${step.name} gave` : `${step.name} ${place}`);
  }
  if (sources.size === 0 && run.tainted) sources.add("read before");
  return [...sources];
}
