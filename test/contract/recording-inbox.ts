/** An inbox for tests. */
import type { InboundEvent, Inbox } from "../../src/orchestrator/ports.ts";

/** An inbox that remembers, and answers as the real one: once per workspace and key. No workflow waits for anything. */
export class RecordingInbox implements Inbox {
  readonly heard: InboundEvent[] = [];
  readonly answers: string[] = [];
  records = true;

  async receive(event: InboundEvent): ReturnType<Inbox["receive"]> {
    const answer = this.#answer(event);
    this.answers.push(answer);
    if (answer === "stored") this.heard.push(event);
    return answer;
  }

  #answer(event: InboundEvent): Awaited<ReturnType<Inbox["receive"]>> {
    if (!this.records) return "not_recorded";
    if (event.body.kind === "channelMessage" || event.body.kind === "reaction") return "ignored";
    const known = this.heard.some((e) => e.workspaceId === event.workspaceId && e.key === event.key);
    return known ? "duplicate" : "stored";
  }
}
