/** What runs do with memories, by their tools: they propose, see what they may be told, and take back their own. */
import { fail, type MemoryCall, type MemoryDeps, ok, type Recalled, type ToolResult } from "../../tools/index.ts";
import { inWork, isPassing, type WorkDeps } from "../db/work.ts";
import type { Ids, Model } from "../ports.ts";
import { auditMemory, keep } from "./keep.ts";
import { expiryOf, memoryFault, tidied, USUAL_DAYS } from "./memory.ts";
import { mayBeTold, ranked } from "./ranking.ts";
import { lockMemory, lockPlace, memoriesFor, memoryOfRun, removeMemory } from "./store.ts";

export interface RunMemoryDeps extends WorkDeps {
  readonly ids: Ids;
  /** Who reads what is recalled. */
  readonly model: Pick<Model, "trust">;
}

/** Memories that one call of `recall` gives. */
const MOST_RECALLED = 15;

export function createRunMemory(deps: RunMemoryDeps): MemoryDeps {
  return {
    remember: (call) =>
      away(() =>
        inWork(deps, async (work) => {
          const text = tidied(call.text);
          const fault = memoryFault(text);
          if (fault !== null) return fail("invalid_input", fault);
          const run = await memoryOfRun(work.tx, call.workspaceId, call.runId);
          if (!run || run.rehearsal) return fail("not_permitted", NOT_A_RUN);
          const kept = await keep(deps, work, {
            workspaceId: run.workspaceId,
            text,
            scope: "workflow",
            place: run.workflowId,
            ownerId: run.ownerId,
            sensitivity: "workspace",
            trust: call.tainted || run.tainted ? "untrusted" : "trusted",
            runId: run.id,
            expiresAt: expiryOf(work.now, call.days ?? USUAL_DAYS),
            key: `step:${call.idempotencyKey}`,
            by: "claw",
            workflowId: run.workflowId,
          });
          if (kept.kind === "full") {
            const own = kept.kept.filter(({ runId }) => runId !== null).slice(0, 5);
            const which = own.map(({ number, text: said }) => `${number} (${said.slice(0, 60)})`).join("; ");
            return fail(
              "too_large",
              `This workflow has ${kept.most} memories, the most there can be. ${own.length === 0 ? "People must forget one first." : `Forget one first; the oldest of its runs are ${which}.`}`,
            );
          }
          const { memory, isNew } = kept;
          return ok({ memory: memory.number, isNew, until: memory.expiresAt?.toISOString() ?? null });
        }),
      ),
    recall: (call) => away(() => recall(deps, call)),
    forget: (call) =>
      away(() =>
        inWork(deps, async (work) => {
          const run = await memoryOfRun(work.tx, call.workspaceId, call.runId);
          if (!run || run.rehearsal) return fail("not_permitted", NOT_A_RUN);
          await lockPlace(work.tx, run.workspaceId, run.workflowId);
          const memory = await lockMemory(work.tx, run.workspaceId, { number: call.memory }, work.now);
          const places: readonly string[] = [run.workflowId, run.channelId, run.workspaceId];
          // Of what it cannot see nothing is said: it is as if there were none.
          if (!memory || !places.includes(memory.place) || memory.sensitivity === "private") return GONE;
          if (memory.place !== run.workflowId || memory.runId === null) {
            return fail(
              "not_permitted",
              `No run of this workflow remembered memory ${call.memory}; only people forget it.`,
            );
          }
          await removeMemory(work.tx, memory);
          await auditMemory(work, memory, "memory.forgotten", "claw", run.workflowId, run.id);
          return GONE;
        }),
      ),
  };
}

const GONE = ok({ gone: true as const });
const NOT_A_RUN = "Nothing is remembered or forgotten in a rehearsal.";

async function recall(deps: RunMemoryDeps, call: MemoryCall & { about: string }): Promise<ToolResult<Recalled>> {
  const run = await memoryOfRun(deps.db, call.workspaceId, call.runId);
  if (!run) return fail("not_permitted", NOT_A_RUN);
  const all = (await memoriesFor(deps.db, [run], new Date(call.now))).get(run.id) ?? [];
  const open = all.filter((memory) => mayBeTold(memory, deps.model.trust));
  const found = ranked(open, call.about).slice(0, MOST_RECALLED);
  return ok({
    memories: found.map(({ memory: { number, text, scope, trust } }) => ({
      memory: number,
      text,
      of: scope,
      outside: trust === "untrusted",
    })),
    more: open.length - found.length,
    withheld: all.length - open.length,
  });
}

/** The database was away for a moment: the same call may go well later, and is done once. */
async function away<T>(does: () => Promise<ToolResult<T>>): Promise<ToolResult<T>> {
  try {
    return await does();
  } catch (error) {
    if (!isPassing(error)) throw error;
    return fail("service_unavailable", "What is remembered cannot be reached at the moment.");
  }
}
