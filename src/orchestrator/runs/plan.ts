/** From the calls a model asked for to steps: valid or not, ready or waiting for a yes. */
import { FINISH, type Finish, type ToolContract, validateInput } from "../../tools/index.ts";
import { askForApproval, type CallToAsk } from "../approvals/ask.ts";
import type { Transaction } from "../db/client.ts";
import { storable, storableText } from "../db/storable.ts";
import type { Work } from "../db/work.ts";
import type { Failure } from "../errors.ts";
import { coverOf } from "../grants/use.ts";
import { canonicalHash } from "../ids.ts";
import { callsOf, decideStep, policyOf, unasked } from "../policy/gate.ts";
import type { Decision, Policy } from "../policy/policy.ts";
import type { ToolCallRequest } from "../ports.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { insertSteps, loadJournal, type NewStep } from "./journal/store.ts";
import { callable } from "./model-request.ts";
import type { Step, ToolStep } from "./step.ts";
import type { HeldRun } from "./store.ts";

/** Calls of one turn beyond that are refused; the model may make them in the next. */
const MAX_CALLS_A_TURN = 16;

/** The hash an approval is bound to: the tool and its exact input. */
export const callHash = (tool: string, input: unknown): string => canonicalHash({ tool, input });

type Planned =
  | {
      readonly kind: "ready";
      readonly contract: ToolContract;
      readonly input: unknown;
      /** {@link callHash} of it. */
      readonly hash: string;
      /** Null: it may run, or a grant covers it. */
      readonly ask: Extract<Decision, { kind: "ask" }> | null;
    }
  /** `hash`: of a call that people said no to before. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly hash?: string };

/** What becomes of a turn's calls. */
export interface PlannedTurn {
  readonly steps: readonly NewStep[];
  /** Those of them that a person must allow. */
  readonly asks: readonly CallToAsk[];
  /** The arguments of `finish` when it was called rightly: alone. */
  readonly finish: Finish | null;
}

/**
 * Decides about the turn's calls; writes nothing.
 * @param tx where the policy is read; null: as it was a moment ago
 */
export async function planTurn(
  deps: EngineDeps,
  run: HeldRun,
  journal: readonly Step[],
  turn: number,
  calls: readonly ToolCallRequest[],
  now: Date,
  tx: Transaction | null = null,
): Promise<PlannedTurn> {
  const policy = await policyOf(deps, run, tx);
  const planned = await Promise.all(
    calls.map(async (call, at) => {
      const index = at + 1;
      const same = calls.slice(0, at).filter(({ name }) => name === call.name).length;
      const callsBefore = callsOf(journal, call.name, { turn, callIndex: 0 }) + same;
      const plan = planOne(deps, policy, run, journal, call, { calls: calls.length, index: at, callsBefore });
      return { call, index, plan: await granted(deps, tx, run, journal, plan, now) };
    }),
  );
  const lone = planned.length === 1 ? planned[0] : undefined;
  const finish =
    lone?.call.name === FINISH && lone.plan.kind === "ready"
      ? await finished(lone.plan.contract, lone.plan.input)
      : null;
  const steps = planned.map(({ call, index, plan }) => ({
    ...stepOf(turn, index, call, plan, now),
    ...(finish ? done(finish, now) : {}),
  }));
  const asks = planned.flatMap(({ index, plan }) => {
    if (plan.kind !== "ready" || plan.ask === null) return [];
    const { contract, input, hash, ask } = plan;
    const step = { turn, callIndex: index };
    const position = journal.length + index;
    const { reasons, terms, grantable } = ask;
    return [{ step, position, contract, input, hash, reasons, terms, grantable }];
  });
  return { steps, asks, finish };
}

/**
 * Journals the turn's calls.
 * @returns the arguments of `finish` when it was called rightly: alone
 */
export async function planCalls(
  deps: EngineDeps,
  work: Work,
  run: HeldRun,
  turn: number,
  calls: readonly ToolCallRequest[],
): Promise<Finish | null> {
  if (calls.length === 0) return null;
  const planned = await planTurn(deps, run, await loadJournal(work.tx, run), turn, calls, work.now, work.tx);
  await insertSteps(work.tx, run, planned.steps);
  for (const ask of planned.asks) await askForApproval(deps, work, run, ask);
  return planned.finish;
}

