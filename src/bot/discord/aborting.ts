/** Waiting that a signal ends. */
import type { PostOutcome } from "../../orchestrator/index.ts";
import { untilAborted as untilAbortedOr } from "../chat/waiting.ts";
import { outcomeOf } from "./failures.ts";

const givenUp = (): Exclude<PostOutcome, { kind: "posted" }> => outcomeOf({ kind: "unclear", why: "given up" });

export const untilAborted = <T>(signal: AbortSignal, work: Promise<T>) => untilAbortedOr(signal, work, givenUp);
