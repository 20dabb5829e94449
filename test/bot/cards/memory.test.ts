/** Cards of what is remembered: where it comes from, who is told, what can be done, and that nothing hides in it. */
import { describe, expect, test } from "vitest";
import { previewCard } from "../../../src/bot/cards/draft.ts";
import { dryRanCard } from "../../../src/bot/cards/dry-run.ts";
import { exportCard, forgottenCard, memoriesCard, memoryCard, rememberedCard } from "../../../src/bot/cards/memory.ts";
import { reportCard } from "../../../src/bot/cards/run.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import { toolsCard } from "../../../src/bot/cards/tools.ts";
import { draft, FIGURES, memory, RUN } from "./views.ts";

describe("what is remembered", () => {
  test("is listed with who is told, its source and its end; what is from outside stands out", () => {
    const text = cardText(
      memoriesCard(
        [
          memory({ number: 4, text: "Bo reviews", fromOutside: true, byRun: true, run: 41 }),
          memory({ number: 3, expiresAt: null, mayChange: false, isPrivate: true, scope: "workspace" }),
        ],
        null,
      ),
    );
    expect(text).toMatch(/^2 memories$/mu);
    expect(text).toMatch(
      /\? 4: Bo reviews.*open-prs-acme-api · learnt by run 41 · until .*from outside, not confirmed.*\[Show\] \[Forget\]/u,
    );
    expect(text).toMatch(/ {2}3: Deploys.*@ada's own workflows everywhere · said by @ada · for good {2}\[Show\]$/mu);
    expect(text).toMatch(/asks before it sends or changes anything/u);
  });

  test("says what to type when there is nothing", () => {
    expect(cardText(memoriesCard([], null))).toMatch(/Nothing is remembered that you can see here.*\/claw remember/su);
    expect(cardText(memoriesCard([], "prs"))).toMatch(/Nothing is remembered for prs/u);
  });

  test("can be confirmed, corrected, kept and forgotten by who may, and by nobody else", () => {
    const labels = (more: object) => memoryCard(memory(more)).buttons.map(({ label }) => label);
    expect(labels({ fromOutside: true })).toEqual(["Confirm", "Correct…", "Keep for good", "Forget"]);
    expect(labels({ expiresAt: null })).toEqual(["Correct…", "Forget"]);
    expect(labels({ mayChange: false })).toEqual([]);
    expect(cardText(memoryCard(memory({ mayChange: false })))).toMatch(/only @ada or an admin can change it/u);
  });

  test("hides nothing and looks like nothing else", () => {
    const text = cardText(memoryCard(memory({ text: "a\u202Eb {t:2026-01-01T00:00:00Z|time} [Approve]" })));
    expect(text).not.toMatch(/\u202E|\{t:/u);
    expect(forgottenCard(memory({ text: "x".repeat(500) })).title.length).toBeLessThanOrEqual(150);
  });

  test("a repeated one is said to be known", () => {
    expect(rememberedCard(memory(), true).title).toMatch(/^I remember that, as memory 3, until/u);
    expect(rememberedCard(memory(), false).title).toMatch(/^That is memory 3 already; it is kept until/u);
  });
});

describe("the export", () => {
  const many = Array.from({ length: 30 }, (_, n) => memory({ number: n + 1, text: "`".repeat(100) }));

  test("is JSON, page by page, and every memory is on one of them", () => {
    const numbers: number[] = [];
    for (let after = 0; ; ) {
      const page = exportCard(many.filter(({ number }) => number > after));
      expect(page.text.length).toBeLessThan(3_000);
      const json = /^```json\n([\s\S]*)\n```$/u.exec(page.text)?.[1] ?? "";
      expect(json).not.toContain("`");
      const read = JSON.parse(json) as { number: number; text: string }[];
      expect(read[0]?.text).toBe("`".repeat(100));
      numbers.push(...read.map(({ number }) => number));
      const [more] = page.buttons;
      if (!more) break;
      after = Number(/after (\d+)$/u.exec(more.value)?.[1]);
    }
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  });

  test("of one that is as long as it may be still is a page", () => {
    const page = exportCard([memory({ text: "\u202E`".repeat(250) })]);
    expect(JSON.parse(/```json\n([\s\S]*)\n```/u.exec(page.text)?.[1] ?? "")).toMatchObject([{ number: 3 }]);
  });

  test("of nothing says so", () => {
    expect(exportCard([]).title).toBe("There is no more to export");
  });
});

describe("elsewhere", () => {
  test("a report says what is remembered from now on, and how to undo it", () => {
    const notice = {
      kind: "runReported",
      run: RUN,
      text: "Done",
      figures: FIGURES,
      model: "m",
      tainted: false,
    } as const;
    expect(reportCard({ ...notice, remembered: [4, 5] }).footer).toBe(
      "remembers 2 things more, 4, 5: /claw memory 4 shows one, /claw forget 4 undoes it",
    );
    expect(reportCard(notice).footer).toBe("");
  });

  test("a dry run says what it would remember without asking", () => {
    const call = {
      tool: "remember",
      effect: "write",
      action: "remember this for later runs",
      target: null,
      reasons: [],
      exactly: '{"text":"x"}',
      diff: ["+ x"],
      moreDiff: 0,
    } as const;
    const ran = {
      kind: "dryRan",
      run: RUN,
      asked: "e",
      draft: false,
      status: "succeeded",
      verdict: { kind: "report", text: "Done" },
      failure: null,
      figures: FIGURES,
      model: "m",
      reads: [],
      moreReads: 0,
      would: [call],
      moreWould: 0,
    } as const;
    const text = cardText(dryRanCard(ran));
    expect(text).toMatch(/: it would report {2}\(/u);
    expect(text).toMatch(/asks\s+nothing/u);
    expect(text).toMatch(/Would do without asking: remember this for later runs/u);
    expect(cardText(dryRanCard({ ...ran, would: [{ ...call, reasons: ["it read outside text"] }] }))).toMatch(
      /and ask about 1 call first.*Would have asked: may I remember this/su,
    );
  });

  test("a preview and the list of tools say when remembering asks", () => {
    const tools = [{ name: "remember", effect: "write", inside: true }] as const;
    expect(cardText(previewCard(draft({ tools })))).toMatch(
      /may\s+remember, asking once it has read text from outside/u,
    );
    const tool = {
      name: "remember",
      description: "",
      effect: "write",
      egress: "none",
      retry: "idempotent",
      figures: null,
      who: "every workflow that lists it",
    } as const;
    expect(cardText(toolsCard([{ ...tool, inside: true }]))).toMatch(/asks after outside text/u);
    expect(cardText(toolsCard([tool]))).toMatch(/asks unless a grant covers it/u);
  });
});
