import { describe, expect, test } from "vitest";
import { instant } from "../../../src/bot/cards/card.ts";
import { markdownPieces } from "../../../src/bot/chat/markdown.ts";
import { dateToken } from "../../../src/bot/slack/dates.ts";
import { linkChannel, mentionGroup, mentionUser, mrkdwnOf, writePiece } from "../../../src/bot/slack/mrkdwn.ts";
import { paginate, sizeOf } from "../../../src/bot/slack/mrkdwn-pages.ts";
import { NINE } from "../cards/views.ts";
import { generator, hostileText } from "../chat/seeded.ts";
import { mrkdwn as complaints } from "./block-lint.ts";

const written = (markdown: string): string => markdownPieces(markdown).map(writePiece).join("\n");
/** Without the edges and joiners that nobody sees. */
const seen = (markdown: string): string =>
  written(markdown)
    .replace(/[\u200B\u2060]/gu, "")
    .replace(/\u00A0/gu, " ");

describe("markdown becomes mrkdwn", () => {
  test.each([
    ["**bold** and __bold__", "*bold* and *bold*"],
    ["*slanted* and _slanted_", "_slanted_ and _slanted_"],
    ["***both***", "*_both_*"],
    ["**bold *both* bold**", "*bold* *_both_* *bold*"],
    ["~~gone~~ but ~5", "~gone~ but ∼5"],
    ["`a**b**<c>`", "`a**b**&lt;c&gt;`"],
    ["``a`b``", "`aˋb`"],
    ["**`code`**", "*`code`*"],
    ["un**believ**able", "un*believ*able"],
    ["**two\nlines**", "*two*\n*lines*"],
    ["a & b < c > d", "a &amp; b &lt; c &gt; d"],
    ["&amp; &lt;b&gt; &copy; &#65;", "&amp; &lt;b&gt; &amp;copy; A"],
    ["\\*not\\* \\_so\\_", "∗not∗ ˍsoˍ"],
    ["2 * 3 * 4, snake_case_name, src/*.ts", "2 * 3 * 4, snake_case_name, src/*.ts"],
    ["*.ts or *.js", "*.ts or *.js"],
    ["# Title #\nbelow", "*Title*\nbelow"],
    ["Title\n===\nbelow", "*Title*\nbelow"],
    ["## **bold** *it*", "*bold* *_it_*"],
    ["- a\n- b\n* c", "• a\n• b\n• c"],
    ["- a\n  - b\n    - c\n  - d\n- e", "• a\n    ◦ b\n        • c\n    ◦ d\n• e"],
    ["3. a\n4) b\n   - c", "3. a\n4) b\n    ◦ c"],
    ["- a\n  goes on\n\n  and on\n\nnot", "• a\n    goes on\n\n    and on\n\nnot"],
    ["- [ ] open\n- [x] done", "• ☐ open\n• ☑ done"],
    ["- one\n  ```sh\n  ls\n  ```", "• one\n```ls```"],
    ["> said\n> so\n\nnot", "> said\n> so\n\nnot"],
    ["> - a\n> > deeper", "> • a\n> deeper"],
    ["\\> not a quote", "&gt; not a quote"],
    ["a\n\n---\n\nb", "a\n\n──────────\n\nb"],
    [
      "```js\nconst a = '<b>' && 1;\n\n- no list\n```\nafter",
      "```const a = '&lt;b&gt;' &amp;&amp; 1;\n\n- no list```\nafter",
    ],
    ["```\nnever closed", "```never closed```"],
    ["````\n```\n````", "`````````"],
    ["~~~\na\n~~~", "```a```"],
    ["[here](https://x.test/a?b=1&c=2)", "<https://x.test/a?b=1&amp;c=2|here>"],
    ["[**bold** here](https://x.test)", "<https://x.test|bold here>"],
    ["**[here](https://x.test)**", "*<https://x.test|here>*"],
    ['[t](https://x.test "title") [w](<https://x.test/a>)', "<https://x.test|t> <https://x.test/a|w>"],
    ["[wiki](https://x.test/a_(b))", "<https://x.test/a_(b)|wiki>"],
    [
      "See https://x.test/a_b?c=1&d=2. Or (https://x.test).",
      "See <https://x.test/a_b?c=1&amp;d=2>. Or (<https://x.test>).",
    ],
    ["<https://x.test/a>", "<https://x.test/a>"],
    ["![chart](https://x.test/a.png)", "<https://x.test/a.png|chart>"],
    ["[a|b>c](https://x.test/a|b)", "<https://x.test/a%7Cb|a|b&gt;c>"],
    [
      "| a | b |\n|---|:-:|\n| one | `2` |\n| [x](https://x.test) | |",
      "```a                   b\n──────────────────  ─\none                 2\nx (https://x.test)```",
    ],
    ["a<br>b <b>c</b> <!-- d -->", "a\nb &lt;b&gt;c&lt;/b&gt; &lt;!-- d --&gt;"],
    ["a  \nb\\\nc", "a\nb\nc"],
    ["one\n\n\n\ntwo\n\n", "one\n\ntwo"],
    ["", ""],
  ])("%j", (markdown, mrkdwn) => expect(seen(markdown)).toBe(mrkdwn));

  test("a mark within a word gets an edge that nobody sees, or Slack would not read it", () => {
    expect(written("un**believ**able")).toBe("un\u200B*believ*\u200Bable");
  });
});

