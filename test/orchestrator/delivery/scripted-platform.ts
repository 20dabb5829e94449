/** A platform that answers as a test says, and remembers what it was asked. */
import type { ChatPlatform, FindOutcome, PostOutcome, PostTarget } from "../../../src/orchestrator/ports.ts";

export interface Sent {
  readonly how: "post" | "edit" | "find";
  readonly target: PostTarget;
  readonly key: string | null;
  readonly messageId: string | null;
  readonly words: string;
}

export interface ScriptedPlatform extends ChatPlatform {
  readonly sent: Sent[];
  /** Answers the next posts so; after that they are posted. */
  readonly answers: (PostOutcome | Promise<PostOutcome> | "hangs")[];
  readonly edits: PostOutcome[];
  /** Messages that stand there, by delivery key. */
  readonly there: Map<string, string>;
  canTell: boolean;
  /** Whoever could tell is away. */
  away: boolean;
  /** Whether members can be told something in person. */
  hasDirect: boolean;
  /** What was posted and edited, in order: `post 1`, `edit 2`. */
  readonly said: () => string[];
}

export function scriptedPlatform(): ScriptedPlatform {
  const sent: Sent[] = [];
  const there = new Map<string, string>();
  const note = (one: Sent) => void sent.push(one);
  const words = (notice: unknown) => (notice as { text?: string }).text ?? "";
  const self: ScriptedPlatform = {
    name: "console",
    sent,
    answers: [],
    edits: [],
    there,
    canTell: true,
    hasDirect: true,
    away: false,
    said: () => sent.filter(({ how }) => how !== "find").map(({ how, words }) => `${how} ${words}`),
    async post(target, notice, key, signal) {
      note({ how: "post", target, key, messageId: null, words: words(notice) });
      const answer = self.answers.shift();
      if (answer === "hangs") {
        return new Promise((resolve) => {
          signal.addEventListener("abort", () =>
            resolve({ kind: "unknown", failure: { code: "platform_unavailable", message: "aborted" } }),
          );
        });
      }
      if (answer) return answer;
      const messageId = `m-${there.size + 1}`;
      there.set(key, messageId);
      return { kind: "posted", messageId, threadId: target.threadId ?? `thread-of-${messageId}` };
    },
    async edit(target, messageId, notice) {
      note({ how: "edit", target, key: null, messageId, words: words(notice) });
      return self.edits.shift() ?? { kind: "posted", messageId, threadId: target.threadId ?? `thread-of-${messageId}` };
    },
    async find(target, key): Promise<FindOutcome> {
      note({ how: "find", target, key, messageId: null, words: "" });
      const messageId = there.get(key);
      if (!self.canTell) return { kind: "cannot_tell" };
      if (self.away) return { kind: "unavailable", failure: { code: "platform_unavailable", message: "away" } };
      return messageId
        ? { kind: "found", messageId, threadId: target.threadId ?? `thread-of-${messageId}` }
        : { kind: "absent" };
    },
    directChannel: (member) => (self.hasDirect ? member : null),
    whyNotPost: async () => null,
    introduce: async () => null,
    start: async () => {},
    stop: async () => {},
  };
  return self;
}
