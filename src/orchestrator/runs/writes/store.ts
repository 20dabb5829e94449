/** The ordinary writes of many runs in SQL, in one statement. */
import type { Transaction } from "../../db/client.ts";
import { prepared, rowsOf } from "../../db/prepared.ts";
import { storable } from "../../db/storable.ts";
import { ClawError } from "../../errors.ts";
import { platformOf } from "../../ids.ts";
import { heardAfter } from "../../schedules/heartbeat/heartbeat.ts";
import type { Step } from "../step.ts";
import type { Found } from "./found/store.ts";
import type { RunWrite } from "./write.ts";

/** Writes them all; each must have been found fit before, in the same transaction. @throws ClawError `bug` for a lost one */
export async function writeAll(tx: Transaction, writes: readonly RunWrite[], found: Found, now: number): Promise<void> {
  const moved = writes.flatMap(movedRows);
  const paid = writes.flatMap(({ pay, at }) =>
    pay ? [{ id: pay.reservation.id, actual: pay.actualMicros, at: at.toISOString() }] : [],
  );
  const [done] = await prepared<{ moved: number; paid: number }>(tx, WRITE, [
    rowsOf(paid),
    rowsOf(writes.flatMap(({ reserve }) => (reserve ? [reserve] : []))),
    rowsOf(writes.flatMap(addedRows)),
    rowsOf(moved),
    rowsOf(
      writes.flatMap(({ run, attempts }) => attempts.map((tried) => ({ ...tried, ...keyOf(run), epoch: run.epoch }))),
    ),
    rowsOf(runRows(writes, found, now)),
    rowsOf(writes.flatMap(({ end }) => (end ? [{ ...end.audit, detail: storable(end.audit.detail) }] : []))),
    rowsOf(saidRows(writes)),
    rowsOf(writes.flatMap((write) => heardRows(write, found))),
    rowsOf(pieceRows(writes)),
  ]);
  if (done?.moved !== moved.length || done.paid !== paid.length) {
    throw new ClawError(
      "bug",
      `wrote ${done?.moved} of ${moved.length} steps and ${done?.paid} of ${paid.length} costs`,
    );
  }
}

const keyOf = (run: RunWrite["run"]) => ({ runId: run.id, workspaceId: run.workspaceId });

const addedRows = ({ run, added }: RunWrite) => added.map((step) => ({ ...keyOf(run), ...rowOf(step) }));

const movedRows = ({ run, moved }: RunWrite) =>
  moved.map(({ from, to, usage }) => {
    const { manifest: _, input: __, ...row } = rowOf(to);
    return { ...keyOf(run), ...row, was: from, ...usage };
  });

const rowOf = (step: Step) =>
  step.kind === "model"
    ? { ...step, output: step.reply, reply: undefined, input: undefined, tainted: false }
    : { ...step, manifest: undefined };

interface RunRow {
  readonly cost: number;
  readonly tainted: boolean;
  readonly verdict: unknown;
  readonly at: Date | null;
  /** The lease is renewed up to then: what the write locks, nobody else can keep. */
  readonly until: Date | null;
}

/** One row a run, also when two of its calls are in the same flush. */
function runRows(writes: readonly RunWrite[], found: Found, now: number) {
  const rows = new Map<string, RunRow>();
  for (const { run, at, pay, tainted, end } of writes) {
    const row = rows.get(run.id) ?? { cost: 0, tainted: false, verdict: null, at: null, until: null };
    rows.set(run.id, {
      cost: row.cost + (pay?.actualMicros ?? 0),
      tainted: row.tainted || tainted,
      verdict: end?.verdict ?? row.verdict,
      at: end ? at : row.at,
      until: found.runs.get(run.id) ? new Date(now + run.leaseMs) : null,
    });
  }
  return [...rows]
    .filter(([, { cost, tainted, at, until }]) => cost > 0 || tainted || at !== null || until !== null)
    .map(([id, row]) => ({ id, ...row }));
}

/** What is said under one key twice is said once, as it was said last. */
function saidRows(writes: readonly RunWrite[]) {
  const rows = new Map<string, object>();
  for (const { at, said } of writes) {
    for (const each of said) {
      rows.set(`${each.workspaceId} ${each.key}`, { ...each, platform: platformOf(each.workspaceId), at });
    }
  }
  return [...rows.values()];
}

