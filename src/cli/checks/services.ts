/** The services elsewhere: the model endpoint, Slack, Discord. Plain HTTP, so that a check costs no client library. */
import { mayRead, maySeeMembers } from "../../bot/discord/intents.ts";
import { inviteUrl } from "../../bot/discord/permissions.ts";
import type { Config } from "../../config.ts";
import { ask, broken, type Finding, off, ok, shown } from "./check.ts";

const OPENAI_URL = "https://api.openai.com/v1";
const SLACK_URL = "https://slack.com/api";
const DISCORD_URL = "https://discord.com/api";

export async function checkModel(model: Config["model"]): Promise<Finding> {
  const what = "model";
  if (model.kind === "rules") {
    return ok(
      what,
      "rules: needs no network and no key. OPENAI_API_KEY or OPENAI_BASE_URL turns on a model that reads prose",
    );
  }
  const url = model.baseUrl ?? OPENAI_URL;
  const headers: Record<string, string> = model.apiKey === null ? {} : { authorization: `Bearer ${model.apiKey}` };
  const answer = await ask(`${url}/models`, { headers });
  const place = `${model.name} at ${shown(url)}`;
  if (answer.kind === "silence") {
    return broken(what, `${place}: ${answer.why}. Check OPENAI_BASE_URL, the network and whether the endpoint runs`);
  }
  if (answer.status === 401 || answer.status === 403) {
    const cure = model.apiKey === null ? "Set OPENAI_API_KEY" : "Check OPENAI_API_KEY";
    return broken(what, `${place}: the endpoint refuses the key (HTTP ${answer.status}). ${cure}`);
  }
  if (answer.status === 429) {
    return broken(what, `${place}: takes no more calls for now, or its account has no credit left (HTTP 429)`);
  }
  if (answer.status >= 500)
    return broken(what, `${place}: is not able to answer now (HTTP ${answer.status}). Try again`);
  const listed = answer.status === 200 ? answer.body.data : null;
  if (!Array.isArray(listed)) return checkUnlisted(place, url, headers);
  const names = listed.flatMap((entry: unknown) =>
    typeof entry === "object" && entry !== null && "id" in entry ? [String(entry.id)] : [],
  );
  if (names.length > 0 && !names.includes(model.name)) {
    const some = names.slice(0, 5).join(", ");
    return broken(
      what,
      `${place}: the endpoint does not list that model. Set CLAW_MODEL to one of it, such as ${some}`,
    );
  }
  return ok(what, `${place}, trusted as ${model.trust}`);
}

/** Some compatible endpoints have no list of models. A request that asks for nothing shows whether they are there all the same. */
async function checkUnlisted(place: string, url: string, headers: Record<string, string>): Promise<Finding> {
  const json = { ...headers, "content-type": "application/json" };
  const answer = await ask(`${url}/chat/completions`, { method: "POST", headers: json, body: "{}" });
  // What takes it for a good request, or does not know the address, is something else.
  const there = answer.kind === "answer" && answer.status >= 400 && answer.status !== 404 && answer.status !== 405;
  if (there) return ok("model", `${place}: answers, but lists no models`);
  return broken("model", `${place}: does not speak Chat Completions. Check OPENAI_BASE_URL, which often ends in /v1`);
}

/** What the bot token has to be allowed: commands, reading threads and channels it works in, posting, pinning, reacting, knowing people and their groups. */
export const SLACK_SCOPES = [
  "app_mentions:read",
  "channels:history",
  "channels:read",
  "chat:write",
  "commands",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "pins:write",
  "reactions:read",
  "reactions:write",
  "usergroups:read",
  "users:read",
] as const;

const SLACK_ERRORS: Readonly<Record<string, string>> = {
  invalid_auth: "the token is not valid",
  not_authed: "the token is not valid",
  token_revoked: "the token was revoked",
  token_expired: "the token has expired",
  account_inactive: "the app was removed from the workspace",
  missing_scope: "the token lacks a scope (an app-level token needs connections:write)",
  not_allowed_token_type: "the token is of the wrong kind",
};

