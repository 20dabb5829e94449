/** Finds the instants in a card's text, so that each platform shows them its own way. */
const TOKEN = /\{t:([0-9T:.Z+-]{16,35})\|(time|date_time|day_time)\}/g;

/** Replaces every instant token by what `show` makes of it; all other text goes through `text`. */
export function mapInstants(
  value: string,
  show: (iso: string, style: "time" | "date_time" | "day_time") => string,
  text: (plain: string) => string = (plain) => plain,
): string {
  let out = "";
  let at = 0;
  for (const match of value.matchAll(TOKEN)) {
    out += text(value.slice(at, match.index));
    out += show(match[1] ?? "", (match[2] ?? "date_time") as "time" | "date_time" | "day_time");
    at = match.index + match[0].length;
  }
  return out + text(value.slice(at));
}
