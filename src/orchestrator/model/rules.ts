/**
 * The model that needs no network and no key: it does what an instruction says by fixed rules.
 * A deterministic function of the request; everything it knows about the run so far it reads from the messages.
 */
import { z } from "zod";
import { FINISH, type Finish } from "../../tools/index.ts";
import type { Model, ModelMessage, ModelOutcome, ModelRequest, ToolCallRequest, ToolSpec } from "../ports.ts";
import { FREE } from "./prices.ts";
import { argumentsJson } from "./rules-arguments.ts";
import { type Plan, parseJson, planOf, type UseCall } from "./rules-instruction.ts";
import { type Finding, findingOf, finishOf, fitting, givenBack, isReminder, type UseOutcome } from "./rules-report.ts";
import { Page, readNotes, type States, writeNotes } from "./rules-watch.ts";
import { boundTokens } from "./tokens.ts";

const FETCH = "http_get";
const CALLS_A_TURN = 8;
const NO_USAGE = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

/** Costs nothing, sends nothing anywhere, and never throws. */
export function createRulesModel(): Model {
  return {
    name: "rules",
    trust: "local",
    service: null,
    price: FREE,
    countTokens: boundTokens,
    async respond(request, signal): Promise<ModelOutcome> {
      if (signal.aborted) {
        return { ok: false, failure: { code: "cancelled", message: "The run was cancelled." }, usage: NO_USAGE };
      }
      const toolCalls = nextCalls(request);
      return { ok: true, reply: { text: "", toolCalls, finish: "tool_calls", usage: NO_USAGE, model: "rules" } };
    },
  };
}

function nextCalls(request: ModelRequest): ToolCallRequest[] {
  const { instruction, notes } = request.task;
  const tools = new Map(request.tools.map((tool) => [tool.name, tool]));
  const plan = planOf(instruction, new Set(tools.keys()));
  const finish = (how: Finish) => [call(`finish_${request.messages.length}`, FINISH, how)];
  if (isReminder(plan)) return finish({ verdict: "report", text: fitting(instruction.trim()), notes: null });
  const missing = missingTools(plan, tools);
  if (missing.length > 0) return finish({ verdict: "blocked", text: fitting(noSuchTool(missing, tools)), notes });

  const results = resultsIn(request.messages);
  const mustFinish = typeof request.toolChoice === "object" && request.toolChoice.name === FINISH;
  const fetches = plan.urls.map((url, index) => ({ id: `fetch_${index}`, url }));
  const unread = fetches.filter(({ id }) => !results.has(id));
  if (unread.length > 0 && !mustFinish) return unread.map(({ id, url }) => call(id, FETCH, { url }));

  const known = readNotes(notes, plan.urls);
  const findings = fetches.map(({ id, url }) => found(url, results.get(id), plan, known));
  const mayUse = !plan.onChange || findings.some(({ kind }) => kind === "changed");
  const uses = mayUse ? useOutcomes(plan, tools, results, mustFinish) : { next: [], outcomes: [] };
  if (uses.next.length > 0) return uses.next;
  const how = finishOf(plan, findings, uses.outcomes);
  return finish(plan.onChange ? { ...how, notes: writeNotes(statesAfter(findings, known)) } : how);
}

const call = (id: string, name: string, args: object): ToolCallRequest => ({
  id,
  name,
  arguments: JSON.stringify(args),
});

function missingTools(plan: Plan, tools: ReadonlyMap<string, ToolSpec>): string[] {
  const wanted = [...(plan.urls.length > 0 ? [FETCH] : []), ...plan.uses.flat().map(({ tool }) => tool)];
  return [...new Set(wanted)].filter((name) => name === FINISH || !tools.has(name));
}

function noSuchTool(missing: readonly string[], tools: ReadonlyMap<string, ToolSpec>): string {
  const usable = [...tools.keys()].filter((name) => name !== FINISH);
  const names = missing.map((name) => `\`${name}\``).join(", ");
  return `There is no tool ${names} here. This workflow may use: ${usable.join(", ") || "none"}.`;
}

