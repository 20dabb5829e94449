/**
 * Modals that say what becomes of a press: opened at once, while its trigger lives, and filled by whichever process has the
 * answer. The same answers come as messages, so a modal that was closed, or never opened, loses nothing.
 */
import type { Notice } from "../../orchestrator/index.ts";
import type { Card } from "../cards/card.ts";
import { pause } from "../chat/waiting.ts";
import type { SlackDeps } from "./deps.ts";
import { cardModal, sayingModal } from "./views-modal.ts";
import type { Web } from "./web.ts";

/** Keys of the events whose answers are shown in a modal too. */
export const DRY_RUN_KEY = "dry-run:";

const TITLE = "Dry run";
const UNDER_WAY =
  "It runs now: it reads, and changes nothing. What comes of it stands here as soon as it is there, and in a message that only you see, so you may close this.";
/** A modal that an answer overtook is there by then; milliseconds after the answer. */
const AGAIN_MS = [0, 1_000, 2_000] as const;

export interface LiveViews {
  /** Opens the modal of an event. */
  open(triggerId: string, eventKey: string): Promise<void>;
  /** Shows a message in the modal of the event it answers, if there is one. Waits for nothing and never throws. */
  follow(notice: Notice, key: string): void;
}

export interface LiveViewsDeps extends Pick<SlackDeps, "log" | "noticeCard"> {
  readonly web: Web;
  readonly stopped: AbortSignal;
}

export function createLiveViews({ web, log, noticeCard, stopped }: LiveViewsDeps): LiveViews {
  const { client, call } = web;
  const idOf = (eventKey: string) => `claw-${eventKey}`;

  async function show(externalId: string, card: Card): Promise<void> {
    const view = { ...cardModal(card, TITLE, "all"), external_id: externalId };
    for (const ms of AGAIN_MS) {
      if (ms > 0) await pause(ms, stopped);
      if (stopped.aborted) return;
      const shown = await call(client.views.update({ external_id: externalId, view }));
      if (shown.ok) return;
      const isMissing = shown.failure.kind === "refused" && shown.failure.error === "not_found";
      if (isMissing) continue;
      log.warn({ ...shown.failure }, "Slack did not change a modal; its content came as a message");
      return;
    }
  }

  return {
    async open(triggerId, eventKey) {
      const view = { ...sayingModal(TITLE, UNDER_WAY, "all"), external_id: idOf(eventKey) };
      const opened = await call(client.views.open({ trigger_id: triggerId, view }));
      if (!opened.ok) log.warn({ ...opened.failure }, "Slack opened no modal; the answer comes as a message");
    },
    follow(notice, key) {
      const eventKey = answered(notice, key);
      if (eventKey?.startsWith(DRY_RUN_KEY)) void show(idOf(eventKey), noticeCard(notice));
    },
  };
}

/** Key of the event that a message answers for good: with the result, or with why there is none. */
function answered(notice: Notice, key: string): string | null {
  if (notice.kind === "dryRan") return notice.asked;
  const isRefusal = notice.kind === "reply" && !hasBegun(notice.card);
  return isRefusal ? (/^reply:(.+):\d+$/su.exec(key)?.[1] ?? null) : null;
}

const hasBegun = (card: unknown): boolean =>
  typeof card === "object" && card !== null && "state" in card && card.state === "running";
