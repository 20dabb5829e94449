/** Cards of rules, grants, reminders and the switch for everything: what they say, and that nothing hides in them. */
import { describe, expect, test } from "vitest";
import { approvalCard, votedCard } from "../../../src/bot/cards/approval.ts";
import { givenCard, grantCard, grantsCard } from "../../../src/bot/cards/grants.ts";
import { noticeCard } from "../../../src/bot/cards/notice.ts";
import { checkCard, ruleCard } from "../../../src/bot/cards/permissions.ts";
import { statusCard } from "../../../src/bot/cards/status.ts";
import { resumedEverythingCard, stopCard } from "../../../src/bot/cards/stops.ts";
import { cardText } from "../../../src/bot/cards/text.ts";
import type { ApprovalView, GrantView } from "../../../src/orchestrator/index.ts";
import { approval as asking } from "./views.ts";

const approval = asking();
const AT = "2026-11-23T09:00:00.000Z";
const grant = (more: Partial<GrantView> = {}): GrantView => ({
  grantId: "g",
  number: 3,
  workflow: "prs",
  tool: "channel_post",
  words: 'channel_post with channel = "#ops", text = anything',
  lines: "channel = #ops\ntext = *",
  uses: 20,
  usesLeft: 19,
  expiresAt: AT,
  afterOutside: false,
  mayHoldOutside: true,
  readsOutside: [],
  by: "Lin",
  over: null,
  ...more,
});

describe("an approval", () => {
  const asked = (more: Partial<ApprovalView>) =>
    approvalCard({ kind: "approvalRequested", approval: { ...approval, ...more }, decision: null, outcome: null });

  test("says who may decide, how many have, and from when a yes counts", () => {
    const text = cardText(
      asked({
        who: "2 people, each @leads, not the author",
        quorum: 2,
        votes: [{ by: "Kim", at: AT }],
        effectiveAt: AT,
        grantable: false,
      }),
    );
    expect(text).toMatch(/^who\s+2 people, each @leads, not the author · until .*, then it means no$/mu);
    expect(text).toMatch(/^votes\s+1 of 2: @Kim$/mu);
    expect(text).toMatch(/^earliest\s+a yes takes effect 23 Nov 2026 09:00 UTC$/mu);
    expect(text).not.toContain("Always allow");
  });

  test("offers a standing yes where one may be given", () => {
    expect(asked({ grantable: true }).buttons.map(({ label }) => label)).toEqual([
      "Approve",
      "Approve with changes…",
      "Deny…",
      "Always allow this…",
    ]);
  });

  test("tells whoever voted how many more are needed", () => {
    const voted = { number: 7, status: "pending", by: "Lin", at: null, reason: null, missing: 1 } as const;
    expect(votedCard({ ...voted, decidedNow: true }).title).toBe("Your yes counts: one more person must approve 7");
    expect(votedCard({ ...voted, decidedNow: false }).title).toBe(
      "You said yes before: one more person must approve 7",
    );
  });

  test("is said again with who can decide, until it is decided", () => {
    const reminder = { kind: "approvalReminder", approval, able: ["Lin", "Ada"], more: 1, decision: null } as const;
    const text = cardText(noticeCard(reminder));
    expect(text).toMatch(/^\? Still open: May I /u);
    expect(text).toMatch(/^can\s+@Lin, @Ada and 1 more$/mu);
    expect(text).toMatch(/\[Approve\] \[Deny…\]/u);
    const decided = noticeCard({ ...reminder, decision: { kind: "denied", by: "Lin", at: AT, reason: null } });
    expect(decided.buttons).toEqual([]);
    expect(cardText(noticeCard({ ...reminder, able: [], more: 0 }))).toMatch(/can\s+nobody that I know/u);
  });
});

