import { describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { customIdOf, readCustomId } from "../../../src/bot/discord/custom-ids.ts";
import { bears, markerOf, nonceOf } from "../../../src/bot/discord/keys.ts";
import { type Rendered, renderCard } from "../../../src/bot/discord/render.ts";
import { renderClassic } from "../../../src/bot/discord/render-classic.ts";
import { componentsIn } from "../../support/discord/components.ts";
import { type Filling, samples, USUAL } from "../cards/samples.ts";
import { approval } from "../cards/views.ts";
import { generator, hostileText } from "../chat/seeded.ts";
import { messageComplaints, textsOf } from "./message-lint.ts";

const marker = markerOf("discord:1", "d1");
const long = "lorem <ipsum> & @everyone *dolor* ".repeat(400);
const FILLINGS: Readonly<Record<string, Filling>> = {
  usual: USUAL,
  empty: { word: () => "", many: () => 0 },
  many: { word: (usual) => usual, many: (usual) => usual * 60 },
  long: { word: () => long, many: (usual) => usual * 40 },
  escapes: { word: () => "*".repeat(9_000), many: (usual) => usual * 40 },
  backslashes: { word: () => '"\\'.repeat(5_000), many: (usual) => usual * 40 },
  ticks: { word: () => "```".repeat(3_000), many: (usual) => usual * 40 },
  "no blanks": { word: () => "x".repeat(20_000), many: (usual) => usual * 5 },
  lines: { word: () => "a\n".repeat(6_000), many: (usual) => usual * 5 },
  pings: {
    word: () => "<@123456789012345678> <@&1> <#2> <t:1:R> </x:1> <:a:1> @everyone @here https://x.test",
    many: (usual) => usual,
  },
  emoji: { word: () => "👩‍👩‍👧‍👦 ".repeat(3_000), many: (usual) => usual * 9 },
  halves: { word: () => "\ud83d\u0000\u202e x".repeat(900), many: (usual) => usual },
};

/** Buttons by their labels and what they mean, in the order of reading. */
const buttonsOf = ({ components }: Rendered) =>
  componentsIn(components)
    .filter(({ component }) => component.type === 2)
    .map(({ component }) => ({ label: String(component.label), means: readCustomId(String(component.custom_id)) }));

describe.each(Object.entries(FILLINGS))("%s cards", (_, filling) => {
  test.each(samples(filling).map(({ name, card: made }) => [name, made] as const))(
    "%s is a message that Discord takes, in either form",
    (_name, made) => {
      for (const files of ["attached", "none"] as const) {
        const message = renderCard(made, { marker, files });
        expect(messageComplaints(message)).toEqual([]);
        expect(bears(message.components, marker)).toBe(true);
        for (const { means } of buttonsOf(message)) expect(means).not.toBeNull();
        expect(messageComplaints(renderClassic(made, { files }))).toEqual([]);
      }
    },
  );
});

test("cards of nothing but noise are messages that Discord takes", () => {
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
    expect(messageComplaints(renderCard(made, { marker, files: "attached" }))).toEqual([]);
    expect(messageComplaints(renderClassic(made, { files: "attached" }))).toEqual([]);
  }
});

const asked = noticeCard({ kind: "approvalRequested", approval: approval(), decision: null, outcome: null });