// ── what the tools said ──────────────────────────────────────────────────────────────────────────────────────────────

const Result = z.union([
  z.object({ ok: z.literal(true), output: z.unknown().optional() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string().optional(), message: z.string().optional() }) }),
]);
type Result = z.infer<typeof Result>;

/** By call id. A result that does not fit into the context any more is a failure to read it, and is said so. */
function resultsIn(messages: readonly ModelMessage[]): ReadonlyMap<string, Result> {
  return new Map(
    messages.flatMap((message) => {
      if (message.role !== "tool") return [];
      return [[message.callId, resultOf(parseJson(message.content))] as const];
    }),
  );
}

/** What the context assembler leaves of a result that is too long: its beginning. */
const Cut = z.object({ result: z.string() });

function resultOf(content: unknown): Result {
  const result = Result.safeParse(content);
  if (result.success) return result.data;
  const cut = Cut.safeParse(content);
  return cut.success && cut.data.result.startsWith('{"ok":true') ? { ok: true } : UNREADABLE;
}

const UNREADABLE: Result = { ok: false, error: { message: "its result is too long to be read here" } };

function found(url: string, result: Result | undefined, plan: Plan, known: States): Finding {
  if (!result) return findingOf(url, null, "there was no time left for it", plan, known);
  if (!result.ok)
    return findingOf(url, null, result.error.message ?? result.error.code ?? "no reason given", plan, known);
  const page = Page.safeParse(result.output);
  return page.success
    ? findingOf(url, page.data, "", plan, known)
    : findingOf(url, null, "its result is too long to be read here", plan, known);
}

/** What was seen now; of a page that could not be read, what was seen last. */
function statesAfter(findings: readonly Finding[], known: States): States {
  return new Map(
    findings.flatMap((finding) => {
      const state = finding.kind === "failed" ? known.get(finding.url) : finding.now;
      return state ? [[finding.url, state] as const] : [];
    }),
  );
}

// ── use ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A group goes out when the one before it has worked. @returns the calls to make now, or what became of all of them */
function useOutcomes(
  plan: Plan,
  tools: ReadonlyMap<string, ToolSpec>,
  results: ReadonlyMap<string, Result>,
  mustFinish: boolean,
): { next: ToolCallRequest[]; outcomes: UseOutcome[] } {
  const outcomes: UseOutcome[] = [];
  let stopped = mustFinish;
  for (const [group, uses] of plan.uses.entries()) {
    const called = uses.map((use, index) => ({ use, id: `use_${group}_${index}` }));
    const open = called.filter(({ id }) => !results.has(id));
    if (open.length > 0 && !stopped)
      return { next: open.slice(0, CALLS_A_TURN).map(({ id, use }) => toCall(id, use, tools)), outcomes: [] };
    outcomes.push(...called.map(({ id, use }) => outcomeOf(use, results.get(id))));
    stopped ||= outcomes.some(({ kind }) => kind !== "done");
  }
  return { next: [], outcomes };
}

const toCall = (id: string, { tool, args }: UseCall, tools: ReadonlyMap<string, ToolSpec>): ToolCallRequest => ({
  id,
  name: tool,
  arguments: argumentsJson(args, tools.get(tool)?.parameters ?? {}),
});

const DENIALS = new Set(["approval_denied", "approval_expired", "not_permitted"]);

function outcomeOf({ tool }: UseCall, result: Result | undefined): UseOutcome {
  if (!result) return { tool, kind: "left_out", detail: "", body: "" };
  if (!result.ok) {
    const { code = "", message } = result.error;
    const detail = message ?? (code || "no reason given");
    return { tool, kind: DENIALS.has(code) ? "denied" : "failed", detail, body: "" };
  }
  return { tool, kind: "done", ...givenBack(result.output) };
}