/** A call that a grant covers asks nobody; whether it still does is looked at again when it is made. */
async function granted(
  deps: EngineDeps,
  tx: Transaction | null,
  run: HeldRun,
  journal: readonly Step[],
  plan: Planned,
  now: Date,
): Promise<Planned> {
  if (plan.kind !== "ready" || plan.ask === null || run.replayOf !== null) return plan;
  const { contract, input, ask } = plan;
  const tainted = run.tainted || journal.some((step) => step.kind === "tool" && step.tainted);
  const { grant, nearly } = await coverOf(deps, tx ?? deps.db, run, { contract, input, tainted, decision: ask }, now);
  return { ...plan, ask: grant ? null : { ...ask, reasons: [...ask.reasons, ...nearly] } };
}

function planOne(
  deps: EngineDeps,
  policy: Policy,
  run: HeldRun,
  journal: readonly Step[],
  call: ToolCallRequest,
  { calls, index, callsBefore }: { readonly calls: number; readonly index: number; readonly callsBefore: number },
): Planned {
  const names = callable(deps, run);
  const contract = names.includes(call.name) ? deps.registry.get(call.name) : null;
  if (!contract) {
    return failed(
      "unknown_tool",
      `There is no tool "${call.name.slice(0, 80)}" here. You may call: ${names.join(", ")}.`,
    );
  }
  if (index >= MAX_CALLS_A_TURN)
    return failed("too_large", `At most ${MAX_CALLS_A_TURN} calls a turn; make this one in the next.`);
  if (call.name === FINISH && calls > 1)
    return failed("not_alone", "Call finish alone, after you have seen the other results.");
  const valid = validateInput(contract, call.arguments);
  if (!valid.ok) return { kind: "failed", failure: valid.error };
  // As it will be kept: that is what is hashed, shown, allowed and executed.
  const input = storable(valid.value);
  if (call.name === FINISH && asksInVain(input as Finish, run)) {
    return failed(
      "invalid_input",
      "Nobody answers a report. Say what you know, or finish as blocked with what is missing.",
    );
  }
  const hash = callHash(call.name, input);
  const refused = journal.some((step) => step.kind === "tool" && step.inputHash === hash && saidNo(step));
  if (refused) {
    const message = "This exact call was refused before in this run. Do something else, or finish.";
    return { ...failed("approval_denied", message), hash };
  }
  if (call.name === FINISH) return { kind: "ready", contract, input, hash, ask: null };
  const decision = unasked(run, decideStep(deps, policy, run, journal, { contract, input, callsBefore }));
  if (decision.kind === "refuse") return failed("not_permitted", decision.why);
  return { kind: "ready", contract, input, hash, ask: decision.kind === "ask" ? decision : null };
}

/** People or silence said no. What was refused because something changed may be asked for again. */
export const saidNo = ({ status, failure }: ToolStep): boolean =>
  status === "refused" && (failure?.code === "approval_denied" || failure?.code === "approval_expired");

/** A report that ends in a question is no success; a reminder that the rules model repeats may be one. */
const asksInVain = (finish: Finish, run: HeldRun): boolean =>
  run.pins.model !== "rules" && finish.verdict === "report" && /\?\W*$/.test(finish.text);

const failed = (code: Failure["code"], message: string): Extract<Planned, { kind: "failed" }> => ({
  kind: "failed",
  failure: { code, message: storableText(message) },
});

async function finished(contract: ToolContract, input: unknown): Promise<Finish | null> {
  const result = await contract.execute(input, NOTHING);
  return result.ok ? (result.value as Finish) : null;
}

/** `finish` touches nothing, so it is given nothing. */
const NOTHING: Parameters<ToolContract["execute"]>[1] = {
  signal: new AbortController().signal,
  idempotencyKey: "",
  now: () => 0,
  home: { workspaceId: "", channelId: "", threadId: null },
  secret: async () => null,
};

function stepOf(turn: number, callIndex: number, call: ToolCallRequest, plan: Planned, now: Date): NewStep {
  const base = { turn, callIndex, kind: "tool" as const, name: storableText(call.name.slice(0, 80)), callId: call.id };
  if (plan.kind === "failed") {
    const input = { raw: storableText(call.arguments.slice(0, 2_000)) };
    return {
      ...base,
      status: "failed",
      input,
      inputHash: plan.hash ?? "",
      failure: plan.failure,
      startedAt: now,
      endedAt: now,
    };
  }
  const status = plan.ask === null ? "ready" : "waiting";
  return { ...base, status, input: plan.input, inputHash: plan.hash };
}

const done = (output: Finish, now: Date): Partial<NewStep> => ({
  status: "succeeded",
  output,
  attempts: 1,
  startedAt: now,
  endedAt: now,
});
