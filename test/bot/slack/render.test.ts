import { describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { renderKeyed } from "../../../src/bot/slack/keys.ts";
import { mentionGroup } from "../../../src/bot/slack/mrkdwn.ts";
import { type Rendered, renderCard } from "../../../src/bot/slack/render.ts";
import { readActionId } from "../../../src/bot/slack/render-blocks.ts";
import { type Filling, samples, USUAL } from "../cards/samples.ts";
import { approval, NINE, RUN } from "../cards/views.ts";
import { generator, hostileText } from "../chat/seeded.ts";
import { messageComplaints } from "./block-lint.ts";

/** All texts of a message in the order of reading. */
const read = ({ blocks }: Rendered): string =>
  blocks
    .flatMap((block) => {
      if (block.type === "actions")
        return [
          block.elements
            .map((one) => ("text" in one && typeof one.text === "object" ? `[${one.text.text}]` : ""))
            .join(" "),
        ];
      if (block.type === "context") return block.elements.map((one) => ("text" in one ? `(${one.text})` : ""));
      if (block.type === "section") {
        const button =
          block.accessory && "text" in block.accessory && typeof block.accessory.text === "object"
            ? ` [${block.accessory.text.text}]`
            : "";
        return [`${block.text?.text ?? ""}${button}`];
      }
      return [];
    })
    .join("\n");
const shown = (made: Parameters<typeof renderCard>[0]): string => read(renderCard(made, { showAll: null }));

const long = "lorem <ipsum> & @channel *dolor* ".repeat(400);
const FILLINGS: Readonly<Record<string, Filling>> = {
  usual: USUAL,
  empty: { word: () => "", many: () => 0 },
  many: { word: (usual) => usual, many: (usual) => usual * 60 },
  long: { word: () => long, many: (usual) => usual * 40 },
  escapes: { word: () => "&".repeat(9_000), many: (usual) => usual * 40 },
  quotes: { word: () => '"\\'.repeat(5_000), many: (usual) => usual * 40 },
  ticks: { word: () => "```".repeat(3_000), many: (usual) => usual * 40 },
  "no blanks": { word: () => "x".repeat(20_000), many: (usual) => usual * 5 },
  lines: { word: () => "a\n".repeat(6_000), many: (usual) => usual * 5 },
  pings: { word: () => "<!channel> <@U012AB> <#C012> <!subteam^S01> @everyone @here", many: (usual) => usual },
  emoji: { word: () => "👩‍👩‍👧‍👦 ".repeat(3_000), many: (usual) => usual * 9 },
  halves: { word: () => "\ud83d\u0000\u202e x".repeat(900), many: (usual) => usual },
};

describe.each(Object.entries(FILLINGS))("%s cards", (_, filling) => {
  test.each(samples(filling).map(({ name, card: made }) => [name, made] as const))(
    "%s is a message that Slack takes",
    (_name, made) => {
      for (const showAll of [null, "delivery:01970a11-2222-7333-8444-5566778899aa"]) {
        const message = renderCard(made, { showAll });
        expect(messageComplaints(message)).toEqual([]);
        for (const block of message.blocks) {
          if (block.type !== "actions") continue;
          for (const element of block.elements) expect(readActionId(element.action_id ?? "")).not.toBeNull();
        }
      }
      // The key of its delivery stands in many blocks, and Slack counts that too.
      const key = `reply:command:${"0".repeat(150)}:0`;
      const keyed = renderKeyed(made, { showAll: key }, key);
      expect(messageComplaints(keyed)).toEqual([]);
      expect(JSON.stringify(keyed.blocks).length).toBeLessThanOrEqual(13_000);
    },
  );
});

test("cards of nothing but noise are messages that Slack takes", () => {
  const random = generator(4);
  for (let round = 0; round < 40; round++) {
    const noise = (): string => hostileText(random, random(random(2) === 0 ? 80 : 4_000));
    const button = () =>
      ({ label: noise(), action: "run.inspect", value: noise().slice(0, 80) || "x", style: "plain" }) as const;
    const list = <T>(most: number, make: () => T): T[] => Array.from({ length: random(most) }, make);
    const made = card({
      title: noise(),
      aside: noise(),
      text: noise(),
      footer: noise(),
      facts: list(14, () => ({ label: noise(), value: noise(), ...(random(3) === 0 ? { code: true as const } : {}) })),
      diff: list(60, noise),
      rows: list(40, () => ({ state: "asks" as const, title: noise(), text: noise(), buttons: list(5, button) })),
      buttons: list(70, button),
    });
    expect(messageComplaints(renderCard(made, { showAll: random(2) === 0 ? null : "d1" }))).toEqual([]);
  }
});

const asked = noticeCard({ kind: "approvalRequested", approval: approval(), decision: null, outcome: null });

describe("an approval", () => {
  test("says what, why, why it asks, exactly what, who and until when, and what it cost, in that order", () => {
    expect(shown(asked)).toBe(
      [
        "*? May I close issue #77 in acme/api?*",
        "(destructive · run 41, step 6)",
        "*why*  you asked: close stale issues",
        "*asks*  closing is destructive; this run read text from outside",
        "*to*  github.com",
        "*exactly*",
        '```github_close_issue {"issue":77,"repo":"acme/api"}```',
        "*who*  an approver or an admin · until <!date^1795597200^{date_short_pretty} {time}|25 Nov 2026 09:00 UTC>, then it means no",
        "*cost*  $0.02 so far",
        "```- state: open",
        "+ state: closed```",
        "[Approve] [Approve with changes…] [Deny…]",
        "(or type /claw approve 7, or /claw deny 7 and a reason)",
      ].join("\n"),
    );
  });
  test("its buttons mean what they say and carry only its id", () => {
    const actions = renderCard(asked, { showAll: null }).blocks.find(({ type }) => type === "actions");
    expect(actions).toMatchObject({
      elements: [
        { action_id: "press:approval.approve:0", value: "a7", style: "primary" },
        { action_id: "ask:approval.change:1", value: "a7" },
        { action_id: "ask:approval.deny:2", value: "a7", style: "danger" },
      ],
    });
    expect(readActionId("press:approval.approve:0")).toEqual({ kind: "press", action: "approval.approve" });
    expect(readActionId("ask:approval.deny:1")).toEqual({ kind: "ask", action: "approval.deny" });
    expect(readActionId("show_all")).toEqual({ kind: "show_all" });
    for (const forged of ["", "press:", "approval.approve", "press:approval.approve", "press:a.b:0:1", "x"])
      expect(readActionId(forged)).toBeNull();
  });
  test("decided, it says who and when, and has no buttons", () => {
    const decided = noticeCard({
      kind: "approvalRequested",
      approval: approval(),
      decision: { kind: "approved", by: "lead", at: NINE, reason: "ok, but only this one" },
      outcome: "closed #77 in 0.8 s",
    });
    const text = shown(decided);
    expect(text).toMatch(/^\*✓ Approved by @lead <!date\^1795424400\^/u);
    expect(text).toMatch(/\*reason\* {2}"ok, but only this one"\n\*outcome\* {2}closed #77 in 0\.8 s\n/u);
    expect(text).not.toMatch(/\[/u);
  });
  test("a change that is too long to show comes whole as a file with the card, since people decide on it", () => {
    const diff = Array.from({ length: 3_000 }, (_, n) => `+ line ${n} ${"&".repeat(20)}`);
    const message = renderCard({ ...asked, diff }, { showAll: "d1" });
    expect(messageComplaints(message)).toEqual([]);
    expect(message.uploads).toEqual([
      { filename: "change.diff", title: "The whole change", content: diff.join("\n"), when: "now" },
    ]);
    expect(read(message)).toMatch(/shortened; whole in change\.diff/u);
    expect(read(message)).toMatch(/\[Approve\] \[Approve with changes…\] \[Deny…\]\n/u);
  });
  test("in a list, none can be approved that is not shown whole", () => {
    const row = { state: "asks", title: "7: may I?", text: "&".repeat(900), buttons: asked.buttons } as const;
    const lists = [row, { ...row, text: "whole" }].map((one) => shown(card({ title: "2 calls wait", rows: [one] })));
    expect(lists[0]).toMatch(/\[Deny…\]/u);
    expect(lists[0]).not.toMatch(/\[Approve\]/u);
    expect(lists[1]).toMatch(/\[Approve\] \[Approve with changes…\] \[Deny…\]/u);
  });
});

test("a row's text is data: what is to be approved stands there letter by letter", () => {
  const text = String.raw`write {"path":"src/__init__.py","glob":"**/*.ts","quote":"a\"b","link":"[x](https://x.test)"}`;
  expect(
    shown(card({ title: "t", rows: [{ state: null, title: "r", text, buttons: [] }] })).replace(/[∗ˍ]/gu, (mark) =>
      mark === "∗" ? "*" : "_",
    ),
  ).toContain(text);
});

test("a long report is cut at a word and offered whole, on request or at once", () => {
  const text = `Fact\n\n${"many words in a long report\n".repeat(2_000)}`;
  const report = noticeCard({
    kind: "runReported",
    run: RUN,
    text,
    figures: { durationMs: 1, costMicros: 0, steps: 1 },
    model: "m",
    tainted: false,
  });
  const asking = renderCard(report, { showAll: "d1" });
  expect(read(asking)).toMatch(
    /(many|words|in|a|long|report)…\n\[Inspect\] \[Run again\] \[Show all\]\n\(shortened\)$/u,
  );
  expect(asking.uploads).toMatchObject([{ filename: "report.md", when: "asked" }]);
  const atOnce = renderCard(report, { showAll: null });
  expect(read(atOnce)).toMatch(/\[Inspect\] \[Run again\]\n\(shortened; whole in report\.md\)$/u);
  expect(atOnce.uploads).toMatchObject([{ filename: "report.md", when: "now" }]);
  expect(atOnce.uploads[0]?.content.match(/many words/gu)).toHaveLength(2_000);
});

test("a long list says how many more there are, and all of them are in the file", () => {
  const rows = Array.from(
    { length: 80 },
    (_, n) => ({ state: "done", title: `run ${n}`, text: "reported", buttons: asked.buttons }) as const,
  );
  const message = renderCard(card({ title: "80 runs", rows }), { showAll: "d1" });
  const count = read(message).match(/\*✓ run \d+\*/gu)?.length ?? 0;
  expect(count).toBeGreaterThan(10);
  expect(read(message)).toMatch(
    new RegExp(`\\[Show all\\]\\n\\(${80 - count} left out for want of room · shortened\\)$`, "u"),
  );
  expect(message.uploads[0]?.content).toMatch(/run 79/u);
});

test("a button that Slack cannot carry is left out, never cut", () => {
  const buttons = [
    { label: "Go", action: "command", value: "x".repeat(2_001), style: "plain" },
    { label: "x".repeat(200), action: "command", value: "list", style: "plain" },
  ] as const;
  const [, actions] = renderCard(card({ title: "t", buttons }), { showAll: null }).blocks;
  expect(actions).toMatchObject({ elements: [{ value: "list", text: { text: `${"x".repeat(74)}…` } }] });
});

test("notifications and screen readers get the facts without marks, and whom we notify", () => {
  const { text, blocks } = renderCard(asked, { showAll: null, notify: [mentionGroup("S012AB")] });
  expect(text).toMatch(
    /^<!subteam\^S012AB>\n\? May I close issue #77 in acme\/api\? \(destructive · run 41, step 6\)\nwhy: you asked/u,
  );
  expect(blocks[0]).toMatchObject({ type: "context", elements: [{ text: "<!subteam^S012AB>" }] });
});

test("a name of an emoji cannot pass for a state", () => {
  expect(shown(card({ title: ":white_check_mark: Approved by @lead" }))).toBe(
    "*:\u2060white_check_mark: Approved by @lead*",
  );
});
