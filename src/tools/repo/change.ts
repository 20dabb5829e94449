/** A change to a repository's files: what it says, what it shows, what it makes of a file. Pure. */
import { diffLines } from "diff";
import { z } from "zod";
import { fail, ok, type ToolResult } from "../contract.ts";
import { visible } from "../text.ts";
import { FilePath } from "./words.ts";

export const Change = z.strictObject({
  path: FilePath,
  old: z
    .string()
    .min(1)
    .max(50_000)
    .nullable()
    .describe("text that stands in the file exactly once; null: the file is new"),
  new: z.string().max(50_000).nullable().describe("what stands there instead; null: the file is deleted"),
});
export type Change = z.infer<typeof Change>;

export const Changes = z
  .array(Change)
  .min(1)
  .max(50)
  .superRefine((changes, { addIssue }) => {
    for (const { path, old, new: text } of changes) {
      if (old === null && text === null) addIssue(`${path}: expected old or new`);
      if (old !== null && old === text) addIssue(`${path}: old and new are the same`);
      const others = changes.filter((each) => each.path === path);
      if (others.length > 1 && others.some((each) => each.old === null || each.new === null)) {
        addIssue(`${path}: a file that is made or deleted has one change`);
      }
    }
  });

/** The lines of a change as a diff, the file's name before them. */
export function shownChange({ path, old, new: text }: Change): readonly string[] {
  const head = (what: string) => `  ${visible(path)}${what}`;
  if (text === null) return [head(" (deleted)"), "- the whole file"];
  if (old === null) return [head(" (new)"), ...lines("+", text)];
  return [
    head(""),
    ...diffLines(old, text).flatMap(({ added, removed, value }) => lines(added ? "+" : removed ? "-" : " ", value)),
  ];
}

const lines = (sign: "+" | "-" | " ", text: string): string[] =>
  text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `${sign} ${visible(line)}`);

/**
 * What becomes of a file.
 * @param before null: there is none
 * @returns null: it is deleted. Refuses whatever does not fit exactly: nothing is changed then
 */
export function changed(change: Change, before: string | null): ToolResult<string | null> {
  const { path, old, new: text } = change;
  if (old === null) {
    return before === null ? ok(text) : fail("invalid_input", `${path} exists already; name the text to change as old`);
  }
  if (before === null) return fail("invalid_input", `there is no ${path} at that commit`);
  if (text === null) {
    return before.includes(old) ? ok(null) : fail("invalid_input", `${path} does not hold the text named as old`);
  }
  const at = before.indexOf(old);
  if (at < 0) return fail("invalid_input", `${path} does not hold the text named as old; read it again`);
  if (before.indexOf(old, at + 1) >= 0) {
    return fail("invalid_input", `${path} holds the text named as old more than once; name more of what is around it`);
  }
  return ok(before.slice(0, at) + text + before.slice(at + old.length));
}
