/** What a run had changed in the world, in words, for whoever cancels, stops, retries or restarts it. */
import type { ToolContract, ToolRegistry } from "../../tools/index.ts";
import { assertNever, type Failure } from "../errors.ts";
import type { Step, ToolStep } from "./step.ts";

/** Failures after which nobody knows what happened; an answer that says no is an answer. */
export const asksPeople = (failure: Failure): boolean =>
  !["invalid_input", "not_found", "not_permitted", "bad_credentials", "rate_limited"].includes(failure.code);

/** A call that changed something, or may have. */
export interface Effect {
  readonly step: ToolStep;
  readonly contract: ToolContract;
  /** False: nobody heard whether it did. */
  readonly sure: boolean;
}

export function effectsIn(registry: Pick<ToolRegistry, "get">, journal: readonly Step[]): Effect[] {
  return journal.flatMap((step): Effect[] => {
    if (step.kind !== "tool") return [];
    const contract = registry.get(step.name);
    if (!contract || contract.effect === "read") return [];
    switch (step.status) {
      case "succeeded":
        return [{ step, contract, sure: true }];
      case "unknown":
      case "started":
        return [{ step, contract, sure: false }];
      case "refused":
        return [];
      // Tried before: it waits for its next try, or the model was told. Without a failure its worker was lost.
      case "ready":
      case "waiting":
      case "failed": {
        const { failure, attempts } = step;
        const not = attempts === 0 || (failure && (failure.mayHaveHappened === false || !asksPeople(failure)));
        return not ? [] : [{ step, contract, sure: false }];
      }
      default:
        return assertNever(step.status, "step status");
    }
  });
}

/** What a call does, as its approval said it. */
export const actionOf = ({ contract, step }: Pick<Effect, "contract" | "step">): string =>
  contract.preview?.(step.input).action ?? step.name;

export const happenedIn = (
  deps: { readonly registry: Pick<ToolRegistry, "get"> },
  journal: readonly Step[],
): string[] =>
  effectsIn(deps.registry, journal).map((effect) => `${effect.sure ? "" : "perhaps: "}${actionOf(effect)}`);
