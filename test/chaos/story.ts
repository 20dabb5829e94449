/** The main job as people play it. They know nothing of commits: what fails they do again, as anybody at the page would. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SeenMessage } from "../bot/console/visitor.ts";
import { Person } from "../support/claw-process.ts";
import { html, json } from "../support/http-server.ts";
import { press, say } from "../support/insist.ts";
import type { Scene } from "./scene.ts";

/** Milliseconds between two looks at something, which grow while nothing changes. */
const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 600;
/** Milliseconds that one thing may take to be seen, restarts included, on a busy machine. */
const PATIENCE_MS = 120_000;

export interface People {
  /** A member, who wants the workflow. */
  readonly sam: Person;
  /** An approver. */
  readonly lin: Person;
}

export async function signIn(scene: Scene): Promise<People> {
  return { sam: await Person.at(scene.url, "sam"), lin: await Person.at(scene.url, "lin") };
}

/** One playing; a scene sees many, one after the other. */
export interface Story {
  readonly scene: Scene;
  readonly people: People;
  /** What the workflow reads and where it writes; nothing else does. */
  readonly reads: string;
  readonly writes: string;
  /** How many kills and requests the scene had seen before. */
  readonly killsBefore: number;
}

export function newStory(scene: Scene, people: People): Story {
  const id = randomUUID().slice(0, 8);
  const reads = `/status-${id}`;
  const writes = `/tickets-${id}`;
  scene.site.page(reads, html("<title>Status</title><p>All systems go</p>"));
  scene.site.page(writes, json({ id: 7 }));
  return { scene, people, reads, writes, killsBefore: scene.kills.length };
}

/** From the line that is typed to the report that is read, until nothing is under way. */
export async function play(story: Story): Promise<void> {
  const { people, reads, writes } = story;
  const { sam, lin } = people;
  const { url } = story.scene.site;
  await say(sam, `/claw now check ${url}${reads} then use http_request method=POST url=${url}${writes} body=hello`);
  const preview = await look(story, sam, null, (messages) => messages.find((each) => isPreview(story, each)));
  await press(sam, preview, "Create");
  const root = await look(story, sam, null, (messages) => messages.find((each) => isRoot(story, each)));
  const asked = await look(story, lin, root.messageId, (messages) => messages.find((each) => has(each, "Approve")));
  await press(lin, asked, "Approve");
  await look(story, lin, root.messageId, async (messages) => {
    const question = messages.find((each) => has(each, "It happened"));
    if (question) await answerUnknown(story, question);
    return messages.find(isReport);
  });
  await settled(story);
}

export const isPreview = ({ reads }: Story, { words }: SeenMessage): boolean =>
  words.includes(reads) && /Create this workflow\?/.test(words);

/** The workflow's first message, whose thread is its home. */
export const isRoot = ({ reads }: Story, { words }: SeenMessage): boolean =>
  words.includes(reads) && /come in this thread/.test(words);

export const isReport = ({ words }: SeenMessage): boolean => /http_request: /.test(words) && /rules model/.test(words);

const has = (message: SeenMessage, label: string): boolean => message.buttons.some((button) => button.label === label);

/** The approver looks at the tickets and says what is there. *Try again* is offered once the call's time limit is over. */
async function answerUnknown({ scene, people, writes }: Story, question: SeenMessage): Promise<void> {
  const happened = scene.site.requests.some(({ path }) => path === writes);
  const label = happened ? "It happened" : "Try again";
  if (has(question, label)) await press(people.lin, question, label);
}

/** What the page shows; one that does not load is loaded again. */
export async function pageOf(person: Person, thread: string | null): Promise<readonly SeenMessage[]> {
  const seen = await patiently(() => person.see("general", thread).catch(() => undefined));
  if (!seen) throw new Error("the page never came");
  return seen;
}

/** Looks at the page until it is there; a page that does not load is loaded again. */
async function look(
  { scene }: Story,
  person: Person,
  thread: string | null,
  find: (messages: readonly SeenMessage[]) => Promise<SeenMessage | undefined> | SeenMessage | undefined,
): Promise<SeenMessage> {
  let last: readonly SeenMessage[] = [];
  const found = await patiently(async () => {
    const seen = await person.see("general", thread).catch(() => null);
    last = seen ?? last;
    return seen ? find(seen) : undefined;
  });
  if (found) return found;
  const page = last.map(({ words }) => `- ${words}`).join("\n");
  throw new Error(`what comes next was never seen; the page shows:\n${page}\n${scene.output()}`);
}

/** Waits until nothing is under way any more. */
async function settled({ scene }: Story): Promise<void> {
  const still = await patiently(async () => {
    const [row] = await scene.database.sql<{ open: number }[]>`
      select (select count(*) from runs where status in ('queued', 'running', 'waiting'))::int
        + (select count(*) from deliveries where status in ('pending', 'sending'))::int
        + (select count(*) from inbound_events where status = 'received')::int as open`;
    return row?.open === 0 ? "still" : undefined;
  });
  if (!still) throw new Error(`something stays under way\n${scene.output()}`);
}

async function patiently<T>(tried: () => Promise<T | undefined>): Promise<T | undefined> {
  const until = Date.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_LOOK_MS; Date.now() < until; pauseMs = Math.min(pauseMs * 1.3, LAST_LOOK_MS)) {
    const found = await tried();
    if (found !== undefined) return found;
    await sleep(pauseMs);
  }
  return undefined;
}
