/** Help by example. Pure. */
import { POLICY_NAMES, POLICY_TERMS } from "../../orchestrator/index.ts";
import { commandButtons } from "../cards/actions.ts";
import { type Card, card } from "../cards/card.ts";
import { cut, plain } from "../cards/plain.ts";
import { isVerb, USAGE, type Verb } from "./command.ts";

interface Topic {
  readonly title: string;
  readonly lines: readonly string[];
  readonly verbs: readonly Verb[];
}

const TOPICS = {
  schedules: {
    title: "Say when, then what; or what, then when",
    lines: [
      "every weekday at 9 summarise open PRs in acme/api",
      "check https://example.com/status and tell me when it changes every minute",
      "every monday at 8:30 Europe/Paris remind us of the retro",
      "every 15 minutes check https://example.com",
      "in 20 minutes remind me to stretch",
      "tomorrow at 9 post the agenda",
      "cron 0 9 * * 1-5 summarise open PRs in acme/api",
    ],
    verbs: ["now", "timezone"],
  },
  triggers: {
    title: "Start it when something happens, or only if something is so",
    lines: [
      "when a webhook arrives summarise it",
      'when a message in #ops matches "deploy failed" find out why',
      "when someone reacts with :eyes: look into it",
      "when open-prs-acme-api fails tell me why",
      "when https://example.com/prices changes tell me what is new",
      'every hour only if GET https://example.com/status.json $.status is not "ok" tell us',
    ],
    verbs: ["rotate"],
  },
  workflows: {
    title: "Workflows",
    lines: [],
    verbs: [
      "list",
      "status",
      "run",
      "pause",
      "resume",
      "skip",
      "backfill",
      "edit",
      "policies",
      "rename",
      "delete",
      "why",
    ],
  },
  policies: {
    title: "How a workflow runs",
    lines: [
      "policies open-prs-acme-api",
      ...POLICY_NAMES.map((name) => `set open-prs-acme-api ${name} ${POLICY_TERMS[name].offers[1] ?? ""}`),
    ],
    verbs: ["policies", "set"],
  },
  runs: {
    title: "Runs",
    lines: [],
    verbs: ["runs", "inspect", "cancel", "retry", "ack", "discard", "replay", "dry-run", "dead"],
  },
  approvals: {
    title: "Saying yes and no, and answering questions",
    lines: ['approve 7 with {"method": "POST", "url": "https://example.com"}'],
    verbs: ["approvals", "approve", "deny", "answer"],
  },
  permissions: {
    title: "What may be done, and who is asked",
    lines: [
      "allow channel_post with channel=#ops for open-prs-acme-api",
      "allow sending to status.example.com for open-prs-acme-api",
      "deny http_request to *.internal.example.com",
      'policy check http_get {"url": "https://example.com"} for open-prs-acme-api',
    ],
    verbs: ["tools", "secrets", "policy", "allow", "deny", "grants", "grant", "revoke", "stop"],
  },
  memory: {
    title: "What runs are told of what was before, and of what you know",
    lines: [
      "remember for open-prs-acme-api: drafts do not count",
      "remember everywhere: the staging server is called ducky",
      "remember privately: my locker is 12",
      "memory 3 confirm",
      "memories export",
    ],
    verbs: ["memories", "memory", "remember", "correct", "forget"],
  },
  records: { title: "What it did and what it cost", lines: [], verbs: ["cost", "audit", "inspect", "why"] },
} as const satisfies Record<string, Topic>;

type TopicName = keyof typeof TOPICS;
const TOPIC_NAMES = Object.keys(TOPICS) as readonly TopicName[];

/** Other words for a topic. */
const ALSO: ReadonlyMap<string, TopicName> = new Map([
  ["question", "approvals"],
  ["questions", "approvals"],
  ["ask", "approvals"],
]);

/** @param topic a topic, a verb, or null for all of it; an unknown one gets all of it, and is told so */
export function helpCard(topic: string | null): Card {
  if (topic === null) return wholeHelp("Say when and what, and I keep doing it");
  // `runs` is both: its topic shows the command with those that belong to it.
  const meant = ALSO.get(topic) ?? topic;
  const name = TOPIC_NAMES.find((known) => known === meant);
  if (name !== undefined) return topicHelp(name);
  return isVerb(topic) ? verbHelp(topic) : wholeHelp(`I have no help on "${cut(plain(topic), 40)}"; here is all of it`);
}

function wholeHelp(title: string): Card {
  return card({
    title,
    text: [
      ...TOPICS.schedules.lines.slice(0, 3).map(shown),
      shown(USAGE.now.example),
      "",
      ...(["list", "status", "pause", "approvals", "cost"] as const).map(usage),
      "",
      "You see what I understood before anything starts, and I ask before I change anything.",
    ].join("\n"),
    buttons: TOPIC_NAMES.flatMap((name) => commandButtons(capital(name), `help ${name}`)),
  });
}

function topicHelp(name: TopicName): Card {
  const topic: Topic = TOPICS[name];
  const lines = topic.lines.map(shown);
  return card({
    title: topic.title,
    text: [...lines, ...(lines.length > 0 ? [""] : []), ...topic.verbs.map(usage)].join("\n"),
    buttons: commandButtons("All help", "help"),
  });
}

function verbHelp(verb: Verb): Card {
  return card({
    title: `/claw ${[verb, USAGE[verb].takes].filter((part) => part !== "").join(" ")}`,
    text: `${USAGE[verb].does}\n${shown(USAGE[verb].example)}`,
    buttons: commandButtons("All help", "help"),
  });
}

const shown = (line: string): string => `- \`/claw ${line}\``;
const usage = (verb: Verb): string =>
  `${shown([verb, USAGE[verb].takes].filter((part) => part !== "").join(" "))}: ${USAGE[verb].does}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
