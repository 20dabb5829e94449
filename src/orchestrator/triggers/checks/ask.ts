/** Asks a gate: a page is looked at, or a reading tool is called; no model, and nothing is written. */
import {
  findByPath,
  invokeTool,
  type LookAtPage,
  type PageSeen,
  type ToolContext,
  type ToolContract,
} from "../../../tools/index.ts";
import { classOf, type Failure } from "../../errors.ts";
import { canonicalJson } from "../../ids.ts";
import type { EngineDeps } from "../../runs/engine-deps.ts";
import type { Workflow } from "../../workflows/workflow.ts";
import { judge } from "../condition.ts";
import { type Gate, pageOf, READS_PAGES } from "../trigger.ts";

export interface AskDeps extends Pick<EngineDeps, "registry" | "secrets" | "clock" | "log"> {
  readonly lookAtPage: LookAtPage;
}

type Asking = Pick<Workflow, "id" | "name" | "ownerId" | "workspaceId" | "channelId" | "threadId">;

export type Answer =
  /** `payload`: what the run is told of it; null: nothing. */
  | { readonly kind: "yes"; readonly seen: unknown; readonly payload: unknown }
  | { readonly kind: "no"; readonly reason: string; readonly seen: unknown }
  /** `again`: it may answer in a moment. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly again: boolean };

/** What a run is told when a page it watches has changed. */
export interface ChangePayload {
  readonly kind: "change";
  readonly url: string;
  /** Readable text, cut. */
  readonly before: string;
  readonly now: string;
}

/** Characters of a page that are kept to compare with and told to a run. */
const MOST_TEXT = 8_000;

/** A gate's call as its tool takes it. */
export interface GateCall {
  readonly contract: ToolContract;
  readonly input: unknown;
}

/**
 * @param before what was seen at the last look; undefined: there was none
 * @param key the same for every attempt
 */
export async function askGate(
  deps: AskDeps,
  workflow: Asking,
  gate: Gate,
  call: GateCall,
  before: unknown,
  key: string,
  signal: AbortSignal,
): Promise<Answer> {
  const url = pageOf(gate);
  const secret = (name: string) => deps.secrets.get(workflow.workspaceId, name);
  return url === null
    ? askTool(deps, workflow, gate, call, before, { signal, secret, idempotencyKey: key })
    : askPage(deps, url, before, { signal, secret });
}

async function askPage(
  { lookAtPage }: AskDeps,
  url: string,
  before: unknown,
  ctx: Pick<ToolContext, "signal" | "secret">,
): Promise<Answer> {
  const known = before === undefined ? null : (before as PageSeen);
  const looked = await lookAtPage(url, known, ctx);
  if (!looked.ok) return failed(looked.error);
  const same = { kind: "no", reason: "the page has not changed" } as const;
  if (looked.value.kind === "same") return { ...same, seen: known };
  const page = { ...looked.value.page, text: looked.value.page.text.slice(0, MOST_TEXT) };
  if (!known) return { kind: "no", reason: "first look: noted how the page is", seen: page };
  if (known.hash === page.hash) return { ...same, seen: page };
  const payload: ChangePayload = { kind: "change", url, before: known.text, now: page.text };
  return { kind: "yes", seen: page, payload };
}

async function askTool(
  deps: AskDeps,
  { id, name, ownerId, workspaceId, channelId, threadId }: Asking,
  gate: Gate,
  { contract, input }: GateCall,
  before: unknown,
  ctx: Pick<ToolContext, "signal" | "secret" | "idempotencyKey">,
): Promise<Answer> {
  const result = await invokeTool(contract, input, {
    ...ctx,
    now: () => deps.clock.now(),
    home: { workspaceId, channelId, threadId },
    actsFor: { memberId: ownerId, workflowId: id, workflow: name, runId: null, tainted: false },
    onBug: (tool, cause) => deps.log.error({ tool, err: cause }, "tool failed in a condition"),
  });
  if (!result.ok) return failed(result.error);
  const trouble = contract.trouble?.(result.value) ?? null;
  if (trouble !== null) return failed({ code: "service_unavailable", message: trouble });
  const looked = lookedAt(gate, result.value);
  if ("code" in looked) return failed(looked);
  const verdict = judge(gate.condition, looked.found, canonicalJson, before);
  return verdict.kind === "yes" ? { kind: "yes", seen: verdict.seen, payload: null } : verdict;
}

/** The part of an answer that the condition is about: of a page its text, or the JSON that it is. */
function lookedAt(gate: Gate, output: unknown): { readonly found: readonly unknown[] } | Failure {
  const isPage = gate.tool === READS_PAGES && typeof output === "object" && output !== null && "text" in output;
  const text = isPage ? String(output.text) : null;
  if (gate.path === null) return { found: [text ?? output] };
  let value = output;
  if (text !== null) {
    try {
      value = JSON.parse(text);
    } catch {
      return {
        code: "invalid_output",
        message: `what ${String(gate.input.url)} answers is no JSON, so it has no ${gate.path}`,
      };
    }
  }
  const found = findByPath(gate.path, value);
  return found.ok ? { found: found.value } : found.error;
}

function failed(failure: Failure): Extract<Answer, { kind: "failed" }> {
  const again = ["transient", "limited"].includes(classOf(failure.code));
  return { kind: "failed", failure: { code: failure.code, message: failure.message }, again };
}
