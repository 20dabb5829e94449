/** What the engine is given. */
import type { Log } from "../../log.ts";
import type { ToolRegistry } from "../../tools/index.ts";
import type { WorkDeps } from "../db/work.ts";
import type { PolicyBook } from "../policy/book.ts";
import type { Ids, Model, Random, Secrets } from "../ports.ts";
import type { ClosedTimes } from "../schedules/closed-times.ts";
import type { Services } from "../services/service.ts";

export interface EngineDeps extends WorkDeps {
  readonly ids: Ids;
  readonly random: Random;
  readonly log: Log;
  readonly registry: ToolRegistry;
  readonly secrets: Secrets;
  readonly model: Model;
  readonly services: Services;
  /** What may be called, and who is asked. */
  readonly policy: PolicyBook;
  /** Version of Claw; part of a run's pins. */
  readonly version: string;
  readonly maxOutputTokens: number;
  /** What the opening, and the results of tools, may each take of a model call; tokens. */
  readonly contextTokens: number;
  /** Quiet hours and holidays, for what starts runs by itself; null or absent: no time is closed. */
  readonly closedTimes?: ClosedTimes | null;
  /** Ceiling of a workspace's day. */
  readonly dayCeilingMicros: number;
}
