/** Says once a day that a quiet workflow still checks, so that silence differs from failure. */
import { inWork, type WorkDeps } from "../../db/work.ts";
import { announce } from "../../delivery/store.ts";
import { workspaceZones } from "../../members/store.ts";
import type { Ids } from "../../ports.ts";
import { findDefined } from "../../workflows/store.ts";
import { type ClosedTimes, closedReason } from "../closed-times.ts";
import { nextRun } from "../next-run.ts";
import { QUIET_MS } from "./heartbeat.ts";
import { endSilence, type QuietWorkflow, quietPage } from "./store.ts";

/** Workflows looked at in one go. */
const PAGE = 500;
/** Pause between one round over all workflows and the next; milliseconds. */
const REST_MS = 60_000;

export interface HeartbeatDeps extends WorkDeps {
  readonly ids: Ids;
  readonly closedTimes: ClosedTimes | null;
}

export interface Heartbeats {
  /** Looks at one page of workflows; a second process that looks at the same time does no harm. */
  look(): Promise<void>;
}

export function createHeartbeats(deps: HeartbeatDeps): Heartbeats {
  const state: { after: string | null; restUntil: number } = { after: null, restUntil: 0 };
  return {
    async look() {
      const now = deps.clock.now();
      if (now < state.restUntil) return;
      const before = new Date(now - QUIET_MS);
      const page = await quietPage(deps.db, { before, after: state.after, limit: PAGE });
      const whole = page.seen < PAGE;
      state.after = whole ? null : page.last;
      if (whole) state.restUntil = now + REST_MS;
      const zones = await workspaceZones(deps.db, [...new Set(page.quiet.map(({ workspaceId }) => workspaceId))]);
      const awake = leaveOutClosed(deps, page.quiet, zones, new Date(now));
      for (const workflow of awake) await beat(deps, workflow, zones.get(workflow.workspaceId) ?? "UTC");
    },
  };
}

/** A sign of life waits for the morning; it comes with a later round. */
function leaveOutClosed(
  deps: HeartbeatDeps,
  quiet: readonly QuietWorkflow[],
  zones: ReadonlyMap<string, string>,
  now: Date,
): readonly QuietWorkflow[] {
  const { closedTimes } = deps;
  if (!closedTimes) return quiet;
  return quiet.filter(({ workspaceId }) => closedReason(now, closedTimes, zones.get(workspaceId) ?? "UTC") === null);
}

const beat = (deps: HeartbeatDeps, workflow: QuietWorkflow, zone: string): Promise<void> =>
  inWork(deps, async (work) => {
    const before = new Date(work.now.getTime() - QUIET_MS);
    const silence = await endSilence(work.tx, workflow, { before, now: work.now });
    if (!silence) return;
    const defined = await findDefined(work.tx, workflow.workspaceId, { id: workflow.id });
    const { closedTimes } = deps;
    const nextAt = defined ? nextRun(defined.workflow, defined.revision, { closedTimes, zone }) : silence.nextAt;
    await announce(work, {
      id: deps.ids.next(),
      workspaceId: workflow.workspaceId,
      key: `heartbeat:${workflow.id}:${silence.since.toISOString()}`,
      channelId: silence.channelId,
      place: { kind: "home" },
      workflowId: workflow.id,
      runId: null,
      privateTo: null,
      notice: {
        kind: "heartbeat",
        workflow: { workflowId: workflow.id, name: silence.name },
        checks: silence.checks,
        since: silence.since.toISOString(),
        nextAt: nextAt?.toISOString() ?? null,
      },
    });
  });
