/** A workflow's name: short, readable, unique in its workspace, and made of the instruction. Pure. */

const MAX_NAME = 60;
const MAX_MADE = 40;
const SHAPE = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const FALLBACK = "workflow";

/** Words that say little about what a workflow is for. */
const FILLERS = new Set(
  [
    "a an the this that these those it its my our your their his her some any all each every there here",
    "i me we us you they them he she please can could would should will must may shall let lets",
    "to of in on at by for from with into onto about over and or but if then so as than when whenever while what",
    "which who whose how is are was were be been being do does did has have had not only just also again",
    "check checks summarise summarize summary report reports tell say show list give get fetch read look find see watch",
    "monitor send post write make create remind notify alert ask use run go keep change changes changed new now via",
  ].flatMap((line) => line.split(" ")),
);

/** Joins the words of an address, so that they stay together and none counts as a filler. */
const JOINT = "\uE000";

/** Letters that Unicode does not take apart into a Latin one and an accent. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  þ: "th",
  ı: "i",
  ħ: "h",
};

/** Whether a person may give a workflow this name. Only digits would read as a run's number. */
export const isWorkflowName = (name: string): boolean =>
  name.length <= MAX_NAME && SHAPE.test(name) && !/^\d+$/.test(name);

/**
 * A name for a workflow that does this: `summarise open PRs in acme/api` is `open-prs-acme-api`.
 * Always a valid name of at most 40 characters; `workflow` where nothing of the text can be written in Latin letters.
 */
export function workflowName(instruction: string): string {
  const words = instruction
    .slice(0, 4_000)
    .replaceAll(JOINT, " ")
    // Of `use tool key=value` the values say more than the keys.
    .replace(/(?<=^|\s)[a-z_]{1,40}=/giu, " ")
    .replace(/\bhttps?:\/\/[^\s<>"'`]+/giu, (url) => ` ${addressWords(url)} `)
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[ßæœøđðłþıħ]/gu, (letter) => LETTERS[letter] ?? "")
    .replace(/['’]/gu, "")
    .split(/[^a-z0-9\uE000]+/u)
    .filter((word) => word !== "");
  const telling = words.filter((word) => !FILLERS.has(word));
  const name = joined((telling.length > 0 ? telling : words).map((word) => word.replaceAll(JOINT, "-")));
  if (name === "") return FALLBACK;
  return isWorkflowName(name) ? name : `${FALLBACK}-${name}`.slice(0, MAX_MADE);
}

/**
 * The base itself when it is free, else the first free one of `base-2`, `base-3`, …
 * @param taken names in use in the workspace
 */
export function uniqueName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const name = `${base.slice(0, MAX_NAME - suffix.length).replace(/-+$/u, "")}${suffix}`;
    if (!taken.has(name)) return name;
  }
}

function joined(words: readonly string[]): string {
  let name = "";
  for (const word of words) {
    const longer = name === "" ? word : `${name}-${word}`;
    if (longer.length > MAX_MADE) return name === "" ? word.slice(0, MAX_MADE).replace(/-+$/u, "") : name;
    name = longer;
  }
  return name;
}

/** What people call a page by: its host without `www` and ending, and the last telling word of its path. */
function addressWords(url: string): string {
  if (!URL.canParse(url)) return "";
  const { hostname, pathname } = new URL(url);
  const labels = hostname.split(".").filter((label) => label !== "www");
  const isAddress = /^[\d.]+$|:/u.test(hostname);
  const host = isAddress || labels.length < 2 ? labels : labels.slice(0, -1);
  const path = pathname
    .split("/")
    .map((part) => part.replace(/\.[a-z0-9]{1,5}$/iu, ""))
    .filter((part) => /^[a-z][a-z0-9_-]{1,29}$/iu.test(part) && !/^index$/iu.test(part));
  return [...host, path.at(-1) ?? ""]
    .flatMap((part) => part.toLowerCase().split(/[^a-z0-9]+/u))
    .filter((word) => word !== "")
    .join(JOINT);
}
