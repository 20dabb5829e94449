/** The feed tools. */
import type { ToolContract } from "../contract.ts";
import type { HttpDeps } from "../http/exchange.ts";
import { feedRead } from "./read.ts";

const CALLED_BY = /\b(?:feeds?|rss|atom|news|blogs?|podcasts?|articles?|posts?|announcements?|changelogs?)\b/i;

/** `feed_read`. */
export const feedTools = (deps: HttpDeps): readonly ToolContract[] =>
  [feedRead(deps)].map((tool) => ({ ...tool, calledBy: CALLED_BY }));
