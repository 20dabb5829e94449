/** Emoji by the name that Slack has for them and by the sign that Discord wants: those that people react with. Pure. */

const SIGNS: Readonly<Record<string, string>> = {
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  thumbsdown: "👎",
  eyes: "👀",
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  ballot_box_with_check: "☑️",
  x: "❌",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  warning: "⚠️",
  rotating_light: "🚨",
  fire: "🔥",
  tada: "🎉",
  rocket: "🚀",
  heart: "❤️",
  clap: "👏",
  pray: "🙏",
  raised_hands: "🙌",
  ok_hand: "👌",
  wave: "👋",
  muscle: "💪",
  thinking_face: "🤔",
  smile: "😄",
  joy: "😂",
  sob: "😭",
  "100": "💯",
  star: "⭐",
  sparkles: "✨",
  bulb: "💡",
  bug: "🐛",
  wrench: "🔧",
  hammer: "🔨",
  lock: "🔒",
  unlock: "🔓",
  key: "🔑",
  bell: "🔔",
  no_bell: "🔕",
  pushpin: "📌",
  memo: "📝",
  calendar: "📅",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  stopwatch: "⏱️",
  repeat: "🔁",
  recycle: "♻️",
  arrow_up: "⬆️",
  arrow_down: "⬇️",
  arrow_right: "➡️",
  question: "❓",
  exclamation: "❗",
  speech_balloon: "💬",
  mag: "🔍",
  link: "🔗",
  package: "📦",
  ticket: "🎫",
  robot_face: "🤖",
  red_circle: "🔴",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  green_heart: "💚",
  green_circle: "🟢",
  yellow_circle: "🟡",
};

const bare = (sign: string): string => sign.replace(/[\uFE0F\u{1F3FB}-\u{1F3FF}]/gu, "");
const NAMES: ReadonlyMap<string, string> = new Map(
  // Of several names the first counts.
  Object.entries(SIGNS)
    .reverse()
    .map(([name, sign]) => [bare(sign), name]),
);

export interface CalledEmoji {
  /** Without colons; null when it is only known by its sign. */
  readonly name: string | null;
  /** Null when it is only known by its name. */
  readonly sign: string | null;
}

/** @param emoji `eyes`, `:eyes:` or `👀` */
export function emojiCalled(emoji: string): CalledEmoji {
  const text = emoji.trim().replace(/^:|:$/gu, "");
  if (/^[\w+'-]+$/u.test(text)) {
    const name = text.toLowerCase();
    return { name, sign: Object.hasOwn(SIGNS, name) ? (SIGNS[name] ?? null) : null };
  }
  return { name: NAMES.get(bare(text)) ?? null, sign: text };
}
