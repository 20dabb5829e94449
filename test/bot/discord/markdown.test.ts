import { describe, expect, test } from "vitest";
import { instant } from "../../../src/bot/cards/card.ts";
import { markdownPieces } from "../../../src/bot/chat/markdown.ts";
import { type Markdown, markdownOf, mentionUser, writeCode, writePiece } from "../../../src/bot/discord/markdown.ts";
import { fitted } from "../../../src/bot/discord/markdown-fit.ts";
import { NINE } from "../cards/views.ts";
import { generator, hostileText } from "../chat/seeded.ts";
import { messageComplaints } from "./message-lint.ts";

const written = (markdown: string): string => markdownPieces(markdown).map(writePiece).join("\n");
/** Without the edges and joiners that nobody sees. */
const seen = (markdown: string): string =>
  written(markdown)
    .replace(/[\u200B\u2060]/gu, "")
    .replace(/\u00A0/gu, " ");

describe("markdown of models becomes Discord's", () => {
  test.each([
    ["**bold** and __bold__", "**bold** and **bold**"],
    ["*slanted* and _slanted_", "_slanted_ and _slanted_"],
    ["***both***", "**_both_**"],
    ["~~gone~~ but ~5", "~~gone~~ but \\~5"],
    ["`a**b**<c>`", "`a**b**<c>`"],
    ["``a`b``", "`aˋb`"],
    ["a < b > c | d", "a \\< b \\> c \\| d"],
    ["2 * 3, snake_case", "2 \\* 3, snake\\_case"],
    ["# Title\nbelow", "**Title**\nbelow"],
    ["- a\n  - b", "• a\n    ◦ b"],
    ["3. a\n4) b", "3. a\n4) b"],
    ["> said", "> said"],
    ["\\> not a quote", "\\> not a quote"],
    ["\\# not a title", "\\# not a title"],
    ["\\-# not small", "\\-# not small"],
    ["```js\na < b\n```", "```\na < b\n```"],
    ["[the PR](https://github.com/acme/api/pull/5)", "[the PR](<https://github.com/acme/api/pull/5>)"],
    ["https://a.test/x_y_z?q=1", "<https://a.test/x_y_z?q=1>"],
    ["[a.test](https://b.test)", "<https://b.test>"],
    ["||spoiler||", "\\|\\|spoiler\\|\\|"],
  ])("%s", (markdown, expected) => expect(seen(markdown)).toBe(expected));

  test("a table is code, in columns", () => {
    expect(seen("| a | b |\n|---|---|\n| 1 | 22 |")).toBe("```\na  b\n─  ──\n1  22\n```");
  });
});

describe("data cannot be anything but words", () => {
  test.each([
    ["<@123456789012345678>", "\\<@123456789012345678\\>"],
    ["<t:1:R> </ban:1> <:x:1>", "\\<t:1:R\\> \\</ban:1\\> \\<:x:1\\>"],
    ["see https://evil.test", "see https\\://evil.test"],
    ["**loud** `code`", "\\*\\*loud\\*\\* \\`code\\`"],
    ["[a](https://b.test)", "\\[a\\](https\\://b.test)"],
    ["# big", "\\# big"],
    ["- item", "\\- item"],
    ["1. item", "1\u2060. item"],
    ["a\\", "a\\\\"],
  ])("%s", (data, expected) => expect(markdownOf(data)).toBe(expected));

  test("@everyone keeps its letters and loses its look", () => {
    expect(markdownOf("@everyone and @here")).toBe("@\u2060everyone and @\u2060here");
  });

  test("an instant is shown in the reader's zone", () => {
    expect(markdownOf(`until ${instant(NINE)}`)).toMatch(/^until <t:\d{10}:f>$/);
    expect(markdownOf("until {t:nonsense|time}")).not.toContain("<t:");
  });

  test("nothing in code ends it", () => {
    for (const code of ["```", "a```b", "``", "`", "\n```\n@everyone", ""]) {
      expect(writeCode(code).match(/```/gu)).toHaveLength(2);
    }
  });

  test("whatever a text is, its reader sees no mention, and no more than it has room for", () => {
    const random = generator(11);
    for (let round = 0; round < 300; round++) {
      const text = hostileText(random, random(600));
      const most = 40 + random(400);
      const { text: shown, cut } = fitted(markdownPieces(text), most);
      expect(shown.length).toBeLessThanOrEqual(most);
      if (!cut) expect(shown).toBe(written(text).replace(/^\s*\n+|\n+\s*$/gu, "") || shown);
      const components = [{ type: 10, content: shown === "" ? "x" : shown }];
      expect(messageComplaints({ flags: 1 << 15, components, files: [] })).toEqual([]);
    }
  });
});

test("a cut is at a word, and is seen", () => {
  const line = (text: string) =>
    [
      {
        kind: "line",
        prefix: "",
        spans: [{ kind: "text", text, style: { bold: true, italic: false, strike: false } }],
      },
    ] as const;
  expect(fitted(line("one two three four five"), 20)).toEqual({ text: "**one two three**…" as Markdown, cut: true });
  expect(fitted(line("one two"), 20)).toEqual({ text: "**one two**" as Markdown, cut: false });
  expect(fitted(line("one two"), 3)).toEqual({ text: "…" as Markdown, cut: true });
});

test("only an id of a person can be mentioned", () => {
  expect(mentionUser("123456789012345678")).toBe("<@123456789012345678>");
  expect(() => mentionUser("1> @everyone <@1")).toThrow(RangeError);
});
