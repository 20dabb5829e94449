/** Rules as people type them: the whole line, or nothing. */
import { describe, expect, test } from "vitest";
import { readRuleLine } from "../../../src/orchestrator/policy/line.ts";
import { ruleWords } from "../../../src/orchestrator/policy/rule.ts";

const said = (verb: "allow" | "deny", text: string): string | null => {
  const line = readRuleLine(verb, text);
  return line && `${ruleWords(line.body)}${line.workflow === null ? "" : ` [${line.workflow}]`}`;
};

describe("a line", () => {
  test.each([
    ["allow", "http_get", "may call http_get"],
    ["allow", "http_get to *.example.com for prs", "may call http_get to *.example.com [prs]"],
    ["allow", "http_* to a.example, b.example or c.example", "may call http_* to a.example or b.example or c.example"],
    ["deny", "*", "must not call any tool"],
    [
      "deny",
      'channel_post with channel=#general text="buy now*"',
      "must not call channel_post with channel=#general, text=buy now*",
    ],
    ["allow", "sending to status.example.com for prs", "may send to status.example.com also after outside text [prs]"],
    ["allow", "http_request asking", "must ask before http_request"],
    [
      "allow",
      "http_request to api.example.com asking 2 of admins, @leads not the author after 10m within 4 h then #oncall",
      "must ask before http_request to api.example.com: 2 people, each an admin or @leads, not the author; takes effect 10 min after it is asked; within 4 h; at half time #oncall is told too",
    ],
    ["allow", "note asking <@U0123|lin>, <!subteam^S01|@leads>", "must ask before note: @U0123 or @S01"],
  ] as const)("%s %s", (verb, text, words) => expect(said(verb, text)).toBe(words));

  test.each([
    ["deny", "everything every day at 9"],
    ["deny", "users to post in the evening"],
    ["allow", "guests to read the report every monday"],
    ["allow", "http_get to"],
    ["allow", "http_get to a.example to b.example"],
    ["deny", "http_get asking 2"],
    ["allow", "sending for prs"],
    ["allow", "http_get asking 0 of admin"],
    ["allow", "http_get asking 2 of Lin"],
    ["allow", "http_get asking within forever"],
    ["allow", "http_get with url"],
    ["allow", ""],
  ] as const)("is nothing of the kind: %s %s", (verb, text) => expect(readRuleLine(verb, text)).toBeNull());
});