test("a link whose label names another place shows where it goes", () => {
  expect(seen("[https://bank.test/login](https://evil.test/x)")).toBe("<https://evil.test/x>");
  expect(seen("[bank.test](https://evil.test)")).toBe("<https://evil.test>");
  expect(seen("[bank.test](https://bank.test@evil.test)")).toBe("<https://bank.test@evil.test>");
  expect(seen("[x.test](https://www.x.test/a) and [the docs](https://x.test)")).toBe(
    "<https://www.x.test/a|x.test> and <https://x.test|the docs>",
  );
  for (const target of ["javascript:alert(1)", "slack://open", "mailto:a@b.test", "//x.test", "/a", "tel:1"]) {
    expect(written(`[x](${target})`)).not.toMatch(/</u);
  }
  expect(written("example.com and www.example.com and #general")).toBe("example.com and www.example.com and #general");
});

describe("nobody is notified by what a model writes", () => {
  const PINGS = [
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<@U012ABC>",
    "<@W012ABC|x>",
    "<#C012ABC|general>",
    "<!subteam^S012ABC|@team>",
    "<!date^1^{date}|x>",
    "&lt;!channel&gt;",
    "&#60;!here>",
    "\\<!here\\>",
    "<!cha\u200Bnnel>",
  ];
  const PLACES = [
    "%",
    "**%**",
    "`%`",
    "```\n%\n```",
    "> %",
    "- %",
    "# %",
    "[%](https://x.test)",
    "[x](https://x.test/%)",
    "https://x.test/%",
    "| % |\n|---|\n| % |",
    "![%](https://x.test/i.png)",
    "~~%~~ _%_",
    "a\\%",
  ];
  test.each(PLACES)("in %j", (place) => {
    for (const ping of PINGS) {
      const text = written(place.replaceAll("%", ping));
      expect(text.replace(/<https?:[^<>]*>/gu, "")).not.toMatch(/<[^ ]/u);
      expect(complaints(text, place)).toEqual([]);
    }
  });
  test.each(["@channel", "@here", "@everyone", "@Channel", "(@here)", "**@channel**", "[@everyone](https://x.test)"])(
    "by the plain words %s",
    (words) => {
      expect(written(words)).not.toMatch(/@(?:channel|here|everyone)/iu);
      expect(seen(words)).toMatch(/@(?:channel|here|everyone)/iu);
    },
  );
  test("an address keeps its letters", () => {
    expect(written("bob@here.test")).toBe("bob@here.test");
  });
});

test("whatever is written, what comes out is well formed, pings nobody, and nothing of it is lost", () => {
  const random = generator(77);
  for (let round = 0; round < 1_000; round++) {
    const text = hostileText(random, 1 + random(300));
    const out = written(text);
    expect({ text, complaints: complaints(out, "out") }).toEqual({ text, complaints: [] });
    expect({ text, out }).not.toMatchObject({ out: expect.stringMatching(/[\u0000-\u0009\u000b-\u001f]/u) });
    const words = text.match(/word/gu)?.length ?? 0;
    expect({ text, words: out.match(/word/gu)?.length ?? 0 }).toEqual({ text, words });
  }
});

test("texts are cut within their limits, at words, and never within a mark or an escape", () => {
  const random = generator(5);
  for (let round = 0; round < 200; round++) {
    const text = hostileText(random, random(6_000));
    const page = 300 + random(2_700);
    const total = 100 + random(9_000);
    const most = 1 + random(6);
    const { pages, cut } = paginate(markdownPieces(text), page, total, most);
    expect(pages.length).toBeLessThanOrEqual(most);
    expect(pages.reduce((sum, one) => sum + sizeOf(one), 0)).toBeLessThanOrEqual(total);
    for (const one of pages) {
      expect(one.length).toBeLessThanOrEqual(page);
      expect(one.trim()).not.toBe("");
      expect({ text, complaints: complaints(one, "page") }).toEqual({ text, complaints: [] });
    }
    if (!cut) expect(pages.join("").match(/word/gu)?.length ?? 0).toBe(text.match(/word/gu)?.length ?? 0);
  }
  const words = paginate(markdownPieces("lorem ipsum ".repeat(300)), 1_000, 2_500, 9);
  expect(words.cut).toBe(true);
  for (const one of words.pages) expect(one.replace(/…$/u, "").trim()).toMatch(/^(?:lorem|ipsum).*(?:lorem|ipsum)$/u);
});

describe("instants", () => {
  test("become dates in the reader's own zone, with a time that is right everywhere to fall back on", () => {
    expect(mrkdwnOf(`until ${instant(NINE)}, then no`)).toBe(
      "until <!date^1795424400^{date_short_pretty} {time}|23 Nov 2026 09:00 UTC>, then no",
    );
    expect(dateToken(NINE, "time")).toBe("<!date^1795424400^{time}|09:00 UTC>");
    expect(dateToken(NINE, "day_time")).toBe("<!date^1795424400^{date_long_pretty} {time}|Mon 23 Nov 09:00 UTC>");
    expect(written(`**since ${instant(NINE, "time")}**`)).toBe("*since <!date^1795424400^{time}|09:00 UTC>*");
  });
  test("that are none stay words", () => {
    expect(written("{t:2026-99-99T99:99:99Z|time} {t:x|time}")).toBe("2026-99-99T99:99:99Z {t:x|time}");
  });
});

test("mentions are made of ids only", () => {
  expect([mentionUser("U012AB"), mentionGroup("S012AB"), linkChannel("C012AB")]).toEqual([
    "<@U012AB>",
    "<!subteam^S012AB>",
    "<#C012AB>",
  ]);
  for (const id of ["", "channel", "U1>", "U012AB|x", "!here", "u012ab", "U012AB\n"]) {
    for (const make of [mentionUser, mentionGroup, linkChannel]) expect(() => make(id)).toThrow(RangeError);
  }
});
