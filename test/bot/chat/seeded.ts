/** Chance that repeats itself: the same seed makes the same texts. */
export type Random = (below: number) => number;

/** mulberry32 */
export function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * Math.max(1, below));
  };
}

const PARTS = [
  "<!channel>",
  "<!here|here>",
  "<!everyone>",
  "<@U012ABCDEF>",
  "<@W1|x>",
  "<#C012ABCDEF|general>",
  "<!subteam^S012AB|@team>",
  "<!date^1^{date}|x>",
  "@channel",
  "@here",
  "@everyone",
  "@\u200bchannel",
  "<",
  ">",
  "&",
  "&lt;!channel&gt;",
  "&#60;!here&#62;",
  "\\<!here>",
  "*",
  "**",
  "_",
  "__",
  "~~",
  "~",
  "`",
  "```",
  "\n```\n",
  "\n",
  "\n\n",
  " ",
  "  ",
  "a word",
  "a_b",
  "10 * 3",
  "> ",
  "\n> ",
  "\n- ",
  "\n  - ",
  "\n1. ",
  "\n# ",
  "[",
  "](",
  ")",
  "[x](https://a.test/?q=<!here>)",
  "[<!channel>](https://a.test)",
  "![i](https://a.test/i.png)",
  "<https://a.test|<!here>>",
  "https://a.test/x|y>z",
  "[https://bank.test](https://evil.test)",
  "| a | b |\n|---|---|\n| <!here> | 2 |\n",
  "{t:2026-11-23T09:00:00.000Z|time}",
  "{t:x|time}",
  "👩‍👩‍👧",
  "\u202e",
  "\u2060",
  "\ud800",
  "\u0000",
  "é",
  "＞",
  ":tada:",
  '"',
  "\\",
  "mailto:a@b.test",
  "javascript:x",
] as const;

/** Text of what has ever gone wrong. @param length about so many characters */
export function hostileText(random: Random, length: number): string {
  let out = "";
  while (out.length < length) out += PARTS[random(PARTS.length)] ?? "";
  return out;
}
