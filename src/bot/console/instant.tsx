/** An instant on the page: the script shows it in the reader's zone, without it it stands in UTC. Pure. */
import type { mapInstants } from "../cards/instants.ts";

export type InstantStyle = Parameters<Parameters<typeof mapInstants>[1]>[1];

const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: "UTC",
    hourCycle: "h23",
    hour: "2-digit",
    minute: "2-digit",
    ...options,
  });

const FORMATS = {
  time: utc({}),
  day_time: utc({ weekday: "short", day: "numeric", month: "short" }),
  date_time: utc({ day: "numeric", month: "short", year: "numeric" }),
} as const satisfies Record<InstantStyle, Intl.DateTimeFormat>;

export function Instant({ iso, style }: { readonly iso: string; readonly style: InstantStyle }) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return <>{iso}</>;
  return (
    <time datetime={iso} data-style={style}>
      {`${FORMATS[style].format(at).replaceAll(",", "")} UTC`}
    </time>
  );
}
