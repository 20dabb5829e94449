/** What the rules model says: facts. That it is the rules model stands on every report beside the run's figures. Pure. */
import { z } from "zod";
import type { Finish } from "../../tools/index.ts";
import { assertNever } from "../errors.ts";
import type { Plan } from "./rules-instruction.ts";
import { changedLines, isSame, type Page, type PageState, type States, stateOf } from "./rules-watch.ts";

/** What was found out about one page. */
export type Finding =
  | { readonly kind: "failed"; readonly url: string; readonly message: string }
  /** Read without comparing. */
  | { readonly kind: "read"; readonly url: string; readonly now: PageState }
  | { readonly kind: "first"; readonly url: string; readonly now: PageState }
  | { readonly kind: "same"; readonly url: string; readonly now: PageState }
  | { readonly kind: "changed"; readonly url: string; readonly now: PageState; readonly before: PageState };

/** What became of one call of `use`. */
export interface UseOutcome {
  readonly tool: string;
  readonly kind: "done" | "denied" | "failed" | "left_out";
  /** What the tool gave back or said, in a line; empty when nothing. */
  readonly detail: string;
  /** Text that the tool brought; empty when none. */
  readonly body: string;
}

/** `finish` takes 20,000 characters. */
const TEXT_LIMIT = 19_900;

/** A reminder may be as long as an instruction can be. */
export const fitting = (text: string): string =>
  text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT - 1)}…` : text;

/** @param page null when it could not be read; `message` then says why */
export function findingOf(url: string, page: Page | null, message: string, plan: Plan, known: States): Finding {
  if (page === null) return { kind: "failed", url, message };
  const now = stateOf(page);
  const before = known.get(url);
  if (!plan.onChange) return { kind: "read", url, now };
  if (!before) return { kind: "first", url, now };
  return isSame(before, now) ? { kind: "same", url, now } : { kind: "changed", url, now, before };
}

/** How the run ends: the news first. `notes` are the caller's affair. */
export function finishOf(plan: Plan, findings: readonly Finding[], uses: readonly UseOutcome[]): Finish {
  const worked = findings.some(({ kind }) => kind !== "failed") || uses.some(({ kind }) => kind === "done");
  const news = uses.length > 0 || findings.some(({ kind }) => kind !== "same");
  const order: readonly Finding["kind"][] = ["changed", "failed", "first", "read", "same"];
  const facts = [
    ...order.flatMap((kind) => findings.filter((finding) => finding.kind === kind)).map(factOf),
    ...uses.map(useFact),
    ...(plan.urlsLeftOut > 0
      ? [`${plan.urlsLeftOut} more pages were not read: ${plan.urls.length} a run is the limit.`]
      : []),
  ];
  const verdict = !worked ? "blocked" : news ? "report" : "nothing_to_report";
  return { verdict, text: fitting(facts.join("\n")), notes: null };
}

function factOf(finding: Finding): string {
  const { url } = finding;
  switch (finding.kind) {
    case "failed":
      return `${url} could not be read: ${oneLine(finding.message)}`;
    case "read":
      return `${url}: ${summary(finding.now)}`;
    case "first":
      return `Watching ${url} from now on; now: ${summary(finding.now)}`;
    case "same":
      return `${url}: no change (${finding.now.status})`;
    case "changed":
      return changeFact(url, finding.before, finding.now);
    default:
      return assertNever(finding, "finding");
  }
}

const summary = ({ status, title }: PageState): string =>
  title === null ? `status ${status}` : `status ${status}, "${title}"`;

function changeFact(url: string, before: PageState, now: PageState): string {
  const quoted = (title: string | null) => (title === null ? "none" : `"${title}"`);
  const status = before.status === now.status ? `status ${now.status}` : `status ${before.status} → ${now.status}`;
  const title = before.title === now.title ? "" : `, title ${quoted(before.title)} → ${quoted(now.title)}`;
  return `${url} changed: ${status}${title}${fenced("diff", changedLines(before, now).join("\n"))}`;
}

/** A fence inside the text must not end ours. */
const fenced = (kind: string, text: string): string =>
  text === "" ? "" : `\n\`\`\`${kind}\n${text.replaceAll("```", "'''")}\n\`\`\``;

/** An answer over HTTP says its status: whether that is good news is not for a rule to say. */
const HttpAnswer = z.object({ status: z.number(), text: z.string() });
const BODY_LIMIT = 1_000;

/** What a tool gave back: in a line, and the text it brought. */
export function givenBack(output: unknown): Pick<UseOutcome, "detail" | "body"> {
  const answer = HttpAnswer.safeParse(output);
  if (answer.success) return { detail: `status ${answer.data.status}`, body: shortened(answer.data.text.trim()) };
  if (typeof output === "string") return { detail: "", body: shortened(output.trim()) };
  if (typeof output !== "object" || output === null) return { detail: String(output ?? ""), body: "" };
  const said = Object.entries(output).filter(([key, value]) => value !== null && !/Id$/.test(key));
  return { detail: said.map(([key, value]) => `${key} ${scalar(value)}`).join(", "), body: "" };
}

const scalar = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
const shortened = (text: string): string => (text.length > BODY_LIMIT ? `${text.slice(0, BODY_LIMIT - 1)}…` : text);

function useFact({ tool, kind, detail, body }: UseOutcome): string {
  switch (kind) {
    case "done":
      return `${tool}: done${detail === "" ? "" : `, ${oneLine(detail)}`}${fenced("", body)}`;
    case "denied":
      return `${tool} was not done: ${oneLine(detail)}`;
    case "failed":
      return `${tool} failed: ${oneLine(detail)}`;
    case "left_out":
      return `${tool} was not done, because what came before it was not`;
    default:
      return assertNever(kind, "outcome of a call");
  }
}

const oneLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};

/** The instruction itself, when it names nothing to do. */
export const isReminder = (plan: Plan): boolean => plan.urls.length === 0 && plan.uses.length === 0;