function heardRows({ run, at, end }: RunWrite, found: Found) {
  const workflow = end && found.workflows.get(run.workflowId);
  if (!workflow) return [];
  const heard = heardAfter(workflow, at, end.quiet);
  return heard ? [{ id: run.workflowId, said: heard.lastSaidAt ?? null, quiet: heard.quietChecks ?? null }] : [];
}

function pieceRows(writes: readonly RunWrite[]) {
  const rows = new Map<string, object>();
  for (const { run, at, pieces } of writes)
    for (const piece of pieces)
      rows.set(`${run.workspaceId} ${piece.hash}`, { ...piece, workspaceId: run.workspaceId, at });
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

const STEP = `"workspaceId" text, "runId" uuid, turn int, "callIndex" int, kind step_kind, status step_status, name text,
  "callId" text, input jsonb, "inputHash" text, output jsonb, failure jsonb, tainted boolean, "costMicros" bigint,
  manifest jsonb, attempts int, "startedAt" timestamptz, "endedAt" timestamptz`;

/**
 * Everything that the moves of many runs change. Its parts do not see what the others write, and none depends on that:
 * every row is written by one of them. `$1` payments, `$2` reservations, `$3` new steps, `$4` moved steps, `$5` attempts,
 * `$6` runs, `$7` audit events, `$8` what is said (as `announce` does), `$9` workflows that were heard of, `$10` texts.
 */
const WRITE = `
  with paid as (
    update ledger l set status = 'settled', settled_micros = p.actual, settled_at = p.at
    from json_to_recordset($1::json) as p(id uuid, actual bigint, at timestamptz)
    where l.id = p.id and l.status = 'reserved'
    returning l.workspace_id, l.run_id, l.day, l.reserved_micros, l.settled_micros),
  asked as (
    select * from json_to_recordset($2::json) as r(id uuid, "workspaceId" text, "workflowId" uuid, "runId" uuid, turn int,
      "callIndex" int, day date, model text, "amountMicros" bigint, "priceSource" text, at timestamptz)),
  reserved as (
    insert into ledger (id, workspace_id, workflow_id, run_id, turn, call_index, day, status, model, reserved_micros,
      price_source, created_at)
    select id, "workspaceId", "workflowId", "runId", turn, "callIndex", day, 'reserved', model, "amountMicros",
      "priceSource", at from asked),
  sums as (
    select workspace_id, scope, key, sum(reserved)::bigint as reserved, sum(spent)::bigint as spent from (
      select workspace_id, 'workspace_day'::budget_scope as scope, to_char(day, 'YYYY-MM-DD') as key,
        -reserved_micros as reserved, settled_micros as spent from paid
      union all select workspace_id, 'run', run_id::text, -reserved_micros, settled_micros from paid
      union all select "workspaceId", 'workspace_day', to_char(day, 'YYYY-MM-DD'), "amountMicros", 0 from asked
      union all select "workspaceId", 'run', "runId"::text, "amountMicros", 0 from asked) as parts
    where reserved <> 0 or spent <> 0
    group by workspace_id, scope, key),
  booked as (
    update budgets b set reserved_micros = b.reserved_micros + s.reserved, spent_micros = b.spent_micros + s.spent
    from sums s where b.workspace_id = s.workspace_id and b.scope = s.scope and b.key = s.key),
  added as (
    insert into steps (workspace_id, run_id, turn, call_index, kind, status, name, call_id, input, input_hash, output,
      failure, tainted, cost_micros, manifest, attempts, started_at, ended_at)
    select * from json_to_recordset($3::json) as s(${STEP})),
  moved as (
    update steps s set status = m.status, output = m.output, failure = m.failure, tainted = m.tainted,
      cost_micros = m."costMicros", attempts = m.attempts, started_at = m."startedAt", ended_at = m."endedAt",
      input_tokens = coalesce(m."inputTokens", s.input_tokens),
      cached_input_tokens = coalesce(m."cachedInputTokens", s.cached_input_tokens),
      output_tokens = coalesce(m."outputTokens", s.output_tokens)
    from json_to_recordset($4::json) as m(${STEP}, was step_status, "inputTokens" int, "cachedInputTokens" int,
      "outputTokens" int)
    where s.run_id = m."runId" and s.turn = m.turn and s.call_index = m."callIndex" and s.workspace_id = m."workspaceId"
      and s.status = m.was
    returning 1),
  tried as (
    insert into attempts (workspace_id, run_id, turn, call_index, number, epoch, outcome, failure, started_at, ended_at)
    select * from json_to_recordset($5::json) as a("workspaceId" text, "runId" uuid, turn int, "callIndex" int,
      number int, epoch int, outcome attempt_outcome, failure jsonb, "startedAt" timestamptz, "endedAt" timestamptz)
    on conflict (run_id, turn, call_index, number) do update
      set outcome = excluded.outcome, failure = excluded.failure, ended_at = excluded.ended_at),
  told as (
    update runs r set cost_micros = r.cost_micros + t.cost, tainted = r.tainted or t.tainted,
      status = case when t.at is null then r.status else 'succeeded' end,
      verdict = coalesce(t.verdict, r.verdict),
      failure = case when t.at is null then r.failure end,
      ended_at = coalesce(t.at, r.ended_at),
      active_ms = r.active_ms + coalesce(greatest(extract(epoch from t.at - r.claimed_at) * 1000, 0), 0)::bigint,
      lease_owner = case when t.at is null then r.lease_owner end,
      lease_until = case when t.at is null then coalesce(t.until, r.lease_until) end
    from json_to_recordset($6::json) as t(id uuid, cost bigint, tainted boolean, verdict jsonb, at timestamptz,
      until timestamptz)
    where r.id = t.id),
  audited as (
    insert into audit_events (workspace_id, at, actor, action, subject_kind, subject_id, workflow_id, run_id, detail)
    select "workspaceId", at, actor, action, subject->>'kind', subject->>'id', "workflowId", "runId", detail
    from json_to_recordset($7::json) as e("workspaceId" text, at timestamptz, actor text, action text, subject json,
      "workflowId" uuid, "runId" uuid, detail jsonb)),
  announced as (
    insert into deliveries as d (id, workspace_id, platform, key, workflow_id, run_id, channel_id, thread_id, awaits_home,
      notice, status, due_at, created_at)
    select s.id, s."workspaceId", s.platform, s.key, s."workflowId", s."runId", s."channelId",
      (select w.thread_id from workflows w where w.id = s."workflowId"), true, s.notice, 'pending', s.at, s.at
    from json_to_recordset($8::json) as s(id uuid, "workspaceId" text, platform platform, key text, "workflowId" uuid,
      "runId" uuid, "channelId" text, notice jsonb, at timestamptz)
    on conflict (workspace_id, key) do update set notice = excluded.notice, version = d.version + 1,
      status = case when d.status = 'sent' then 'pending' else d.status end,
      due_at = case when d.status = 'sent' then excluded.due_at else d.due_at end,
      attempts = case when d.status = 'sent' then 0 else d.attempts end
    where d.notice is distinct from excluded.notice),
  heard as (
    update workflows w set last_said_at = coalesce(h.said, w.last_said_at), quiet_checks = coalesce(h.quiet, w.quiet_checks)
    from json_to_recordset($9::json) as h(id uuid, said timestamptz, quiet int)
    where w.id = h.id),
  texts as (
    select * from json_to_recordset($10::json) as t("workspaceId" text, hash text, body text, tokens int,
      sensitivity sensitivity, trust piece_trust, at timestamptz)),
  kept as (
    insert into pieces (workspace_id, hash, body, tokens, sensitivity, trust, created_at, last_used_at)
    select "workspaceId", hash, body, tokens, sensitivity, trust, at, at from texts
    on conflict do nothing),
  used as (
    update pieces p set last_used_at = t.at from texts t
    where p.workspace_id = t."workspaceId" and p.hash = t.hash and p.last_used_at < t.at - interval '1 day')
  select (select count(*) from moved)::int as moved, (select count(*) from paid)::int as paid`;
