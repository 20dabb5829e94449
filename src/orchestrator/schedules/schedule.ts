/** When a workflow is due. Pure: the next slots are a function of (schedule, instant). */
import { z } from "zod";

const Zone = z.string().min(1);
const Instant = z.iso.datetime({ offset: true });

/**
 * A schedule as it is stored.
 * Instants and starts are whole seconds.
 * `calendar`: an RFC 5545 RRULE (without DTSTART) evaluated on wall-clock time from `start` (`YYYY-MM-DDTHH:MM:SS`, no
 * offset), each result placed in `zone`: a time the clock change removes runs right after the gap, a doubled one runs
 * once, the first. A rule that does not depend on its start has `2020-01-01T00:00:00`, so that the same words are the
 * same schedule on every day. `cron`: five fields, in `zone`, same rule. `interval`: elapsed seconds from the instant `anchor`.
 * `once`: a single instant. `from` and `until` bound a cron or interval schedule (instants); null means open.
 */
export const Schedule = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("calendar"), rrule: z.string().min(1), start: z.string(), zone: Zone }),
  z.object({
    kind: z.literal("cron"),
    expression: z.string(),
    zone: Zone,
    from: Instant.nullable(),
    until: Instant.nullable(),
  }),
  z.object({
    kind: z.literal("interval"),
    everySeconds: z.number().int().positive(),
    anchor: Instant,
    zone: Zone,
    until: Instant.nullable(),
  }),
  z.object({ kind: z.literal("once"), at: Instant, zone: Zone }),
]);
export type Schedule = z.infer<typeof Schedule>;
