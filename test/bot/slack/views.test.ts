import { describe, expect, test } from "vitest";
import { card } from "../../../src/bot/cards/card.ts";
import { previewCard } from "../../../src/bot/cards/draft.ts";
import { argumentFields } from "../../../src/bot/chat/argument-fields.ts";
import { readActionId } from "../../../src/bot/slack/render-blocks.ts";
import { argumentErrors, argumentsModal, readArguments } from "../../../src/bot/slack/views-arguments.ts";
import { askModal, readAsk } from "../../../src/bot/slack/views-ask.ts";
import { homeView } from "../../../src/bot/slack/views-home.ts";
import { cardModal, readMemory, type ViewState } from "../../../src/bot/slack/views-modal.ts";
import { samples } from "../cards/samples.ts";
import { approval, draft, run, workflow } from "../cards/views.ts";
import { generator, hostileText } from "../chat/seeded.ts";
import { viewComplaints } from "./block-lint.ts";
import { isRecord } from "./record.ts";
import { ASKED, GIVEN, home, SCHEMA, viewSamples } from "./view-samples.ts";

/** What Slack sends back when a person submits a form without touching it, or after typing. */
function submitted(
  view: { readonly blocks: readonly unknown[] },
  typed: Readonly<Record<string, string>> = {},
): ViewState {
  const state: Record<string, ViewState[string]> = {};
  for (const block of view.blocks) {
    if (!isRecord(block) || block.type !== "input" || !isRecord(block.element)) continue;
    const { element } = block;
    const id = String(block.block_id);
    const options: readonly unknown[] = Array.isArray(element.options) ? element.options : [];
    const chosen =
      typed[id] === undefined
        ? element.initial_option
        : options.find((option) => isRecord(option) && option.value === typed[id]);
    state[id] =
      element.type === "static_select"
        ? { value: { selected_option: isRecord(chosen) ? { value: String(chosen.value) } : null } }
        : { value: { value: typed[id] ?? (typeof element.initial_value === "string" ? element.initial_value : null) } };
  }
  return state;
}
const inputsOf = (view: { readonly blocks: readonly unknown[] }): string[] =>
  view.blocks.flatMap((block) =>
    isRecord(block) && isRecord(block.label) && isRecord(block.element)
      ? [`${block.label.text}: ${block.element.type}`]
      : [],
  );
const textOf = (view: unknown): string => JSON.stringify(view);

test.each(Object.entries(viewSamples()))("%s is a view that Slack takes", (_, view) => {
  expect(viewComplaints(view)).toEqual([]);
});

test("a modal of any card is one that Slack takes, and remembers only an id", () => {
  const random = generator(9);
  for (const { card: made } of samples({ word: () => hostileText(random, 600), many: (usual) => usual * 20 })) {
    const view = cardModal(made, "A title that is longer than Slack takes", "r1");
    expect(viewComplaints(view)).toEqual([]);
    expect(readMemory(view.private_metadata ?? "")).toEqual({ ref: "r1", shown: null });
  }
  for (const forged of ["", "x", "[]", '{"ref":1}', "null"]) expect(readMemory(forged)).toBeNull();
  for (const ref of ["", "x".repeat(2_901), "a b", "é"])
    expect(() => cardModal(card({ title: "t" }), "t", ref)).toThrow(RangeError);
});

describe("a line that a button asks for", () => {
  const deny = ASKED.buttons.find(({ action }) => action === "approval.deny");
  if (deny === undefined) throw new Error("An approval has a button to deny.");
  test("stands under what it is about, and may be left empty where the button says so", () => {
    const view = askModal(deny, ASKED, "r1");
    expect(view).toMatchObject({ callback_id: "ask", title: { text: "Deny" }, submit: { text: "Deny" } });
    expect(textOf(view)).toMatch(
      /May I close issue #77.*github_close_issue.*an approver or an admin.*Reason \(may be left empty\)/u,
    );
    expect(textOf(view)).not.toMatch(/"type":"actions"/u);
    expect(view.blocks.at(-1)).toMatchObject({ type: "input", optional: true });
    expect(readAsk(submitted(view))).toBe("");
    expect(readAsk(submitted(view, { text: "not this one" }))).toBe("not this one");
  });
  test("begins with what is there, and says so when that is too long to be changed there", () => {
    const edit = (instruction: string) => {
      const button = previewCard(draft({ instruction })).buttons.find(({ action }) => action === "draft.edit");
      if (button === undefined) throw new Error("A draft has a button to edit.");
      return askModal(button, null, "r1");
    };
    expect(readAsk(submitted(edit("summarise & tell <me>")))).toBe(
      "every weekday at 09:00, Europe/Paris summarise & tell <me>",
    );
    expect(edit("short").blocks.at(-1)).toMatchObject({ type: "input", optional: false });
    const long = edit("x".repeat(3_500));
    expect(viewComplaints(long)).toEqual([]);
    expect(long.submit).toBeUndefined();
    expect(textOf(long)).toMatch(/too long to be changed in Slack/u);
  });
});

