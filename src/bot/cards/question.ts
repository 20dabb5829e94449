/** A question of a run to people, before and after somebody answered. Pure. */
import type { Answered, Notice, QuestionEnd, QuestionView, SaidInThread } from "../../orchestrator/index.ts";
import { button } from "./actions.ts";
import { type Button, type Card, card, instant } from "./card.ts";
import { dotted, fact, heading, runName } from "./parts.ts";
import { cut, person, plain } from "./plain.ts";

/** A question that is longer stands whole below the title. */
const MAX_TITLE = 140;
/** What every platform's button shows whole. */
const MAX_LABEL = 72;
/** Of a long answer the card shows the beginning; `inspect` has the rest. */
const MAX_ANSWER = 600;

export function askedCard({ question, decision }: Extract<Notice, { kind: "questionAsked" }>): Card {
  if (decision !== null) return endedCard(question, decision);
  return card({
    state: "asks",
    title: titleOf(question),
    aside: asideOf(question),
    facts: [
      ...wholeOf(question),
      ...fact("who", `${plain(question.who)} · until ${instant(question.until)}; silence is no answer`),
    ],
    buttons: buttonsOf(question),
    footer: footerOf(question),
  });
}

export function askedAgainCard(notice: Extract<Notice, { kind: "questionReminder" }>): Card {
  const { question, able, more, decision } = notice;
  if (decision !== null) return endedCard(question, decision);
  const names = `${able.map(person).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return card({
    state: "asks",
    title: heading(`Still open: ${asked(question)}`),
    aside: asideOf(question),
    facts: [
      ...wholeOf(question),
      ...fact("who", `${plain(question.who)} · until ${instant(question.until)}; silence is no answer`),
      ...fact("can", able.length === 0 ? "nobody that I know" : names),
    ],
    buttons: buttonsOf(question),
    footer: footerOf(question),
  });
}

const asideOf = ({ number, run }: QuestionView): string => `question ${number} of ${runName(run)}`;

/** A question stands alone: nothing of it can look like a part of the card. */
const asked = ({ question }: QuestionView): string => plain(question);

const titleOf = (question: QuestionView): string => cut(asked(question), MAX_TITLE);

const wholeOf = (question: QuestionView) =>
  asked(question).length <= MAX_TITLE ? [] : fact("question", asked(question));

function buttonsOf({ questionId, choices }: QuestionView): readonly Button[] {
  return choices === null
    ? [
        button("Answer…", "question.answer", questionId, "primary", {
          label: "Your answer",
          initial: "",
          required: true,
        }),
      ]
    : choices.map((choice, at) => button(cut(plain(choice), MAX_LABEL), "question.choose", `${questionId}:${at}`));
}

const footerOf = ({ number, choices, tainted }: QuestionView): string =>
  dotted(
    choices === null
      ? `or reply in this thread, or type /claw answer ${number} and your words`
      : `or reply with one of these in this thread, or type /claw answer ${number} and one of them`,
    tainted ? "the run read text from outside before it asked" : null,
  );

function endedCard(question: QuestionView, end: QuestionEnd): Card {
  const at = instant(end.at);
  const base = { aside: asideOf(question) };
  switch (end.kind) {
    case "answered": {
      const answer = cut(plain(end.answer), MAX_ANSWER);
      return card({
        ...base,
        state: "done",
        title: heading(`Answered by ${person(end.by)} ${at}`),
        facts: [...fact("answer", answer), ...fact("asked", asked(question))],
      });
    }
    case "expired":
      return card({
        ...base,
        state: "failed",
        title: heading(`Nobody answered until ${at}, and the run was told so`),
        facts: fact("asked", asked(question)),
      });
    case "cancelled":
      return card({
        ...base,
        state: "failed",
        title: heading(`Not asked any more since ${at}: the run ended`),
        facts: fact("asked", asked(question)),
      });
  }
}

/** What an answer came to, for who gave it. */
export function answeredCard({ number, run, now, answer, by, at }: Answered): Card {
  const said = cut(plain(answer), 80);
  if (now)
    return card({ state: "done", title: heading(`Your answer to question ${number}: ${said}. Run ${run} goes on`) });
  return card({
    title: heading(`Question ${number} was answered by ${person(by)} ${instant(at.toISOString())}: ${said}`),
    text: "The first answer counts; yours changed nothing.",
  });
}

/** What a message in a thread was to its open questions. */
export function saidCard(said: SaidInThread): Card {
  if (said.kind === "answered") return answeredCard(said.answered);
  const lines = said.open
    .map(({ number, question }) => `- ${cut(plain(question), 80)}: \`/claw answer ${number} your words\``)
    .join("\n");
  return said.why === "several"
    ? card({
        state: "asks",
        title: "Which question does that answer?",
        text: `Several are open here, so I took it for none of them:\n${lines}`,
      })
    : card({
        title: `That is too long for an answer to question ${said.open[0]?.number ?? ""}`,
        text: `An answer may have at most 2,000 characters. It is kept as part of this thread; answer in short:\n${lines}`,
      });
}
