/** Forms and views that people open: they change nothing by themselves, so nothing of them is recorded. */
import type { types } from "@slack/bolt";
import {
  assertNever,
  type CallToChange,
  type EditForm,
  type PlannedEdit,
  type WorkflowToEdit,
} from "../../orchestrator/index.ts";
import { REASON } from "../cards/actions.ts";
import type { Card } from "../cards/card.ts";
import { inTime } from "../chat/waiting.ts";
import type { SlackDeps } from "./deps.ts";
import { type CallFailure, wordsFor } from "./failures.ts";
import { mrkdwnOf } from "./mrkdwn.ts";
import type { Identity, Incoming } from "./normalize.ts";
import { refOf } from "./origin.ts";
import { workspaceIdOf } from "./places.ts";
import { answerByUrl } from "./reply-url.ts";
import { argumentErrors, argumentsModal, readArguments } from "./views-arguments.ts";
import { aboutModal, askModal } from "./views-ask.ts";
import { EDIT_TITLE, editError, editErrors, editModal, fingerprint, readEdit } from "./views-edit.ts";
import { homeView } from "./views-home.ts";
import { cardModal, sayingModal } from "./views-modal.ts";
import type { Called, Web } from "./web.ts";

type Of<K extends Incoming["kind"]> = Extract<Incoming, { kind: K }>;

export interface Forms {
  /** The form of a button that asks for text. */
  ask(asked: Of<"ask">): Promise<void>;
  /** What to do about a message. */
  about(asked: Of<"about">): Promise<void>;
  /** The whole of what a message had no room for. */
  showAll(asked: Of<"show_all">): Promise<void>;
  home(user: string): Promise<void>;
  /** What a form with arguments says, checked by the tool's schema. Stores nothing. */
  readArguments(submitted: Pick<Of<"arguments">, "approvalId" | "state" | "ref">): Promise<CheckedForm>;
  /** What a workflow's fields say: shown with the change they make, and only then to be saved. Stores nothing. */
  readEdit(submitted: Pick<Of<"edit">, "workflowId" | "memberId" | "state" | "memory">): Promise<CheckedForm>;
}

export type CheckedForm =
  /** To be stored. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "errors"; readonly errors: Readonly<Record<string, string>> }
  /** It could not be checked now. */
  | { readonly kind: "unknown" }
  /** What stands in the form's place: the form with what it would change, or that there is nothing left to decide on. */
  | { readonly kind: "view"; readonly view: types.ModalView };

export interface FormsDeps
  extends Pick<
    SlackDeps,
    "log" | "noticeFor" | "noticeCard" | "home" | "callToChange" | "workflowToEdit" | "planEdit"
  > {
  readonly web: Web;
  readonly identity: () => Identity | null;
}

/** Buttons with forms of their own: of a tool's schema, of a workflow's fields. */
const CHANGE = "approval.change";
const EDIT = "workflow.edit";
const DISCARD = "run.discard";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NOT_WAITING = "This call does not wait for a yes any more; its card says why. Nothing was changed.";
const NO_WORKFLOW = "There is no such workflow any more. Nothing was changed.";
const OUT_OF_DATE = "This card is no longer up to date. /claw status shows what waits.";
/** Slack waits for 3 s, of which recording may take half; milliseconds. */
const READ_MS = 1_000;
const NOT_OPENED = "The form did not open; press again.";

