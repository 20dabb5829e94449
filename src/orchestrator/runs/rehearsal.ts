/** The seam of the engine: runs that change nothing, and are told to nobody but who asked for them. */
import type { ToolContract } from "../../tools/index.ts";
import type { Refusal } from "../budget/budget.ts";
import type { Work } from "../db/work.ts";
import { tellDryRan } from "../dry-run/ended.ts";
import { dryRegistry } from "../dry-run/registry.ts";
import { decideStep, policyOf } from "../policy/gate.ts";
import { tellReplayed } from "../replay/ended.ts";
import { replaying } from "../replay/replaying.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { RunOver } from "./interruption.ts";
import type { Step } from "./step.ts";
import type { HeldRun } from "./store.ts";

/** What a rehearsal makes one move with: tools that can change nothing. @param journal its own */
export async function rehearsing(deps: EngineDeps, run: HeldRun, journal: readonly Step[]): Promise<EngineDeps> {
  if (!run.dry) return replaying(deps, run, journal);
  const policy = await policyOf(deps, run, null);
  const asks = (contract: ToolContract, input: unknown): boolean =>
    decideStep(deps, policy, run, journal, { contract, input, callsBefore: 0 }).kind !== "run";
  return { ...deps, registry: dryRegistry(deps.registry, asks) };
}

/** Called once, in the work that ends the rehearsal, after its status was set. */
export const tellRehearsed = (deps: Pick<EngineDeps, "ids" | "registry">, work: Work, run: HeldRun): Promise<void> =>
  run.dry ? tellDryRan(deps, work, run) : tellReplayed(deps, work, run);

/** A rehearsal asks nobody for money: at a ceiling it is over. */
export const overCeiling = (run: HeldRun, refusal: Refusal): RunOver =>
  new RunOver("failed", {
    code: "over_budget",
    message: `The ${run.dry ? "dry run" : "replay"} reached ${refusal.scope === "run" ? "the ceiling of a run" : "the workspace's ceiling for the day"}.`,
  });
