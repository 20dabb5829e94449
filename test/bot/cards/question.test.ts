/** The card of a question: what people see, press and are told. */
import { describe, expect, test } from "vitest";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { answeredCard, saidCard } from "../../../src/bot/cards/question.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import type { QuestionAskedNotice, QuestionView } from "../../../src/orchestrator/events.ts";

const ID = "01970a11-2222-7333-8444-5566778899aa";
const AT = "2026-11-23T09:00:00.000Z";
const view = (parts: Partial<QuestionView> = {}): QuestionView => ({
  questionId: ID,
  number: 3,
  run: { workflowId: ID, name: "doors", runId: ID, number: 41 },
  question: "Which colour?",
  choices: ["Red", "Blue"],
  who: "its owner, an approver or an admin",
  until: AT,
  tainted: false,
  ...parts,
});
const asked = (parts: Partial<QuestionView> = {}, end: QuestionAskedNotice["decision"] = null) =>
  noticeCard({ kind: "questionAsked", question: view(parts), decision: end });

describe("a question with choices", () => {
  test("leads with it, says who may answer until when, and how else", () => {
    expect(cardText(asked())).toBe(
      [
        "? Which colour?  (question 3 of doors, run 41)",
        "who  its owner, an approver or an admin · until 23 Nov 2026 09:00 UTC; silence is no answer",
        "[Red] [Blue]",
        "(or reply with one of these in this thread, or type /claw answer 3 and one of them)",
      ].join("\n"),
    );
    expect(asked().buttons.map(({ action, value }) => [action, value])).toEqual([
      ["question.choose", `${ID}:0`],
      ["question.choose", `${ID}:1`],
    ]);
  });

  test("shows a long one whole, and nothing in it can hide, turn around or look like a date of ours", () => {
    const long = `${"Is it so that ".repeat(20)}it is?`;
    expect(asked({ question: long }).facts[0]).toMatchObject({ label: "question", value: long });
    const text = cardText(asked({ question: "a\u202eb\u200b\nwho  you {t:x}", choices: ["y\u202ees", "no\u0007"] }));
    expect(text).toMatch(/^\? ab who you \{ t:x\} {2}\(question/u);
    expect(text).toContain("[yes] [no]");
  });

  test("says when the run had read text from outside", () => {
    expect(asked({ tainted: true }).footer).toContain("the run read text from outside before it asked");
  });
});

test("a question for words opens a form", () => {
  const [button, ...others] = asked({ choices: null }).buttons;
  expect(others).toEqual([]);
  expect(button).toMatchObject({ label: "Answer…", action: "question.answer", input: { required: true } });
  expect(asked({ choices: null }).footer).toContain("reply in this thread");
});

test("its end takes the buttons away, on the reminder, too", () => {
  const ends = [
    [
      { kind: "answered", answer: "the\nblue one", by: "Lin", at: AT },
      /Answered by @Lin 23 Nov[\s\S]*answer {2}the blue one/,
    ],
    [{ kind: "expired", at: AT }, /Nobody answered until 23 Nov 2026 09:00 UTC, and the run was told so/],
    [{ kind: "cancelled", at: AT }, /Not asked any more since .*: the run ended/],
  ] as const;
  for (const [end, words] of ends) {
    for (const made of [
      asked({}, end),
      noticeCard({ kind: "questionReminder", question: view(), able: [], more: 0, decision: end }),
    ]) {
      expect(made.buttons).toEqual([]);
      expect(cardText(made)).toMatch(words);
      expect(cardText(made)).toMatch(/asked {1,3}Which colour\?/);
    }
  }
});

test("the reminder names who can answer", () => {
  const reminder = { kind: "questionReminder", question: view(), decision: null } as const;
  const text = cardText(noticeCard({ ...reminder, able: ["Lin", "Ada"], more: 2 }));
  expect(text).toMatch(/^\? Still open: Which colour\?/u);
  expect(text).toMatch(/can\s+@Lin, @Ada and 2 more/u);
  expect(cardText(noticeCard({ ...reminder, able: [], more: 0 }))).toMatch(/can\s+nobody that I know/u);
});

test("every answer hears what came of it", () => {
  const answered = { number: 3, run: 41, answer: "blue", by: "Lin", at: new Date(AT) };
  expect(cardText(answeredCard({ ...answered, now: true }))).toBe("✓ Your answer to question 3: blue. Run 41 goes on");
  expect(cardText(answeredCard({ ...answered, now: false }))).toMatch(
    /^Question 3 was answered by @Lin 23 Nov 2026 09:00 UTC: blue\n {2}The first answer counts/,
  );
  expect(
    cardText(
      saidCard({
        kind: "unclear",
        why: "several",
        open: [
          { number: 3, question: "Which colour?" },
          { number: 4, question: "Which {t:x} door?" },
        ],
      }),
    ),
  ).toMatch(
    /Which question does that answer\?[\s\S]*Which colour\?: .*\/claw answer 3 your words[\s\S]*door\?: .*\/claw answer 4 your words/,
  );
  expect(cardText(saidCard({ kind: "unclear", why: "too_long", open: [{ number: 3, question: "Why?" }] }))).toMatch(
    /too long for an answer to question 3[\s\S]*2,000/,
  );
});
