/** What GitHub's tools take, and how they cut what GitHub gives. */
import { z } from "zod";
import { cut } from "../text.ts";

export const Repo = z
  .string()
  .max(140)
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/, "expected owner/name such as acme/api")
  .describe("acme/api");
export const ItemNumber = z.int().positive();
export const Body = z.string().trim().min(1).max(30_000);
/** A branch, tag or commit. */
export const Ref = z
  .string()
  .max(250)
  .regex(/^(?!-)[^\s~^:?*[\\\p{Cc}]+$/u, "expected a branch, tag or commit")
  .refine((ref) => !ref.includes(".."), "expected a branch, tag or commit");
/** Items of a list: a page of GitHub's at most. */
export const Limit = z.int().min(1).max(100).optional();
export const Since = z.iso.datetime({ offset: true }).optional().describe("ISO time");

export const DEFAULT_LIMIT = 30;
const MAX_BODY = 6_000;

/** A text of an outsider, cut for a model. */
export const shortened = (text: string | null | undefined, max = MAX_BODY): string => {
  const short = cut(text ?? "", max);
  return short.truncated ? `${short.text}… (cut)` : short.text;
};

export const login = (user: { readonly login?: string } | null | undefined): string => user?.login ?? "ghost";
