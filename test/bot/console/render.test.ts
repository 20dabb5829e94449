import { describe, expect, test } from "vitest";
import { card, instant } from "../../../src/bot/cards/card.ts";
import { Markdown } from "../../../src/bot/console/markdown.tsx";
import { CardView } from "../../../src/bot/console/render.tsx";
import { wordsOf } from "./visitor.ts";

const markdown = (text: string) => String(Markdown({ text }));

describe("a card's text", () => {
  test.each([
    ["one\ntwo\n\nthree", "<p>one<br/>two</p><p>three</p>"],
    ["- a\n- b\n* c", "<ul><li>a</li><li>b</li><li>c</li></ul>"],
    ["3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'],
    ["text\n- a\ntext", "<p>text</p><ul><li>a</li></ul><p>text</p>"],
    ["# Title\nbelow", '<p class="heading">Title</p><p>below</p>'],
    ["> said\n> so", "<blockquote>said<br/>so</blockquote>"],
    [
      "**bold** and *slanted* and `a**b**`",
      "<p><strong>bold</strong> and <em>slanted</em> and <code>a**b**</code></p>",
    ],
    ["2 * 3 * 4, snake_case_name, a ** b", "<p>2 * 3 * 4, snake_case_name, a ** b</p>"],
    ["```js\nconst a = 1;\n\n- no list\n```\nafter", "<pre>const a = 1;\n\n- no list</pre><p>after</p>"],
    ["```\nnever closed", "<pre>never closed</pre>"],
    ["| a | b |\n|---|---|\n| 1 | 2 |", "<pre>| a | b |\n|---|---|\n| 1 | 2 |</pre>"],
    ["", ""],
  ])("%j", (text, html) => expect(markdown(text)).toBe(html));

  test("links go to http and https, and nowhere else", () => {
    const link = '<a href="https://x.test/a?b=1&amp;c=2" rel="noopener noreferrer" target="_blank">';
    expect(markdown("[here](https://x.test/a?b=1&c=2)")).toBe(`<p>${link}here</a></p>`);
    expect(markdown("See https://x.test/a?b=1&c=2.")).toBe(`<p>See ${link}https://x.test/a?b=1&amp;c=2</a>.</p>`);
    expect(markdown('{"url":"https://x.test/a?b=1&c=2\\"}')).toContain(`${link}https://x.test/a?b=1&amp;c=2</a>`);
    for (const target of ["javascript:alert(1)", "data:text/html,x", "//x.test", "/local", "JAVASCRIPT:x", "http:x"]) {
      expect(markdown(`[x](${target})`)).not.toContain("<a");
    }
  });

  test.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "**<b>**",
    "`<i>`",
    "```\n</pre><script>\n```",
    '[<b>](https://x.test/"onmouseover="x)',
    'https://x.test/"><script>',
    "- <b>\n# <b>\n> <b>\n| <b> |",
  ])("nothing in %j becomes markup", (text) => {
    const tags = [...markdown(text).matchAll(/<\/?([a-z]+)[^>]*>/g)].map(([tag, name]) => [tag, name]);
    for (const [tag, name] of tags) {
      expect(["p", "strong", "em", "code", "pre", "ul", "li", "blockquote", "br", "a"]).toContain(name);
      expect(tag).not.toMatch(/\son/);
    }
  });

  // So long that what takes more than its length would not end.
  test.each(["[", "*", "`a", "_", "**a"])("a long row of marks is shown as it stands: %s", (mark) => {
    const words = wordsOf(markdown(mark.repeat(400_000 / mark.length)));
    expect(words.length).toBeGreaterThan(100_000);
  });

  test("times stand in the text for the reader's zone", () => {
    const at = "2026-11-23T09:00:00Z";
    expect(markdown(`due ${instant(at, "day_time")}`)).toBe(
      `<p>due <time datetime="${at}" data-style="day_time">Mon 23 Nov 09:00 UTC</time></p>`,
    );
    expect(markdown("{t:2026-99-99T99:99:99Z|time}")).toBe("<p>2026-99-99T99:99:99Z</p>");
  });
});

describe("a card", () => {
  const html = String(
    CardView({
      card: card({
        state: "asks",
        title: "May I close #77?",
        aside: "run 41",
        facts: [{ label: "why", value: "94 days" }],
        diff: ["  title: x", "- state: open", "+ state: closed"],
        text: "Text.",
        rows: [{ state: "failed", title: "row", text: "its text", buttons: [] }],
        buttons: [
          { label: "Approve", action: "approval.approve", value: "7", style: "primary" },
          {
            label: "Deny",
            action: "approval.deny",
            value: "7",
            style: "danger",
            input: { label: 'Why "no"?', initial: "", required: true },
          },
        ],
        footer: "$0.02",
      }),
    }),
  );

  test("shows all of its parts in reading order", () => {
    const parts = ["? Question: May I close #77?", "run 41", "why 94 days", "title: x - state: open + state: closed"];
    const words = wordsOf(html);
    const at = [...parts, "Text.", "✕ Failed: row its text", "Approve Deny… $0.02"].map((part) => words.indexOf(part));
    expect(at.every((place) => place >= 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test("marks what was added and removed without needing colour", () => {
    expect(html).toContain("<ins>+ state: closed\n</ins>");
    expect(html).toContain("<del>- state: open\n</del>");
  });

  test("a button that asks for a line says so to a keyboard and to a screen reader", () => {
    expect(html).toMatch(/<button[^>]*data-input-label="Why &quot;no&quot;\?"[^>]*aria-haspopup="dialog"/);
    expect(html).toContain('data-input-required="true"');
  });
});
