/** A wait: why a step or a run is not going on. Several may be open at once; the run goes on when none is. */
export const WAIT_KINDS = [
  "approval",
  "answer",
  "timer",
  "retry",
  "budget",
  "service",
  "unknown_effect",
  "stopped",
] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

export const WAIT_STATUSES = ["open", "closed"] as const;

/** `silence`: its due time came. What that means follows from the kind, see {@link SILENCE}. */
export const WAIT_OUTCOMES = ["yes", "no", "silence", "cancelled"] as const;
export type WaitOutcome = (typeof WAIT_OUTCOMES)[number];

/** What it means when nobody answers until the due time. */
export const SILENCE = {
  approval: "no",
  answer: "no",
  timer: "go_on",
  retry: "go_on",
  budget: "no",
  service: "go_on",
  unknown_effect: "keep_asking",
  stopped: "keep_asking",
} as const satisfies Record<WaitKind, "no" | "go_on" | "keep_asking">;

/** In a timer's detail: the run waits because its workflow asked to, not until a yes takes effect. */
export const ASKED_FOR = "asked";

/** The run waits because its workflow asked to. */
export const isAskedFor = ({
  kind,
  detail,
}: {
  readonly kind: WaitKind;
  readonly detail: Readonly<Record<string, unknown>>;
}): boolean => kind === "timer" && detail.why === ASKED_FOR;
