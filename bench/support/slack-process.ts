/** A Slack in a process of its own, with people who type and press, and a site that answers late. They keep the time. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, type Person, type SeenMessage, startFakeSlack } from "../../test/support/slack/fake-slack.ts";
import { answerBench } from "./child.ts";
import type { Clicked, SlackAddresses, SlackQuestion, Typed } from "./slack.ts";

/** So long a page of a run that is in progress takes; milliseconds. The tool gives up after ten seconds. */
const PAGE_MS = 8_000;
const CHANNELS = 20;
const PATIENCE_MS = 120_000;

const slack = await startFakeSlack({ mode: "socket" });
const { team } = slack;
const ada = team.person("ada", { isAdmin: true });
const channels: readonly Channel[] = Array.from({ length: CHANNELS }, (_, n) => team.channel(`c-${n}`, [ada, "claw"]));
const site = createServer((incoming, response) => {
  const answer = () => void response.writeHead(200, { "content-type": "text/plain" }).end("All is well");
  if (incoming.url?.startsWith("/slow")) setTimeout(answer, PAGE_MS);
  else answer();
});
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
const state = { busy: true };

const channelOf = (n: number): Channel => channels[n % CHANNELS] as Channel;
const within = { withinMs: PATIENCE_MS };

/** Types a phrase and presses *Create*. @returns the name and the root message */
async function create(person: Person, n: number, line: string): Promise<{ name: string; root: SeenMessage }> {
  const channel = channelOf(n);
  const mark = `id=${n}`;
  await person.types(`/claw ${line}?${mark}`, { channel });
  const isMine = ({ words }: SeenMessage) => new RegExp(`${mark}\\b`).test(words);
  const preview = await slack.until(
    `preview ${n}`,
    () => person.sees(channel).find((seen) => seen.buttons.includes("Create") && isMine(seen)),
    within,
  );
  await person.presses("Create", preview);
  const root = await slack.until(
    `root ${n}`,
    () => person.sees(channel).find((seen) => !seen.ephemeral && / runs /.test(seen.words) && isMine(seen)),
    within,
  );
  return { name: /([\w-]+) runs /.exec(root.words)?.[1] ?? "", root };
}

/** Keeps as many runs in progress: each begins anew when its page has been read. */
async function keepBusy(count: number): Promise<void> {
  const made = await Promise.all(
    Array.from({ length: count }, (_, n) => create(ada, n, `every day at 3 check ${siteUrl}/slow`)),
  );
  for (const [n, { name }] of made.entries()) {
    void (async () => {
      await sleep((PAGE_MS / count) * n);
      while (state.busy) {
        await ada.types(`/claw run ${name}`, { channel: channelOf(n) });
        await sleep(PAGE_MS);
      }
    })();
  }
}

/** Commands at an even pace, whatever becomes of the ones before. */
async function type(aSecond: number, count: number): Promise<Typed> {
  const began = performance.now();
  const all = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      await sleep(Math.max((n * 1_000) / aSecond - (performance.now() - began), 0));
      const at = performance.now();
      const { acked, response } = await ada.types(n % 2 === 0 ? "/claw list" : "/claw status", {
        channel: channelOf(n),
      });
      const isRecorded = acked && !JSON.stringify(response ?? "").includes("Not recorded");
      return { ms: performance.now() - at, isRecorded };
    }),
  );
  return {
    ms: all.filter(({ isRecorded }) => isRecorded).map(({ ms }) => ms),
    failed: all.filter(({ isRecorded }) => !isRecorded).length,
    tookMs: performance.now() - began,
  };
}

/** Approvals that wait, and then one click after the other. */
async function click(count: number): Promise<Clicked> {
  const asked: { channel: Channel; root: SeenMessage; card: SeenMessage }[] = [];
  await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const { root } = await create(ada, 1_000 + n, `now use http_request method=POST url=${siteUrl}/tickets`);
      const channel = channelOf(1_000 + n);
      const card = await slack.until(
        `approval ${n}`,
        () => ada.sees(channel, root).find(({ buttons }) => buttons.includes("Approve")),
        within,
      );
      asked.push({ channel, root, card });
    }),
  );
  const ms: number[] = [];
  for (const { channel, root, card } of asked) {
    const at = performance.now();
    const edited = slack.until(
      "the edited card",
      () => ada.sees(channel, root).find(({ ts, words }) => ts === card.ts && /Approved by/.test(words)),
      within,
    );
    await ada.presses("Approve", card);
    await edited;
    ms.push(performance.now() - at);
    await sleep(100);
  }
  return { ms };
}

answerBench(async (question) => {
  const asked = question as SlackQuestion;
  switch (asked.kind) {
    case "addresses":
      return {
        apiUrl: slack.apiUrl,
        botToken: team.botToken,
        appToken: slack.appToken,
      } satisfies SlackAddresses;
    case "connected":
      return slack.connected();
    case "busy":
      return keepBusy(asked.count);
    case "type":
      return type(asked.aSecond, asked.count);
    case "click":
      return click(asked.count);
    case "rest":
      state.busy = false;
      return null;
  }
});
