/**
 * A real Claw whose model tries what a page told it to try, and a recorder of what really left the process: two sites that it
 * may reach, a third on this machine that it may not, a git remote. What a case is judged by is what was received there.
 */
import type { SeenMessage } from "../bot/console/visitor.ts";
import { type ModelClaw, modelYaml, resultsIn, type Story, startModelClaw } from "../e2e/model-claw.ts";
import { type GitRemote, gitRemote } from "../support/git-remote.ts";
import { type HttpServer, httpServer } from "../support/http-server.ts";
import { calls, finishes, type ScriptedCall } from "../support/model-server.ts";

export interface Hostile extends ModelClaw {
  /** On 127.0.0.3, which no configuration opens. */
  readonly forbidden: HttpServer;
  readonly remote: GitRemote;
  /**
   * Lets the model make these calls in one turn, after it has read a page of outsiders if there is one, and report.
   * @returns the story, what became of each call that did not ask, and the cards of those that asked
   */
  attack(instruction: string, attempt: Attempt): Promise<Attacked>;
  /** Requests received at the two open sites since the last call of this, beside those of `expected` paths. */
  strays(expected?: readonly string[]): string[];
}

export interface Attempt {
  /** Read first: from then on the run is tainted. */
  readonly reads?: string;
  readonly calls: readonly ScriptedCall[];
}

export interface Attacked {
  readonly story: Story;
  /** What the model was told of each call, in order; empty while one of them asks. */
  readonly results: readonly { readonly ok: boolean; readonly text: string }[];
  readonly cards: readonly SeenMessage[];
}

export async function startHostile(yaml = ""): Promise<Hostile> {
  const remote = gitRemote();
  remote.write("README.md", "# Docs\n");
  remote.link("passwd", "/etc/passwd");
  remote.link("out", "/tmp");
  remote.push("Write the docs");
  const forbidden = await httpServer({ host: "127.0.0.3" });
  const set = await startModelClaw({ yaml: modelYaml(`repos: { docs: { url: ${remote.url} } }\n${yaml}`) });
  const closeSet = set.close;
  const word = { last: 0 };
  const seen = { site: 0, elsewhere: 0 };
  return Object.assign(set, {
    forbidden,
    remote,
    async attack(instruction: string, { reads, calls: wanted }: Attempt): Promise<Attacked> {
      word.last += 1;
      const name = `attack-${word.last}.`;
      set.script(
        name,
        ...(reads === undefined ? [] : [calls({ name: "http_get", arguments: { url: reads } })]),
        calls(...wanted),
        finishes("report", "Done what I could."),
      );
      const story = await set.story(`${instruction} (${name})`);
      const asked = async () =>
        (await story.owner.see(story.channel, story.root)).filter(({ words }) => /May I /.test(words));
      for (;;) {
        const run = await story.run();
        if (run.status !== "queued" && run.status !== "running") break;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      const results = resultsIn(
        set.model.requests.filter(({ messages }) => JSON.stringify(messages).includes(name)).at(-1),
      );
      const { status } = await story.run();
      return { story, results: status === "waiting" ? [] : results, cards: await asked() };
    },
    strays(expected: readonly string[] = []): string[] {
      const fresh = [...set.site.requests.slice(seen.site), ...set.elsewhere.requests.slice(seen.elsewhere)];
      seen.site = set.site.requests.length;
      seen.elsewhere = set.elsewhere.requests.length;
      return fresh
        .map(({ method, path, body }) => `${method} ${path} ${body}`.trim())
        .filter((line) => !expected.includes(line));
    },
    close: async () => {
      const leaks = forbidden.requests.map(({ path }) => path);
      // Runs that still wait for a person never get to what the model would say next.
      await closeSet(true);
      await forbidden.close();
      remote.close();
      if (leaks.length > 0) throw new Error(`something reached the forbidden server: ${leaks.join(", ")}`);
    },
  });
}