async function askSlack(what: string, variable: string, url: string, token: string) {
  const answer = await ask(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" },
  });
  if (answer.kind === "silence") {
    return { finding: broken(what, `${shown(url)}: ${answer.why}. Check the network and SLACK_API_URL`) };
  }
  if (answer.body.ok !== true) {
    const code = typeof answer.body.error === "string" ? answer.body.error : `HTTP ${answer.status}`;
    return { finding: broken(what, `${SLACK_ERRORS[code] ?? `Slack said ${code}`}. Check ${variable}`) };
  }
  return { answer };
}

/** @returns one finding for the bot token and, with Socket Mode, one for the app token */
export async function checkSlack(slack: Config["slack"]): Promise<Finding[]> {
  if (slack === null) return [off("slack", "set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET)")];
  const base = slack.apiUrl ?? SLACK_URL;
  return await Promise.all([
    checkSlackBot(base, slack.botToken),
    slack.appToken === null
      ? ok("slack requests", "over HTTP, signed")
      : askSlack("slack socket", "SLACK_APP_TOKEN", `${base}/apps.connections.open`, slack.appToken).then(
          ({ finding }) => finding ?? ok("slack socket", "Socket Mode opens"),
        ),
  ]);
}

async function checkSlackBot(base: string, token: string): Promise<Finding> {
  const { answer, finding } = await askSlack("slack bot", "SLACK_BOT_TOKEN", `${base}/auth.test`, token);
  if (finding) return finding;
  const header = answer.headers.get("x-oauth-scopes");
  if (header === null) return broken("slack bot", "Slack named no scopes of the token. Check SLACK_API_URL");
  const granted = header.split(",").map((scope) => scope.trim());
  const missing = SLACK_SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length > 0) {
    return broken("slack bot", `the token lacks ${missing.join(", ")}. Add them to the app and install it again`);
  }
  return ok("slack bot", `signed in to ${String(answer.body.team ?? "the workspace")}, with all scopes it needs`);
}

export async function checkDiscord(discord: Config["discord"]): Promise<Finding> {
  const what = "discord";
  if (discord === null) return off(what, "set DISCORD_BOT_TOKEN");
  const base = `${discord.apiUrl ?? DISCORD_URL}/v10`;
  const headers = { authorization: `Bot ${discord.botToken}` };
  const [me, application] = await Promise.all([
    ask(`${base}/users/@me`, { headers }),
    ask(`${base}/applications/@me`, { headers }),
  ]);
  if (me.kind === "silence") return broken(what, `${shown(base)}: ${me.why}. Check the network and DISCORD_API_URL`);
  if (me.status === 401) return broken(what, "the token is not valid. Check DISCORD_BOT_TOKEN");
  if (me.status !== 200) return broken(what, `HTTP ${me.status} from ${shown(base)}. Check DISCORD_API_URL`);
  if (application.kind === "silence" || application.status !== 200 || typeof application.body.id !== "string") {
    return broken(what, "the application of this bot cannot be read. Check DISCORD_BOT_TOKEN and DISCORD_API_URL");
  }
  const flags = typeof application.body.flags === "number" ? application.body.flags : 0;
  const name = String(me.body.username ?? "the bot");
  const { id } = application.body;
  const invite = `add it to a server with ${inviteUrl(id)}`;
  const portal = `https://discord.com/developers/applications/${id}/bot`;
  if (!mayRead(flags)) {
    return broken(
      what,
      `${name} may not read messages. Turn on "Message Content Intent" in the developer portal, application ${id} (${portal}); ${invite}`,
    );
  }
  const optional = maySeeMembers(flags)
    ? ""
    : `; with "Server Members Intent" on (${portal}) it would notice at once when somebody leaves`;
  return ok(what, `signed in as ${name}, application ${id}${optional}; ${invite}`);
}
