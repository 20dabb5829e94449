import { describe, expect, test } from "vitest";
import { isWorkflowName, uniqueName, workflowName } from "../../../src/orchestrator/workflows/name.ts";

describe("a name is made of the instruction", () => {
  test.each([
    ["summarise open PRs in acme/api", "open-prs-acme-api"],
    ["check http://localhost:8080/status and tell me when it changes", "localhost-status"],
    ["fetch https://user:pw@www.example.com/docs/price-list.html?token=s3cret#top", "example-price-list"],
    ["check https://status.example.com/", "status-example"],
    ["check http://127.0.0.1:3000/health", "127-0-0-1-health"],
    ["remind us to submit timesheets", "submit-timesheets"],
    ["résumé für Straße in Łódź", "resume-fur-strasse-lodz"],
    ["what's new?", "whats"],
    ["check it", "check-it"],
    ["проверь статус", "workflow"],
    ["🎉🎉", "workflow"],
    ["", "workflow"],
    ["2026", "workflow-2026"],
    ["'); drop table workflows; --", "drop-table-workflows"],
    ["<b>bold</b>", "b-bold-b"],
    [
      "compare the quarterly revenue figures across every region we sell in",
      "compare-quarterly-revenue-figures-across",
    ],
    [`say ${"y".repeat(90)}`, "y".repeat(40)],
    ["http://[", "workflow"],
    [`check https://${"long-".repeat(10)}.example.com`, "long-long-long-long-long-long-long-long"],
  ])("%j is %s", (instruction, name) => {
    expect(workflowName(instruction)).toBe(name);
    expect(isWorkflowName(name)).toBe(true);
  });

  test("whatever the text, it is a valid name of at most 40 characters", () => {
    for (const text of ["\u0000", "-".repeat(50), "a-".repeat(4_000), "1 ".repeat(50), "\ud800x", "İstanbul I ı"]) {
      const name = workflowName(text);
      expect([text, name, isWorkflowName(name) && name.length <= 40]).toEqual([text, name, true]);
    }
  });
});

test("a taken name gets the next number that is free, and still fits", () => {
  expect(uniqueName("menu", new Set())).toBe("menu");
  expect(uniqueName("menu", new Set(["menu", "menu-2"]))).toBe("menu-3");
  const long = "x".repeat(60);
  expect(uniqueName(long, new Set([long]))).toBe(`${"x".repeat(58)}-2`);
});

test.each(["", "A", "a b", "-a", "a-", "a--b", "ü", "41", "x".repeat(61), "a_b", "a\n"])("%j is no name", (name) => {
  expect(isWorkflowName(name)).toBe(false);
});