describe("a grant", () => {
  test("is shown whole before it is given, with a tick that can be set", () => {
    const text = cardText(grantCard(grant({ number: null, words: `t with a = "x\u202Ey"` })));
    expect(text).toMatch(/^\? Always allow this in prs\?/u);
    expect(text).toContain("x‹U+202E›y");
    expect(text).toMatch(/at most 20 calls, until 23 Nov 2026 09:00 UTC/u);
    expect(text).toMatch(/\[Give it\] \[Change…\] \[☐ Even after outside text\] \[Cancel\]/u);
    expect(cardText(grantCard(grant({ mayHoldOutside: false })))).not.toContain("☐");
    expect(cardText(grantCard(grant({ afterOutside: true })))).toContain("☑ Even after outside text");
  });

  test("says before it is given, and after, that the next run will ask again unless that is ticked", () => {
    const reads = { readsOutside: ["http_request"] };
    const warned =
      /can read such text \(http_request\), and its last report carries it into the next run: tick Even after/u;
    expect(cardText(grantCard(grant(reads)))).toMatch(warned);
    expect(cardText(givenCard({ grant: grant(reads), approved: 1 }))).toMatch(warned);
    expect(cardText(grantCard(grant({ ...reads, mayHoldOutside: false })))).toMatch(
      /always asks: not every argument .* fixed\. This workflow can read such text/u,
    );
    for (const calm of [grant(), grant({ ...reads, afterOutside: true })]) {
      expect(cardText(grantCard(calm))).not.toContain("can read such text");
      expect(cardText(givenCard({ grant: calm, approved: 1 }))).not.toContain("can read such text");
    }
  });

  test("is listed with what is left of it, or why it is over", () => {
    const text = cardText(grantsCard([grant({ number: 1, over: "expired" }), grant()]));
    expect(text.split("\n")[0]).toBe("1 grant holds, 1 over");
    expect(text).toMatch(/3: prs may call .*19 of 20 left.*not after outside text · given by @Lin\s+\[Revoke\]/u);
    expect(text.indexOf("3: prs")).toBeLessThan(text.indexOf("1: prs"));
    expect(givenCard({ grant: grant(), approved: 7 }).title).toBe(
      "Grant 3 holds in prs; approval 7 is approved with it",
    );
  });
});

describe("a rule", () => {
  test("is shown in plain words before it holds", () => {
    const made = ruleCard({
      ruleId: "r",
      number: null,
      words: "must not call http_get to evil\u200B.example",
      workflow: "prs",
    });
    expect(cardText(made)).toMatch(/^\? From now on prs must not call http_get to evil‹U\+200B›\.example\?/u);
    expect(made.buttons.map(({ label }) => label)).toEqual(["Save", "Cancel"]);
  });

  test("is named by a check, for before and after outside text", () => {
    const outcome = { reasons: [], who: null, rules: ["rule 3"] };
    const text = cardText(
      checkCard({
        tool: "http_get",
        workflow: "prs",
        outcomes: [
          { ...outcome, afterOutside: false, kind: "run" },
          { ...outcome, afterOutside: true, kind: "ask", who: "an admin", reasons: ["it reads"] },
        ],
      }),
    );
    expect(text).toMatch(/^http_get would run in prs/u);
    expect(text).toMatch(/After text from outside it would ask an admin\s+it reads · decided by rule 3/u);
  });
});

describe("everything off", () => {
  test("is asked once, stands on top of the status, and says how long it was", () => {
    const view = { running: 2, queued: 1, waiting: 0, active: 3, stopped: null };
    expect(stopCard(view).buttons.map(({ action }) => action)).toEqual(["stop.everything", "stop.cancel"]);
    expect(stopCard(view).facts[0]?.value).toBe(
      "2 runs under way, which may have been changing something · 1 queued · the times of 3 workflows",
    );
    expect(stopCard({ ...view, running: 0, queued: 0 }).facts[0]?.value).toBe(
      "no run is under way · the times of 3 workflows",
    );
    expect(stopCard({ ...view, stopped: { at: AT, by: "Ada" } }).buttons.map(({ value }) => value)).toEqual([
      "resume everything",
    ]);
    const status = statusCard({
      stopped: { at: AT, by: "Ada" },
      running: [],
      waiting: [],
      dead: [],
      lost: [],
      incidents: [],
      workflows: 1,
      todayMicros: 0,
      todayLimitMicros: 1,
      next: [{ workflowId: "w", name: "prs", at: AT }],
    });
    expect(status.title).toMatch(/^Everything is stopped by @Ada/u);
    expect(status.buttons[0]?.value).toBe("resume everything");
    expect(cardText(status)).toMatch(/1 workflow · today/u);
    // A time would be a promise that nobody keeps.
    expect(cardText(status)).not.toMatch(/next/u);
    expect(cardText(resumedEverythingCard({ stoppedBy: "Ada", stoppedAt: AT, leftOut: 2 }))).toMatch(
      /2 workflows did not run meanwhile/u,
    );
  });

  test("says what a run was changing", () => {
    const run = { runId: "r", number: 4, workflowId: "w", name: "prs" };
    const text = cardText(noticeCard({ kind: "runSuspended", run, by: "Ada", at: AT, underWay: ["pay rent"] }));
    expect(text).toMatch(/prs, run 4 was stopped by @Ada .* while it changed something/u);
    expect(text).toMatch(/perhaps\s+pay rent/u);
  });
});
