// Times in the reader's zone.

const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const day = { day: "numeric", month: "short" };

function inReadersZone(at, style) {
  const now = new Date();
  const today = at.toDateString() === now.toDateString();
  if (style === "time" && today) return at.toLocaleTimeString(undefined, clock);
  const weekday = style === "day_time" ? { weekday: "short" } : {};
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return at.toLocaleString(undefined, { ...weekday, ...day, ...year, ...clock });
}

export function showTimes(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.textContent = inReadersZone(at, time.dataset.style);
    time.title = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  }
}
