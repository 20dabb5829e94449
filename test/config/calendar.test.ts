import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readIcs } from "../../src/config/ics.ts";
import { ConfigError, loadConfig, secretValues } from "../../src/config.ts";

const calendar = (...events: string[]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...events, "END:VCALENDAR", ""].join("\r\n");
const event = (...lines: string[]) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"].join("\r\n");
const days = (...events: string[]): Readonly<Record<string, string>> => {
  const read = readIcs(calendar(...events));
  if (!read.ok) throw new Error(read.problem);
  return read.days;
};
const problem = (text: string): string => {
  const read = readIcs(text);
  if (read.ok) throw new Error(`it was read: ${JSON.stringify(read.days)}`);
  return read.problem;
};

describe("an iCalendar file", () => {
  test("a day, and several days whose end is not in them", () => {
    expect(
      days(
        event("UID:1", "DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227", "SUMMARY:Christmas"),
        event("UID:2", "DTSTART;VALUE=DATE:20270101", "SUMMARY:New Year"),
      ),
    ).toEqual({ "2026-12-25": "Christmas", "2026-12-26": "Christmas", "2027-01-01": "New Year" });
  });

  test("names that are folded, escaped and have parameters with colons", () => {
    expect(
      days(
        event(
          "DTSTART;VALUE=DATE:20260501",
          'SUMMARY;LANGUAGE=de;X-NOTE="a:b;c":Tag der Ar',
          " beit\\, frei\\; und\\nwarm",
          "BEGIN:VALARM",
          "TRIGGER:-PT15M",
          "SUMMARY:not this",
          "END:VALARM",
        ),
      ),
    ).toEqual({ "2026-05-01": "Tag der Arbeit, frei; und warm" });
  });

  test("is read with any line ends, a byte order mark, and whole days written as midnights", () => {
    const text = calendar(event("DTSTART:20260501T000000", "DTEND:20260502T000000", "SUMMARY:May")).replaceAll(
      "\r\n",
      "\n",
    );
    expect(readIcs(`\uFEFF${text}`)).toEqual({ ok: true, days: { "2026-05-01": "May" } });
    expect(days(event("DTSTART;VALUE=DATE:20260501", "DURATION:P2D", "SUMMARY:x"))).toHaveProperty("2026-05-02");
  });

  test("what repeats every year is every year's holiday, what was cancelled or left out is none", () => {
    const yearly = days(
      event(
        "UID:1",
        "DTSTART;VALUE=DATE:20200501",
        "RRULE:FREQ=YEARLY;WKST=SU",
        "EXDATE;VALUE=DATE:20270501",
        "SUMMARY:May",
      ),
      event("UID:1", "RECURRENCE-ID;VALUE=DATE:20280501", "DTSTART;VALUE=DATE:20280502", "SUMMARY:May, moved"),
      event("UID:2", "DTSTART;VALUE=DATE:20260601", "STATUS:CANCELLED", "SUMMARY:x"),
      event("UID:3", "DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", "SUMMARY:Thanks"),
    );
    expect(yearly).toMatchObject({ "2026-05-01": "May", "2028-05-02": "May, moved", "2099-05-01": "May" });
    expect(yearly).toMatchObject({ "2026-11-26": "Thanks", "2027-11-25": "Thanks" });
    for (const none of ["2027-05-01", "2028-05-01", "2026-06-01", "2028-11-23"])
      expect(yearly).not.toHaveProperty(none);
  });

  test.each([
    ["another file", "<html></html>", /not an iCalendar file/],
    ["nothing", "", /not an iCalendar file/],
    ["one that was cut off", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101", /line 2: .*has no end/],
    ["a time of day", calendar(event("DTSTART:20260501T090000Z")), /line 4: has a time of day/],
    ["no such date", calendar(event("DTSTART;VALUE=DATE:20260230")), /line 4: there is no such date/],
    ["no start", calendar(event("SUMMARY:x")), /line 3: the event has no DTSTART/],
    ["an end before its start", calendar(event("DTSTART:20260102", "DTEND:20260101")), /line 5: .*one day to a year/],
    ["a rule that is not read", calendar(event("DTSTART:20260102", "RRULE:FREQ=YEARLY;BYWEEKNO=3")), /line 5: repeats/],
    ["no line at all", calendar("what is this"), /line 3: is not a line/],
  ])("that is %s is refused, by line", (_, text, why) => expect(problem(text)).toMatch(why));
});

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "claw-calendar-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));
const load = (yaml: string, env: Record<string, string> = {}) => {
  writeFileSync(path.join(cwd, "claw.config.yaml"), yaml);
  return loadConfig({ env, cwd });
};
const problemsOf = (yaml: string): Record<string, string> => {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((each) => [each.key, each.problem]));
    throw error;
  }
  throw new Error("the configuration was accepted");
};

