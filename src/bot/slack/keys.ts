/** The delivery key of a message stands in the ids of its blocks, so that a press says which message it is on. Pure. */
import type { Rendered } from "./render.ts";

/** Slack takes ids of 255 characters. */
const MAX_KEY = 200;

export function keyed(rendered: Rendered, key: string): Rendered {
  if (key === "" || key.length > MAX_KEY) return rendered;
  const blocks = rendered.blocks.map((block, n) =>
    block.type === "actions" || "accessory" in block ? { ...block, block_id: `k${n}:${key}` } : block,
  );
  return { ...rendered, blocks };
}

/** Null for a block that bears none. */
export const keyOfBlock = (blockId: string): string | null => /^k\d{1,3}:(.+)$/su.exec(blockId)?.[1] ?? null;
