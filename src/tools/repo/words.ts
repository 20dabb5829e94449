/** What the repository tools take. */
import { z } from "zod";

/** A path within the repository, as git writes it: no way out of it, and nothing of git's own. */
export const FilePath = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (path) =>
      !/[\p{Cc}\\]/u.test(path) &&
      path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/^\.git$/i.test(part.trim())),
    "expected a path such as docs/index.md",
  )
  .describe("docs/index.md");

/** A branch, tag or commit. Never an option, nor a range. */
export const Revision = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][\w./-]*$/, "expected a branch, tag or commit")
  .refine(
    (text) => !text.includes("..") && !text.endsWith("/") && !text.endsWith(".lock"),
    "expected a branch, tag or commit",
  );

export const Commit = z.string().regex(/^[0-9a-f]{40}$/, "expected a whole commit, 40 hex digits");