describe("the calendar section", () => {
  test("quiet hours, a zone, days with and without names, and a file beside it", () => {
    writeFileSync(path.join(cwd, "holidays.ics"), calendar(event("DTSTART;VALUE=DATE:20261225", "SUMMARY:Christmas")));
    const config = load(
      'calendar: { quietHours: "22:00-07:00", zone: europe/paris, holidays: [2027-01-01, "2026-08-15 Assumption"], ics: holidays.ics }\npolicies: { calendar: ignore }',
    );
    expect(config.closedTimes).toEqual({
      quietHours: { from: 1320, until: 420 },
      zone: "Europe/Paris",
      holidays: { "2026-08-15": "Assumption", "2026-12-25": "Christmas", "2027-01-01": "" },
    });
    expect(config.policies.calendar).toBe("ignore");
  });

  test("the file is looked for beside the configuration that names it", () => {
    mkdirSync(path.join(cwd, "etc"));
    writeFileSync(path.join(cwd, "etc", "days.ics"), calendar(event("DTSTART;VALUE=DATE:20261225", "SUMMARY:x")));
    writeFileSync(path.join(cwd, "etc", "claw.yaml"), "calendar: { ics: days.ics }");
    expect(loadConfig({ env: { CLAW_CONFIG: "etc/claw.yaml" }, cwd }).closedTimes?.holidays).toEqual({
      "2026-12-25": "x",
    });
  });

  test("nothing in it closes nothing, and workflows respect it unless told not to", () => {
    expect(load("calendar:\n")).toMatchObject({ closedTimes: null, policies: { calendar: "respect" } });
    expect(load("calendar: { zone: UTC, holidays: [] }").closedTimes).toBe(null);
  });

  test("everything that is wrong is named by its key", () => {
    const problems = problemsOf(
      'calendar: { quietHours: "22:00-22:00", zone: Mars, holidays: [2026-02-30, tomorrow], ics: none.ics, quiet: 1 }',
    );
    expect(problems["calendar.quietHours"]).toMatch(/two different times/);
    expect(problems["calendar.zone"]).toMatch(/IANA zone/);
    expect(problems["calendar.holidays[0]"]).toMatch(/2026-12-25/);
    expect(problems["calendar.holidays[1]"]).toMatch(/2026-12-25/);
    expect(problems["calendar.quiet"]).toMatch(/is not known/);
    expect(problemsOf("calendar: { ics: none.ics }")["calendar.ics"]).toMatch(/does not exist/);
    writeFileSync(path.join(cwd, "bad.ics"), calendar(event("DTSTART:20260501T090000Z", "SUMMARY:a secret")));
    const bad = problemsOf("calendar: { ics: bad.ics }")["calendar.ics"];
    expect(bad).toMatch(/line 4: has a time of day/);
    expect(bad).not.toContain("secret");
    mkdirSync(path.join(cwd, "folder.ics"));
    expect(problemsOf("calendar: { ics: folder.ics }")["calendar.ics"]).toMatch(/cannot be read/);
  });
});

test("the watchdog's address is read, checked, and kept out of the log", () => {
  const config = load("", { CLAW_WATCHDOG_URL: "https://hc-ping.com/8d1c/" });
  expect(config.watchdogUrl).toBe("https://hc-ping.com/8d1c");
  expect(secretValues(config)).toContain("https://hc-ping.com/8d1c");
  expect(load("").watchdogUrl).toBe(null);
  expect(() => load("", { CLAW_WATCHDOG_URL: "hc-ping.com" })).toThrow(/CLAW_WATCHDOG_URL/);
});
