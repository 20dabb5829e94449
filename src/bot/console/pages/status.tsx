/** States and times as the pages show them. Pure. */
import { Instant } from "../instant.tsx";

const LOOKS: Readonly<Record<string, string>> = {
  active: "running",
  running: "running",
  started: "running",
  sending: "running",
  succeeded: "done",
  sent: "done",
  ran: "done",
  approved: "done",
  consumed: "done",
  failed: "failed",
  dead: "failed",
  denied: "failed",
  refused: "failed",
  undelivered: "failed",
  missed: "failed",
  unknown: "asks",
  waiting: "asks",
  pending: "asks",
  paused: "paused",
};

/** A status by its own name, coloured where that helps. */
export function Status({ status }: { readonly status: string }) {
  return <span class={`status status-${LOOKS[status] ?? "plain"}`}>{status.replaceAll("_", " ")}</span>;
}

/** An instant, or a dash. */
export function At({ iso }: { readonly iso: string | null }) {
  return iso === null ? <span class="none">–</span> : <Instant iso={iso} style="date_time" />;
}
