/** Outside services: whether a call may be made now, and what it told. Shared by all workers through the database. */
import type { Log } from "../../log.ts";
import { appendAudit } from "../audit/store.ts";
import { inWork, type Work, type WorkDeps } from "../db/work.ts";
import { revise } from "../delivery/store.ts";
import { ClawError, type Failure } from "../errors.ts";
import type { WorkspaceId } from "../ports.ts";
import { type Breaker, type Heard, hear, hearing, isOutage, knock, nextTryAt, QUIET } from "./breaker.ts";
import { createGlances } from "./glance.ts";
import { limitOf, minuteOf, nextMinute, type ServiceLimits, type ServiceName, toolService } from "./service-name.ts";
import { countCall, freeWaits, moveBreaker, readBreaker, type ServiceKey, toldKeys, uncountCall } from "./store.ts";

export interface ServicesDeps extends WorkDeps {
  readonly log: Log;
  /** Calls a minute; a service that is not named has no limit. */
  readonly limits: ServiceLimits;
}

/** A call that is about to be made, or was. */
export interface ServiceCall {
  readonly workspaceId: WorkspaceId;
  /** Null: it goes to no outside service, so nothing is asked and nothing noted. */
  readonly service: ServiceName | null;
  /** The tool that is called, which may have a limit of its own, whatever its service. */
  readonly tool?: string;
}

/** The call may be made. */
export interface Admitted {
  readonly kind: "go";
  /** It is the one call that a half-open breaker lets through. */
  readonly probe: boolean;
  /** A call before it failed, so its success is worth noting. */
  readonly failing: boolean;
}

/** The call must wait; that costs no attempt. */
export interface PutOff {
  readonly kind: "wait";
  readonly service: ServiceName;
  readonly until: Date;
  /** `limit`: the minute has had as many calls as it may. */
  readonly why:
    | { readonly kind: "breaker"; readonly since: Date; readonly failure: Failure }
    | { readonly kind: "limit"; readonly perMinute: number };
}

/** A call failed because its service is down; the next one waits for it. */
export interface Outage {
  readonly service: ServiceName;
  readonly since: Date;
  readonly until: Date;
  readonly failure: Failure;
  /** The call was the probe: made for everybody, so it costs its run no attempt. */
  readonly probe: boolean;
}

export interface Services {
  /** Null when {@link admit} must be asked. At most one read a second for each service. */
  glance(call: ServiceCall): Promise<Admitted | null>;
  /**
   * Decides in the caller's work; who is put off must write its wait in that same work, so that no recovery is missed.
   * Counts the call when its service has a limit. Every admission is followed by {@link heard}.
   */
  admit(work: Work, call: ServiceCall): Promise<Admitted | PutOff>;
  /** The admitted call is not made after all. */
  giveBack(work: Work, call: ServiceCall, admitted: Admitted): Promise<void>;
  /**
   * What came of the call. Never rejects: a result must not be lost for it. No statement when all is well.
   * @param failure null when it went well
   * @returns not null when the service is down, so that the next attempt waits for it
   */
  heard(call: ServiceCall, admitted: Admitted, failure: Failure | null): Promise<Outage | null>;
  /** In the work that writes the wait for it. @returns null when the service is back by now */
  confirm(work: Work, workspaceId: WorkspaceId, outage: Outage): Promise<Outage | null>;
}

/** Said under this key in each workflow that waits, once an outage. */
export const outageKey = (service: ServiceName, since: Date, workflowId = ""): string =>
  `service:${service}:${since.toISOString()}:${workflowId}`;

const FREELY: Admitted = { kind: "go", probe: false, failing: false };
const MAX_TRIES = 20;