describe("an approval", () => {
  test("says what, why, why it asks, exactly what, who and until when, and what it cost, in that order", () => {
    expect(textsOf(renderCard(asked, { marker, files: "attached" })).join("\n")).toBe(
      [
        "**? May I close issue #77 in acme/api?**",
        "-# destructive · run 41, step 6",
        "**why**  you asked: close stale issues",
        "**asks**  closing is destructive; this run read text from outside",
        "**to**  github.com",
        "**exactly**",
        "```",
        'github_close_issue {"issue":77,"repo":"acme/api"}',
        "```",
        "**who**  an approver or an admin · until <t:1795597200:f>, then it means no",
        "**cost**  $0.02 so far",
        "```diff",
        "- state: open",
        "+ state: closed",
        "```",
        "-# or type /claw approve 7, or /claw deny 7 and a reason",
      ].join("\n"),
    );
  });

  test("its buttons mean what they say and carry only its id", () => {
    expect(buttonsOf(renderCard(asked, { marker, files: "attached" }))).toEqual([
      { label: "Approve", means: { kind: "press", action: "approval.approve", value: "a7" } },
      { label: "Approve with changes…", means: { kind: "ask", action: "approval.change", value: "a7" } },
      { label: "Deny…", means: { kind: "ask", action: "approval.deny", value: "a7" } },
    ]);
  });

  test("that is too long for a message stands whole in a file; where none can be sent nobody can say yes to a part", () => {
    const change = Array.from({ length: 900 }, (_, n) => `+ line ${n}`);
    const whole = renderCard({ ...asked, diff: change }, { marker, files: "attached" });
    expect(whole.files).toEqual([{ filename: "change.diff", content: change.join("\n") }]);
    expect(textsOf(whole).join("\n")).toContain("whole in change.diff");
    expect(buttonsOf(whole).map(({ label }) => label)).toContain("Approve");
    const part = renderCard({ ...asked, diff: change }, { marker, files: "none" });
    expect(part.files).toEqual([]);
    expect(buttonsOf(part).map(({ label }) => label)).toEqual(["Approve with changes…", "Deny…"]);
    expect(textsOf(part).join("\n")).toContain("allow Claw to attach files");
  });
});

test("a list shows each thing with its own button, and counts what has no room", () => {
  const button = { label: "Retry", action: "run.retry", value: "r1", style: "plain" } as const;
  const rows = Array.from({ length: 30 }, (_, n) => ({
    state: "failed" as const,
    title: `run ${n}`,
    text: "cannot reach s3",
    buttons: [button],
  }));
  const made = renderCard(card({ title: "30 dead letters", rows }), { marker, files: "attached" });
  expect(messageComplaints(made)).toEqual([]);
  const shown = buttonsOf(made).length;
  expect(shown).toBeGreaterThanOrEqual(8);
  expect(textsOf(made).join("\n")).toContain(`${30 - shown} left out for want of room`);
  expect(made.files).toEqual([{ filename: "card.txt", content: cardText(card({ title: "30 dead letters", rows })) }]);
});

describe("what a message carries unseen", () => {
  test("a custom id says what a press means, within a hundred characters, or the button is not there", () => {
    for (const value of ["a", "01970a11-2222-7333-8444-5566778899aa", "pause open-prs-acme-api", "x".repeat(80)]) {
      const id = customIdOf({ action: "command", value }, 12);
      expect(id?.length).toBeLessThanOrEqual(100);
      expect(readCustomId(id ?? "")).toEqual({ kind: "press", action: "command", value });
    }
    expect(customIdOf({ action: "command", value: "x".repeat(95) }, 1)).toBeNull();
    expect(customIdOf({ action: "command", value: "" }, 1)).toBeNull();
    for (const strange of ["", "p:run.inspect:1", "x1:run.inspect:1", "p1:Run:1", "p1:run.inspect:"]) {
      expect(readCustomId(strange)).toBeNull();
    }
  });

  test("the nonce and the marker are of this key and of no other", () => {
    const keys = Array.from({ length: 500 }, (_, n) => `approval:${n}`);
    expect(new Set(keys.map((key) => nonceOf("discord:1", key))).size).toBe(keys.length);
    expect(new Set(keys.map((key) => markerOf("discord:1", key).join())).size).toBe(keys.length);
    expect(nonceOf("discord:1", "a")).not.toBe(nonceOf("discord:2", "a"));
    expect(nonceOf("discord:1", "x".repeat(500))).toHaveLength(25);
    const message = renderCard(asked, { marker: markerOf("discord:1", "a"), files: "attached" });
    expect(bears(message.components, markerOf("discord:1", "b"))).toBe(false);
    expect(bears(message.components, markerOf("discord:2", "a"))).toBe(false);
    for (const strange of [null, [], [{}], "x", [{ id: 1, components: 5 }]]) expect(bears(strange, marker)).toBe(false);
  });
});
