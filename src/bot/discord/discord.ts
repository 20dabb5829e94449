/** Discord, as a chat platform: made of its parts, started without waiting for Discord, stopped in time. */
import { randomUUID } from "node:crypto";
import { Routes } from "discord.js";
import type { Inbox } from "../../orchestrator/index.ts";
import { inTime, pause } from "../chat/waiting.ts";
import { createAdapter } from "./adapter.ts";
import { createAnswers } from "./answers.ts";
import { registerCommands } from "./app-commands.ts";
import type { Discord, DiscordDeps } from "./deps.ts";
import { createDirectory } from "./directory.ts";
import { createEditing } from "./editing.ts";
import { createEntry } from "./entry.ts";
import { createEvents } from "./events.ts";
import { isTokenTrouble, wordsFor } from "./failures.ts";
import { createForms } from "./forms.ts";
import { createGateway } from "./gateway.ts";
import { createGuilds } from "./guilds.ts";
import { intentsFor, mayRead, maySeeMembers } from "./intents.ts";
import { createMessages } from "./messages.ts";
import { createOverdue } from "./overdue.ts";
import { createDiscordPace } from "./pace.ts";
import { Application, Me } from "./payloads.ts";
import { inviteUrl } from "./permissions.ts";
import { createResponses } from "./responses.ts";
import { createSaying } from "./saying.ts";
import { createThreads } from "./threads.ts";
import { createWeb } from "./web.ts";

/** Discord takes about an edit a second and channel. */
const PROGRESS_EVERY_MS = 2_500;
/** Between two tries to learn who Claw is; milliseconds. */
const WHO_EVERY_MS = 2_000;
const TOKEN_EVERY_MS = 30_000;
/** Between two looks at what the application may hear, while it may not hear all that it should. */
const FLAGS_EVERY_MS = 60_000;
const STOP_LIMIT_MS = 2_500;

interface Identity {
  readonly app: string;
  readonly user: string;
  readonly name: string;
  readonly flags: number;
}

export function createDiscord(deps: DiscordDeps): Discord {
  const { log, clock } = deps;
  const stopping = new AbortController();
  const state: {
    identity: Identity | null;
    inbox: Inbox | null;
    learning: Promise<void> | null;
    intentsRefused: boolean;
  } = { identity: null, inbox: null, learning: null, intentsRefused: false };
  const self = () => state.identity?.user ?? null;
  const inbox = () => {
    if (!state.inbox) throw new Error("Discord was heard before it was started");
    return state.inbox;
  };
  const web = createWeb({ token: deps.botToken, apiUrl: deps.apiUrl, clock, log, stopped: stopping.signal });
  const directory = createDirectory({
    web,
    roles: deps.roles,
    self,
    clock,
    log,
    ...(deps.listens === undefined ? {} : { listens: deps.listens }),
  });
  const messages = createMessages(web);
  const answers = createAnswers({ web, messages, clock });
  const guilds = createGuilds({ ...deps, directory });
  const responses = createResponses(web);
  const editing = createEditing({ ...deps, responses, newRef: randomUUID });
  const forms = createForms({ ...deps, responses, editing });
  const entering = { ...deps, web, inbox, self, directory, guilds, stopped: stopping.signal };
  const gateway = createGateway({
    web,
    token: deps.botToken,
    log,
    random: deps.random,
    intents: () => intentsFor(state.intentsRefused ? 0 : (state.identity?.flags ?? 0)),
    onIntentsRefused() {
      state.intentsRefused = true;
    },
    onEvent: createEvents({
      directory,
      guilds,
      clock,
      log,
      inbox,
      self,
      onInteraction: createEntry({ ...entering, answers, responses, forms, editing, overdue: createOverdue(entering) }),
      onMessage: createSaying(entering),
    }),
  });
  const adapter = createAdapter({
    ...deps,
    web,
    messages,
    threads: createThreads({ web, messages, directory, log }),
    answers,
    directory,
    self,
    pace: createDiscordPace(deps.progressEveryMs ?? PROGRESS_EVERY_MS),
  });

  async function ask(): Promise<Identity | "token" | null> {
    const [me, application] = await Promise.all([
      web.call("get", Routes.user()),
      web.call("get", Routes.currentApplication()),
    ]);
    const refused = [me, application].some((one) => !one.ok && isTokenTrouble(one.failure));
    if (refused) return "token";
    for (const one of [me, application]) {
      if (!one.ok) log.warn({ ...one.failure }, "Discord does not say who Claw is; asked again soon");
    }
    const who = me.ok ? Me.safeParse(me.value).data : undefined;
    const app = application.ok ? Application.safeParse(application.value).data : undefined;
    return who && app ? { app: app.id, user: who.id, name: who.username, flags: app.flags } : null;
  }

  /** Asks Discord who Claw is until it says so; only then is there somewhere to post. */
  async function learn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const said = await ask();
      if (said === "token") {
        log.error({ why: wordsFor(0) }, "Discord does not accept the bot token; Discord is off until it does");
        await pause(TOKEN_EVERY_MS, stopping.signal);
      } else if (said === null) {
        await pause(WHO_EVERY_MS, stopping.signal);
      } else {
        state.identity = said;
        if (deps.listens === false) return;
        log.info({ name: said.name, invite: inviteUrl(said.app) }, "signed in to Discord");
        gateway.start();
        await register(said.app);
        await watchFlags();
        return;
      }
    }
  }

  async function register(app: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const done = await registerCommands(web, app);
      if (done === "changed") log.info({}, "registered Claw's commands in Discord");
      if (typeof done === "string") return;
      log.warn({ ...done }, "Claw's commands could not be registered in Discord; tried again");
      await pause(TOKEN_EVERY_MS, stopping.signal);
    }
  }

  /** Whoever switches an intent on in the developer portal need not start Claw again. */
  async function watchFlags(): Promise<void> {
    while (!stopping.signal.aborted && state.identity) {
      const { flags } = state.identity;
      if (mayRead(flags) && maySeeMembers(flags) && !state.intentsRefused) return;
      if (!mayRead(flags)) {
        log.error(
          {},
          "Claw may not read what is written in Discord: switch on Message Content Intent in the developer portal, section Bot; until then it hears only commands, buttons and what mentions it",
        );
      }
      const heard = intentsFor(state.intentsRefused ? 0 : flags);
      const now = await lookAgain(heard);
      if (now === null) return;
      state.identity = now;
      state.intentsRefused = false;
      await gateway.reconnect();
    }
  }

  /** @returns who Claw is, once the application may hear something else than that; null when Claw stops */
  async function lookAgain(heard: number): Promise<Identity | null> {
    for (;;) {
      await pause(FLAGS_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return null;
      const said = await ask();
      if (said !== null && said !== "token" && intentsFor(said.flags) !== heard) return said;
    }
  }

  return {
    name: "discord",
    ...adapter,
    async start(given) {
      state.inbox = given;
      // Claw starts also while Discord is away.
      state.learning = learn();
    },
    async stop() {
      stopping.abort();
      await inTime(STOP_LIMIT_MS, Promise.all([state.learning, gateway.stop()]), null);
    },
  };
}