export function createForms(deps: FormsDeps): Forms {
  const { client, call } = deps.web;

  async function cardFor(key: string | null): Promise<Card | null> {
    const identity = deps.identity();
    if (!identity || key === null) return null;
    try {
      const notice = await deps.noticeFor(workspaceIdOf(identity.team), key);
      return notice && deps.noticeCard(notice);
    } catch (error) {
      deps.log.warn({ err: error, key }, "the card behind a button could not be read");
      return null;
    }
  }

  const noted = (called: Called<unknown>, what: string): CallFailure | null => {
    if (called.ok) return null;
    deps.log.warn({ ...called.failure, what }, "Slack opened no view");
    return called.failure;
  };

  /** A trigger lives for three seconds; whoever pressed hears when it was not enough. */
  async function open(triggerId: string, view: types.ModalView, replyToken: string | null): Promise<void> {
    const failure = noted(await call(client.views.open({ trigger_id: triggerId, view })), "a form");
    if (failure === null || replyToken === null) return;
    const why = failure.kind === "refused" && !/trigger/.test(failure.error) ? ` ${wordsFor(failure.error)}` : "";
    await answerByUrl(replyToken, { text: mrkdwnOf(`${NOT_OPENED}${why}`), blocks: [], replace: false });
  }

  /** `unknown`: it could not be read while there is time to answer Slack. Null: it does not wait any more. */
  async function callFor(approvalId: string): Promise<CallToChange | "unknown" | null> {
    const identity = deps.identity();
    if (!identity || !UUID.test(approvalId)) return null;
    const read = deps.callToChange(workspaceIdOf(identity.team), approvalId).catch((error: unknown) => {
      deps.log.warn({ err: error, approvalId }, "the call to be changed could not be read");
      return "unknown" as const;
    });
    return inTime(READ_MS, read, "unknown" as const);
  }

  async function workflowFor(workflowId: string): Promise<WorkflowToEdit | "unknown" | null> {
    const identity = deps.identity();
    if (!identity || !UUID.test(workflowId)) return null;
    const read = deps.workflowToEdit(workspaceIdOf(identity.team), workflowId).catch((error: unknown) => {
      deps.log.warn({ err: error, workflowId }, "the workflow to be changed could not be read");
      return "unknown" as const;
    });
    return inTime(READ_MS / 2, read, "unknown" as const);
  }

  async function planFor(
    workflowId: string,
    memberId: string,
    form: EditForm,
  ): Promise<PlannedEdit | { readonly kind: "unknown" }> {
    const identity = deps.identity();
    if (!identity) return { kind: "unknown" };
    const planning = deps.planEdit(workspaceIdOf(identity.team), { memberId, workflowId }, form);
    const planned = planning.catch((error: unknown) => {
      deps.log.warn({ err: error, workflowId }, "a change of a workflow could not be looked at");
      return { kind: "unknown" } as const;
    });
    return inTime(READ_MS, planned, { kind: "unknown" } as const);
  }

  async function say(replyToken: string | null, sentence: string, triggerId: string): Promise<void> {
    if (replyToken === null) {
      // From a view there is no other way to whoever pressed.
      noted(
        await call(client.views.open({ trigger_id: triggerId, view: sayingModal("Claw", sentence, "said") })),
        "a word",
      );
      return;
    }
    await answerByUrl(replyToken, { text: mrkdwnOf(sentence), blocks: [], replace: false });
  }

  return {
    async ask({ triggerId, key, origin }) {
      if (origin.action === EDIT) {
        const current = await workflowFor(origin.value);
        if (current === "unknown") return say(origin.replyToken, NOT_OPENED, triggerId);
        if (!current) return say(origin.replyToken, OUT_OF_DATE, triggerId);
        return open(triggerId, editModal(current, current.form, null, refOf(origin)), origin.replyToken);
      }
      // On the home page and in modals no block bears the key of a message.
      const isView = key === null;
      const card = await cardFor(isView && /^approval\./.test(origin.action) ? `approval:${origin.value}` : key);
      if (isView && origin.action === DISCARD) {
        const button = {
          label: "Discard",
          action: DISCARD,
          value: origin.value,
          style: "danger",
          input: REASON,
        } as const;
        return open(triggerId, askModal(button, null, refOf(origin)), origin.replyToken);
      }
      const buttons = card ? [...card.buttons, ...card.rows.flatMap((row) => row.buttons)] : [];
      const pressed = buttons.find(({ action, value }) => action === origin.action && value === origin.value);
      if (!card || !pressed?.input) return say(origin.replyToken, OUT_OF_DATE, triggerId);
      if (origin.action !== CHANGE) return open(triggerId, askModal(pressed, card, refOf(origin)), origin.replyToken);
      const asked = await callFor(origin.value);
      if (asked === "unknown") return say(origin.replyToken, NOT_OPENED, triggerId);
      if (!asked) return say(origin.replyToken, OUT_OF_DATE, triggerId);
      const view = argumentsModal(card, asked.schema, asked.given, refOf(origin));
      await open(triggerId, view, origin.replyToken);
    },

    async about({ triggerId, origin }) {
      await open(triggerId, aboutModal(origin.quote ?? "", refOf(origin)), origin.replyToken);
    },

    async readArguments({ approvalId, state, ref }) {
      const asked = await callFor(approvalId);
      if (asked === "unknown") return { kind: "unknown" };
      if (!asked) return { kind: "view", view: sayingModal("Approve with changes", NOT_WAITING, ref) };
      const { schema, given } = asked;
      const read = readArguments(schema, given, state);
      if (read.kind === "errors") return read;
      const faults = asked.faults(read.value);
      if (faults.length > 0) return { kind: "errors", errors: argumentErrors(schema, given, faults) };
      return { kind: "text", text: JSON.stringify(read.value) };
    },

    async readEdit({ workflowId, memberId, state, memory }) {
      const gone = { kind: "view", view: sayingModal(EDIT_TITLE, NO_WORKFLOW, memory.ref) } as const;
      const current = await workflowFor(workflowId);
      if (current === "unknown") return { kind: "unknown" };
      const { base } = memory;
      if (!current || base === undefined) return gone;
      const form = readEdit(current, base, state);
      const planned = await planFor(workflowId, memberId, form);
      switch (planned.kind) {
        case "unknown":
          return { kind: "unknown" };
        case "gone":
          return gone;
        case "refused":
          return { kind: "errors", errors: editError(base, planned.message) };
        case "faults":
          return { kind: "errors", errors: editErrors(current, base, planned.faults) };
        case "edit": {
          if (planned.diff.length === 0)
            return { kind: "errors", errors: editError(base, "Nothing would change yet.") };
          const isAsShown = memory.shown === fingerprint(planned.form) && planned.changedBy === null;
          return isAsShown
            ? { kind: "text", text: JSON.stringify(planned.form) }
            : { kind: "view", view: editModal(current, planned.form, planned, memory.ref) };
        }
        default:
          return assertNever(planned, "edit");
      }
    },

    async showAll({ triggerId, key }) {
      const card = await cardFor(key);
      if (card) await open(triggerId, cardModal(card, "All of it", "all"), null);
    },

    async home(user) {
      const identity = deps.identity();
      if (!identity) return;
      const workspaceId = workspaceIdOf(identity.team);
      try {
        const cards = await deps.home(workspaceId, `${workspaceId}:${user}`);
        noted(await call(client.views.publish({ user_id: user, view: homeView(cards) })), "the home page");
      } catch (error) {
        deps.log.warn({ err: error }, "the home page could not be made");
      }
    },
  };
}
