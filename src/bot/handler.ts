/** What the orchestrator calls with each inbound event. */
import { assertNever, type InboundHandler } from "../orchestrator/index.ts";
import { errorCard } from "./cards/answer.ts";
import { answerLine } from "./commands/dispatch.ts";
import { answerPress } from "./commands/press.ts";
import { heardInThread } from "./commands/question.ts";

export const createHandler = (): InboundHandler => ({
  async handle(caller) {
    const { body } = caller.event;
    switch (body.kind) {
      case "command":
        return [await answerLine(caller, body.text)];
      case "action":
        return [await answerPress(caller, body)];
      case "message": {
        const card = await heardInThread(caller, body.text);
        return card ? [{ card, key: null }] : [];
      }
      case "channelMessage":
      case "reaction":
      case "webhook":
      case "introduction":
        return [];
      default:
        return assertNever(body, "inbound body");
    }
  },
  explain: (error) => errorCard(error),
});
