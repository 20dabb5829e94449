/** The delivery key of a message stands in the ids of its blocks, so that a press says which message it is on. Pure. */
import type { Card } from "../cards/card.ts";
import { LIMITS } from "./limits.ts";
import { type RenderContext, type Rendered, renderCard } from "./render.ts";

/** Slack takes ids of 255 characters. */
const MAX_KEY = 200;
/** A card that was given less says nothing any more; characters of its JSON. */
const LEAST_JSON = 6_000;

export function keyed(rendered: Rendered, key: string): Rendered {
  if (key === "" || key.length > MAX_KEY) return rendered;
  const blocks = rendered.blocks.map((block, n) =>
    block.type === "actions" || "accessory" in block ? { ...block, block_id: `k${n}:${key}` } : block,
  );
  return { ...rendered, blocks };
}

/** A card as a message with its key, which takes room from the card: lists have a block with the key for every row. */
export function renderKeyed(card: Card, context: RenderContext, key: string): Rendered {
  for (let json: number = LIMITS.messageJson; ; ) {
    const rendered = keyed(renderCard(card, context, json), key);
    const over = JSON.stringify(rendered.blocks).length - LIMITS.messageJson;
    if (over <= 0 || json < LEAST_JSON) return rendered;
    json -= over;
  }
}

/** Null for a block that bears none. */
export const keyOfBlock = (blockId: string): string | null => /^k\d{1,3}:(.+)$/su.exec(blockId)?.[1] ?? null;
