/** What arrives from Slack, by whichever way: recorded, then acknowledged. */
import { assertNever, type InboundEvent, type Inbox } from "../../orchestrator/index.ts";
import type { SlackDeps } from "./deps.ts";
import type { Directory } from "./directory.ts";
import type { CheckedForm, Forms } from "./forms.ts";
import type { LiveViews } from "./live-views.ts";
import { type Identity, type Incoming, read } from "./normalize.ts";
import { answerByUrl } from "./reply-url.ts";
import { ASK_BLOCK } from "./views-ask.ts";

/** As Bolt's receivers hand it over. */
export interface Arrived {
  readonly body: unknown;
  /** Answers Slack; what is not answered is sent again, or shown to the person as failed. */
  readonly ack: (response?: unknown) => Promise<void>;
}

/** Thrown so that Slack is not answered, and sends it again. */
export class NotRecorded extends Error {
  override readonly name = "NotRecorded";
}

export interface EntryDeps extends Pick<SlackDeps, "clock" | "log"> {
  readonly inbox: () => Inbox;
  /** Who Claw is, as soon as Slack has said it; null when it has not in time for an answer. */
  readonly identity: () => Promise<Identity | null>;
  readonly directory: Directory;
  readonly forms: Forms;
  readonly liveViews: Pick<LiveViews, "open">;
}

const AGAIN = "Not recorded, try again.";

/** @throws NotRecorded when Slack is to send it again */
export function createEntry(deps: EntryDeps): (arrived: Arrived) => Promise<void> {
  return async ({ body, ack }) => {
    const identity = await deps.identity();
    if (!identity) throw new NotRecorded("Slack has not said yet who Claw is");
    const incoming = read(body, identity, deps.clock.now());
    if (incoming.kind === "event") return record(incoming, ack);
    if (incoming.kind === "arguments") return check(incoming, await deps.forms.readArguments(incoming), ack);
    if (incoming.kind === "edit") return check(incoming, await deps.forms.readEdit(incoming), ack);
    await ack();
    await others(incoming);
  };

  /** The form stays open, with what was typed, until it can be stored. */
  async function check(
    { state, eventOf }: Pick<Extract<Incoming, { kind: "arguments" | "edit" }>, "state" | "eventOf">,
    checked: CheckedForm,
    ack: Arrived["ack"],
  ): Promise<void> {
    const [first = ""] = Object.keys(state);
    const again = () => ack({ response_action: "errors", errors: { [first]: AGAIN } });
    switch (checked.kind) {
      case "errors":
        return ack({ response_action: "errors", errors: checked.errors });
      case "view":
        return ack({ response_action: "update", view: checked.view });
      case "unknown":
        return again();
      case "text": {
        const answer = await deps.inbox().receive(eventOf(checked.text));
        return answer === "not_recorded" ? again() : ack();
      }
      default:
        return assertNever(checked, "form");
    }
  }

  async function record(
    { event, from, showIn }: Extract<Incoming, { kind: "event" }>,
    ack: Arrived["ack"],
  ): Promise<void> {
    if (from === "person") deps.directory.forget();
    const recorded = await deps.inbox().receive(event);
    if (recorded !== "not_recorded") {
      await ack();
      if (recorded === "stored" && showIn !== undefined) await deps.liveViews.open(showIn, event.key);
      return;
    }
    switch (from) {
      case "said":
      case "person":
        throw new NotRecorded("the database did not take it in time");
      case "command":
        return ack({ response_type: "ephemeral", text: AGAIN });
      case "form":
        return ack({ response_action: "errors", errors: { [ASK_BLOCK]: AGAIN } });
      case "press":
        // Told first, or the person would see that the press went well.
        await tell(event);
        return ack();
      default:
        return assertNever(from, "sender");
    }
  }

  async function tell(event: InboundEvent): Promise<void> {
    if (event.replyToken === undefined) return;
    const why = await answerByUrl(event.replyToken, { text: AGAIN as never, blocks: [], replace: false });
    if (why !== null) deps.log.warn({ why }, "Slack did not take the answer to a press");
  }

  async function others(incoming: Exclude<Incoming, { kind: "event" | "arguments" | "edit" }>): Promise<void> {
    switch (incoming.kind) {
      case "ask":
        return deps.forms.ask(incoming);
      case "about":
        return deps.forms.about(incoming);
      case "show_all":
        return deps.forms.showAll(incoming);
      case "home":
        return deps.forms.home(incoming.user);
      case "changed":
        return deps.directory.forget();
      case "gone":
        deps.log.error(
          { why: incoming.why },
          "Slack took Claw out; nothing is posted until the app is installed again",
        );
        return;
      case "nothing":
        return;
      default:
        return assertNever(incoming, "incoming");
    }
  }
}
