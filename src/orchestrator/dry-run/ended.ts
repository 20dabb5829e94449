/** A dry run has ended: its asker, and nobody else, is told what it read and what it would have done. */
import { FINISH, type ToolRegistry } from "../../tools/index.ts";
import { placesIn, reasonsToAsk } from "../approvals/reasons.ts";
import type { Work } from "../db/work.ts";
import { announce } from "../delivery/store.ts";
import type { DryCall, DryRead } from "../event-parts.ts";
import { taintOf } from "../policy/taint.ts";
import type { EngineDeps } from "../runs/engine-deps.ts";
import { loadJournal } from "../runs/journal/store.ts";
import { figuresOf } from "../runs/progress.ts";
import type { Step, ToolStep } from "../runs/step.ts";
import { type HeldRun, refOf } from "../runs/store.ts";
import { DryRunRequest } from "./dry-run.ts";
import { isNotMade, realRegistry } from "./registry.ts";
import { endingOf } from "./store.ts";

/** What a message shows at most; the rest is counted, and *Inspect* shows it. */
const CALLS_SHOWN = 10;
const DIFF_SHOWN = 30;
const INPUT_SHOWN = 800;

/** The message that tells it. */
export const dryRanKey = (runId: string): string => `dry:${runId}`;

/** Called once, in the work that ends the dry run, after its status was set. */
export async function tellDryRan(deps: Pick<EngineDeps, "ids" | "registry">, work: Work, run: HeldRun): Promise<void> {
  const { asked, channelId, threadId, memberId } = DryRunRequest.parse(run.payload);
  const journal = await loadJournal(work.tx, run);
  const { status, verdict, failure, draft } = await endingOf(work.tx, run);
  const made = callsOf(realRegistry(deps.registry), run, journal);
  await announce(work, {
    id: deps.ids.next(),
    workspaceId: run.workspaceId,
    key: dryRanKey(run.id),
    channelId,
    place: threadId === null ? { kind: "channel" } : { kind: "thread", threadId },
    workflowId: run.workflowId,
    runId: run.id,
    privateTo: memberId,
    notice: {
      kind: "dryRan",
      run: refOf(run),
      asked,
      draft,
      status,
      verdict: verdict && { kind: verdict.kind, text: verdict.text },
      failure,
      figures: figuresOf(run, journal, work.now),
      model: run.pins.model,
      reads: made.reads.slice(0, CALLS_SHOWN),
      moreReads: Math.max(made.reads.length - CALLS_SHOWN, 0),
      would: made.would.slice(0, CALLS_SHOWN),
      moreWould: Math.max(made.would.length - CALLS_SHOWN, 0),
    },
  });
}

/** By the real contracts: what each call was, and why a real run would have asked. */
function callsOf(
  registry: ToolRegistry,
  run: HeldRun,
  journal: readonly Step[],
): { readonly reads: readonly DryRead[]; readonly would: readonly DryCall[] } {
  const calls = journal.filter(
    (step): step is ToolStep => step.kind === "tool" && step.name !== FINISH && step.inputHash !== "",
  );
  const reads: DryRead[] = [];
  const would: DryCall[] = [];
  const allowedPlaces = placesIn(run.pinned.instruction);
  // What it was told when it began may have come from outside, too.
  const read = taintOf({ tainted: run.tainted && !calls.some((call) => call.tainted) }, [], registry);
  for (const call of calls) {
    const { name, input, output, failure } = call;
    const contract = registry.get(name);
    const exactly = shortened(JSON.stringify(input) ?? "");
    // What a real run would have waited for it did not.
    const unwaited = contract?.waitFor !== undefined && failure === null;
    if (!isNotMade(output) && !unwaited) {
      const target = contract?.destination?.(input) ?? null;
      reads.push({ tool: name, target, exactly, failure: failure?.message ?? null });
    } else {
      const preview = contract?.preview?.(input, run.pinned.tools);
      const reasons = contract
        ? reasonsToAsk({ contract, input, taint: read, isOpen: (place) => allowedPlaces.has(place) })
        : [];
      const diff = preview?.diff ?? [];
      would.push({
        tool: name,
        effect: contract?.effect ?? "destructive",
        action: preview?.action ?? `call ${name}`,
        target: preview?.target ?? contract?.destination?.(input) ?? null,
        reasons,
        exactly,
        diff: diff.slice(0, DIFF_SHOWN),
        moreDiff: Math.max(diff.length - DIFF_SHOWN, 0),
        ...(unwaited && !isNotMade(output) ? { waits: true } : {}),
      });
    }
    if (call.tainted)
      read.push(...taintOf({ tainted: false }, [call], registry).filter((each) => !read.includes(each)));
  }
  return { reads, would };
}

const shortened = (text: string): string => (text.length > INPUT_SHOWN ? `${text.slice(0, INPUT_SHOWN)}…` : text);
