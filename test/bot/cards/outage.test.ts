import { expect, test } from "vitest";
import { isAction } from "../../../src/bot/cards/actions.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import type { Notice } from "../../../src/orchestrator/events.ts";
import { NINE, RUN, TEN } from "./views.ts";

const down: Extract<Notice, { kind: "serviceDown" }> = {
  kind: "serviceDown",
  run: RUN,
  service: "http:api.github.com",
  failure: { code: "service_unavailable", message: "api.github.com cannot be reached" },
  since: NINE,
  nextTryAt: TEN,
  backAt: null,
};

test("a service that is down: who waits, why, since when, when it is tried next, and that nobody need act", () => {
  expect(cardText(noticeCard(down))).toBe(
    [
      "‖ open-prs-acme-api waits, run 41: api.github.com cannot be reached",
      "down  api.github.com, since 23 Nov 2026 09:00 UTC",
      "next  tries again 23 Nov 2026 10:00 UTC, no need to act",
      "[Inspect] [Cancel]",
      "(waiting uses up no attempts and does not count as a failure)",
    ].join("\n"),
  );
  expect(noticeCard(down).buttons.every(({ action }) => isAction(action))).toBe(true);
});

test("one that is back says so, and from when to when it was away", () => {
  const back = cardText(noticeCard({ ...down, nextTryAt: null, backAt: TEN }));
  expect(back).toBe(
    [
      "✓ api.github.com is back since 23 Nov 2026 10:00 UTC; open-prs-acme-api went on  (run 41)",
      "was down  since 23 Nov 2026 09:00 UTC",
      "[Inspect]",
    ].join("\n"),
  );
});

test.each([
  ["model:api.openai.com", "the model at api.openai.com"],
  ["tool:weather", "the service of weather"],
  ["http:db:5432", "db:5432"],
])("%s is called %s", (service, words) => {
  expect(cardText(noticeCard({ ...down, service }))).toContain(`down  ${words}, since`);
});