export function createServices(deps: ServicesDeps): Services {
  const glances = createGlances(deps.clock);

  /** One decision, again when somebody else was faster. @returns the breaker as it is afterwards */
  async function change(
    work: Work,
    key: ServiceKey,
    decide: (breaker: Breaker) => Breaker,
  ): Promise<[Breaker, Breaker]> {
    for (let tried = 0; tried < MAX_TRIES; tried++) {
      const stored = await readBreaker(work.tx, key, "update");
      const from = stored ?? QUIET;
      const to = decide(from);
      if (to === from || (await moveBreaker(work.tx, key, stored, to, work.now))) return [from, to];
    }
    throw new ClawError("conflict", `the breaker of ${key.service} changed under every decision`);
  }

  /** Null when the tool has none, or its service is named after it and is counted anyway. */
  function toolLimit(service: ServiceName | null, tool: string | undefined): ToolLimit | null {
    if (tool === undefined || service === toolService(tool)) return null;
    const perMinute = limitOf(deps.limits, toolService(tool));
    return perMinute === null ? null : { service: toolService(tool), perMinute };
  }

  async function note(work: Work, key: ServiceKey, heard: Heard, probe: boolean): Promise<Breaker> {
    const [from, to] = await change(work, key, (breaker) => hear(breaker, heard, { probe, now: work.now }));
    if (from.status === to.status) return to;
    const { workspaceId, service } = key;
    const since = to.openedAt ?? from.openedAt ?? work.now;
    const closed = to.status === "closed";
    if (closed) for (const at of await freeWaits(work.tx, key, work.now)) work.wake("runs.due", at.getTime());
    if (closed || from.status === "half_open")
      await tellTurn(work, key, since, closed ? null : nextTryAt(to, work.now));
    if (closed || from.status === "closed") {
      await appendAudit(work.tx, [
        {
          workspaceId,
          at: work.now,
          actor: "claw",
          action: closed ? "service.resumed" : "service.suspended",
          subject: { kind: "workspace", id: workspaceId },
          workflowId: null,
          runId: null,
          detail: { service, since: since.toISOString(), code: (to.failure ?? from.failure)?.code },
        },
      ]);
    }
    const fields = { workspaceId, service, from: from.status, to: to.status, opens: to.opens, code: to.failure?.code };
    deps.log.warn(fields, "breaker moved");
    return to;
  }

  return {
    async glance({ workspaceId, service, tool }) {
      if (toolLimit(service, tool) !== null) return null;
      if (service === null) return FREELY;
      if (limitOf(deps.limits, service) !== null) return null;
      const { closed, quiet } = await glances.of(deps.db, { workspaceId, service });
      return closed ? { ...FREELY, failing: !quiet } : null;
    },

    async admit(work, { workspaceId, service, tool }) {
      const ofTool = toolLimit(service, tool);
      if (service === null) {
        return ofTool === null || (await countTool(work, workspaceId, ofTool)) ? FREELY : toolFull(ofTool, work.now);
      }
      const key = { workspaceId, service };
      const perMinute = limitOf(deps.limits, service);
      const { closed, quiet } = await glances.of(work.tx, key);
      // Held until the work ends: a breaker that closes meanwhile finds the wait that is written now, and frees it.
      const breaker = closed ? null : await readBreaker(work.tx, key, "update");
      const gate = knock(breaker ?? QUIET, work.now);
      if (gate.kind === "wait") return down(key, breaker ?? QUIET, gate.until, work.now);
      if (perMinute !== null && !(await countCall(work.tx, key, minuteOf(work.now), perMinute))) {
        return { kind: "wait", service, until: nextMinute(work.now), why: { kind: "limit", perMinute } };
      }
      if (ofTool !== null && !(await countTool(work, workspaceId, ofTool))) {
        if (perMinute !== null) await uncountCall(work.tx, key, minuteOf(work.now));
        return toolFull(ofTool, work.now);
      }
      if (gate.kind === "probe") await moveBreaker(work.tx, key, breaker, gate.next, work.now);
      return { kind: "go", probe: gate.kind === "probe", failing: breaker ? breaker.failures > 0 : !quiet };
    },

    async giveBack(work, { workspaceId, service }, { probe }) {
      if (service !== null && probe) await note(work, { workspaceId, service }, null, true);
    },

    async heard({ workspaceId, service }, { probe, failing }, failure) {
      const heard = hearing(failure);
      if (service === null || (!probe && (heard === null || (heard.kind === "answered" && !failing)))) return null;
      const key = { workspaceId, service };
      try {
        const now = new Date(deps.clock.now());
        const breaker = await inWork(deps, (work) => note(work, key, heard, probe));
        if (heard?.kind !== "failed" || !isOutage(breaker, now)) return null;
        const since = breaker.openedAt ?? now;
        return { service, since, until: nextTryAt(breaker, now), failure: heard.failure, probe };
      } catch (error) {
        deps.log.warn({ workspaceId, service, err: error }, "what a call told of its service was not noted");
        return null;
      } finally {
        glances.forget(key);
      }
    },

    async confirm(work, workspaceId, outage) {
      const breaker = await readBreaker(work.tx, { workspaceId, service: outage.service }, "share");
      if (!breaker || !isOutage(breaker, work.now)) return null;
      return { ...outage, since: breaker.openedAt ?? outage.since, until: nextTryAt(breaker, work.now) };
    },
  };
}

interface ToolLimit {
  readonly service: ServiceName;
  readonly perMinute: number;
}

const countTool = (work: Work, workspaceId: WorkspaceId, { service, perMinute }: ToolLimit): Promise<boolean> =>
  countCall(work.tx, { workspaceId, service }, minuteOf(work.now), perMinute);

const toolFull = ({ service, perMinute }: ToolLimit, now: Date): PutOff => ({
  kind: "wait",
  service,
  until: nextMinute(now),
  why: { kind: "limit", perMinute },
});

const down = ({ service }: ServiceKey, breaker: Breaker, until: Date, now: Date): PutOff => ({
  kind: "wait",
  service,
  until,
  why: {
    kind: "breaker",
    since: breaker.openedAt ?? now,
    failure: breaker.failure ?? { code: "service_unavailable", message: "It did not answer." },
  },
});

/** The service is back, or its probe failed: what was said in each home says so. */
async function tellTurn(work: Work, key: ServiceKey, since: Date, next: Date | null): Promise<void> {
  for (const told of await toldKeys(work.tx, key.workspaceId, outageKey(key.service, since))) {
    await revise(work, key.workspaceId, told, (notice) =>
      notice.kind !== "serviceDown"
        ? null
        : next === null
          ? { ...notice, nextTryAt: null, backAt: work.now.toISOString() }
          : { ...notice, nextTryAt: next.toISOString() },
    );
  }
}