describe("approving with other arguments", () => {
  const view = argumentsModal(ASKED, SCHEMA, GIVEN, "r1");
  test("has a field for each argument, under the call it is about", () => {
    expect(inputsOf(view)).toEqual([
      "repo: plain_text_input",
      "issue: number_input",
      "comment: plain_text_input",
      "reason: static_select",
      "lock: static_select",
      "labels (JSON): plain_text_input",
    ]);
    expect(textOf(view)).toMatch(/May I close issue #77/u);
  });
  test("what is not touched stays as it was, to the letter", () => {
    for (const given of [
      GIVEN,
      { ...GIVEN, comment: "", labels: [] },
      { repo: "a\r\nb\u0000 \u202e", issue: 1e21, comment: "\ttab" },
      { repo: 7, issue: "x" },
      {},
    ]) {
      const form = argumentsModal(ASKED, SCHEMA, given, "r1");
      expect(viewComplaints(form)).toEqual([]);
      expect(readArguments(SCHEMA, given, submitted(form))).toEqual({ kind: "arguments", value: given });
    }
  });
  test("reads what was typed as what the argument is", () => {
    const typed = {
      "argument:1": "78",
      "argument:2": "Stale & <old>",
      "argument:3": "1",
      "argument:4": "0",
      "argument:5": '["a"]',
    };
    expect(readArguments(SCHEMA, GIVEN, submitted(view, typed))).toEqual({
      kind: "arguments",
      value: {
        repo: "acme/api",
        issue: 78,
        comment: "Stale & <old>",
        reason: "not planned",
        lock: true,
        labels: ["a"],
      },
    });
    const emptied = readArguments(
      SCHEMA,
      GIVEN,
      submitted(view, { "argument:0": "", "argument:2": "", "argument:5": "" }),
    );
    expect(emptied).toEqual({ kind: "arguments", value: { repo: "", issue: 77, reason: "completed" } });
  });
  test("says what is wrong at the field where it is", () => {
    expect(readArguments(SCHEMA, GIVEN, submitted(view, { "argument:1": "many", "argument:5": "a, b" }))).toEqual({
      kind: "errors",
      errors: { "argument:1": "This is not a number.", "argument:5": "This is not JSON." },
    });
    expect(
      argumentErrors(SCHEMA, GIVEN, [
        { path: ["issue"], message: "Too small" },
        { path: ["labels", 0], message: "Too long" },
        { path: [], message: "No" },
      ]),
    ).toEqual({ "argument:1": "Too small", "argument:5": "0: Too long", "argument:0": "No" });
  });
  test("is one text of JSON where a form cannot hold them, and says so where that cannot either", () => {
    const whole = [
      [SCHEMA, { ...GIVEN, other: 1 }],
      [{ type: "object", additionalProperties: {} }, { a: 1 }],
      [null, GIVEN],
    ] as const;
    for (const [schema, given] of whole) {
      const form = argumentsModal(ASKED, schema, given, "r1");
      expect(viewComplaints(form)).toEqual([]);
      expect(argumentFields(schema, given)).toBeNull();
      expect(readArguments(schema, given, submitted(form))).toEqual({ kind: "arguments", value: given });
      expect(readArguments(schema, given, submitted(form, { whole: "[1]" }))).toMatchObject({
        kind: "errors",
        errors: { whole: expect.stringMatching(/JSON object/u) },
      });
    }
    const long = argumentsModal(ASKED, SCHEMA, { ...GIVEN, comment: "x".repeat(4_000) }, "r1");
    expect(viewComplaints(long)).toEqual([]);
    expect(long.submit).toBeUndefined();
    expect(textOf(long)).toMatch(/too long to be changed in Slack/u);
  });
  test("any schema makes a form that Slack takes", () => {
    const random = generator(3);
    for (let round = 0; round < 40; round++) {
      const text = (): string => hostileText(random, 1 + random(400));
      const kinds = [
        { type: "string" },
        { type: "integer" },
        { type: "boolean" },
        { enum: [text(), text(), 1, null] },
        { enum: [] },
        { enum: Array.from({ length: 101 }, (_, n) => n) },
        { anyOf: [] },
        true,
        null,
      ];
      const names = Array.from({ length: 1 + random(32) }, (_, n) => `${n}${text()}`);
      const schema = {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, kinds[random(kinds.length)]])),
        required: names.slice(0, 2),
      };
      const given = Object.fromEntries(names.slice(0, random(5)).map((name) => [name, text()]));
      const form = argumentsModal(ASKED, schema, given, "r1");
      expect(viewComplaints(form)).toEqual([]);
      if (form.submit !== undefined)
        expect(readArguments(schema, given, submitted(form))).toEqual({ kind: "arguments", value: given });
    }
  });
});

describe("the home", () => {
  test("says what waits, then the workflows, the runs and the cost, each with its buttons", () => {
    const text = textOf(homeView(home()));
    expect(text).toMatch(
      /What waits for you.*7: may I close issue #77.*press:approval\.approve:\d+.*ask:approval\.deny:\d+.*run 44.*press:run\.retry.*Your workflows.*open-prs-acme-api.*press:workflow\.run.*menu.*press:workflow\.resume.*Recent runs.*press:run\.inspect.*Cost this month.*\$12\.40/u,
    );
    const ids = [...text.matchAll(/"action_id":"([^"]+)"/gu)].map(([, id = ""]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(readActionId(id)).not.toBeNull();
  });
  test("says so when nothing waits and there is nothing yet", () => {
    const text = textOf(homeView(home({ approvals: [], waiting: [], workflows: [], recent: [] })));
    expect(text).toMatch(/✓ Nothing waits for you.*No workflows yet.*No runs yet/u);
  });
  test("has room for every part, however much there is of each", () => {
    const many = <T>(one: T): T[] => Array.from({ length: 300 }, () => one);
    const name = "&".repeat(60);
    const view = homeView(
      home({
        approvals: many(approval({ action: "<".repeat(500), why: "&".repeat(5_000) })),
        waiting: many(run({ name, status: "dead", failure: { code: "bug", message: "&".repeat(5_000) } })),
        workflows: many(workflow({ name, lastRun: run() })),
        recent: many(run({ name })),
      }),
    );
    expect(viewComplaints(view)).toEqual([]);
    expect(textOf(view)).toMatch(/What waits for you.*Your workflows.*Recent runs.*Cost this month/u);
    expect(textOf(view).match(/left out for want of room/gu)?.length).toBeGreaterThan(3);
  });
});
