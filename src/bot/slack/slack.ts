/** Slack, as a chat platform: made of its parts, started without waiting for Slack, stopped in time. */
import type { Inbox } from "../../orchestrator/index.ts";
import { inTime, pause } from "../chat/waiting.ts";
import { createAdapter } from "./adapter.ts";
import type { Slack, SlackDeps } from "./deps.ts";
import { createDirectory } from "./directory.ts";
import { createEntry } from "./entry.ts";
import { isTokenTrouble, wordsFor } from "./failures.ts";
import { createForms } from "./forms.ts";
import { createLiveViews } from "./live-views.ts";
import type { Identity } from "./normalize.ts";
import { createSlackPace } from "./pace.ts";
import { workspaceIdOf } from "./places.ts";
import { createRequests } from "./requests.ts";
import { createSocket } from "./socket.ts";
import { createUploads } from "./uploads.ts";
import { createWeb } from "./web.ts";

const MESSAGE_EVERY_MS = 1_000;
/** Between two tries to learn who Claw is; milliseconds. */
const WHO_EVERY_MS = 2_000;
const TOKEN_EVERY_MS = 60_000;
const STOP_LIMIT_MS = 2_500;
/** How long what arrives before Slack has said who Claw is waits for that; Slack waits three seconds for an answer. */
const KNOWN_WITHIN_MS = 1_000;

export function createSlack(deps: SlackDeps): Slack {
  const stopping = new AbortController();
  const state: { identity: Identity | null; inbox: Inbox | null; asking: Promise<void> | null } = {
    identity: null,
    inbox: null,
    asking: null,
  };
  const log = deps.log;
  const known = new AbortController();
  const identity = () => state.identity;
  const web = createWeb({ token: deps.botToken, apiUrl: deps.apiUrl, log, stopped: stopping.signal });
  const directory = createDirectory({ ...deps, web, identity });
  const liveViews = createLiveViews({ ...deps, web, stopped: stopping.signal });
  const adapter = createAdapter({
    ...deps,
    web,
    directory,
    identity,
    pace: createSlackPace(deps.messageEveryMs ?? MESSAGE_EVERY_MS),
    uploads: createUploads({ web, log }),
    liveViews,
  });
  const receive = createEntry({
    ...deps,
    async identity() {
      if (state.identity === null) await pause(KNOWN_WITHIN_MS, AbortSignal.any([known.signal, stopping.signal]));
      return state.identity;
    },
    directory,
    forms: createForms({ ...deps, web, identity }),
    liveViews,
    inbox() {
      if (!state.inbox) throw new Error("Slack was heard before it was started");
      return state.inbox;
    },
  });
  const { entry } = deps;
  const socket =
    entry.kind === "socket" ? createSocket({ ...deps, appToken: entry.appToken, receive, random: Math.random }) : null;
  const requests = entry.kind === "http" ? createRequests({ ...deps, ...entry, receive }) : null;

  /** Asks Slack who Claw is until it says so; only then is there somewhere to post. */
  async function learn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const said = await web.call(web.client.auth.test());
      if (said.ok && said.value.team_id && said.value.user_id) {
        const team = said.value.team_id;
        const teamName = said.value.team ?? team;
        try {
          await deps.ensureWorkspace({ id: workspaceIdOf(team), team, name: teamName });
          state.identity = { team, teamName, user: said.value.user_id };
          known.abort();
          log.info({ team: teamName }, "signed in to Slack");
          socket?.start();
          return;
        } catch (error) {
          log.warn({ err: error }, "Slack's workspace could not be stored");
        }
      }
      const isToken = !said.ok && said.failure.kind === "refused" && isTokenTrouble(said.failure.error);
      if (isToken)
        log.error(
          { why: wordsFor(said.failure.error) },
          "Slack does not accept the bot token; Slack is off until it does",
        );
      else if (!said.ok) log.warn({ ...said.failure }, "Slack does not say who Claw is; asked again soon");
      await pause(isToken ? TOKEN_EVERY_MS : WHO_EVERY_MS, stopping.signal);
    }
  }

  return {
    name: "slack",
    ...adapter,
    url: () => requests?.url() ?? null,
    async start(inbox) {
      state.inbox = inbox;
      await requests?.start();
      // Claw starts also while Slack is away.
      state.asking = learn();
    },
    async stop() {
      stopping.abort();
      await inTime(STOP_LIMIT_MS, Promise.all([state.asking, socket?.stop(), requests?.stop()]), null);
    },
  };
}
