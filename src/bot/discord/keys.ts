/**
 * The delivery key of a message, as Discord can carry it: in the nonce, by which a repeated post is the first message, and
 * in the numbers of its components, by which the message is found again later.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { LIMITS } from "./limits.ts";

const digest = (workspaceId: string, key: string): Buffer =>
  createHash("sha256").update(`${workspaceId}\n${key}`).digest();

export const nonceOf = (workspaceId: string, key: string): string =>
  digest(workspaceId, key).toString("base64url").slice(0, LIMITS.nonce);

/** Two numbers of components that a message of this key bears, and no other does. */
export type Marker = readonly [number, number];

/** Numbers below are Discord's to give to components that have none. */
const LEAST = 1_000;
const MOST = 2_147_483_647;

export function markerOf(workspaceId: string, key: string): Marker {
  const hash = digest(workspaceId, key);
  const numberAt = (at: number): number => LEAST + (hash.readUInt32BE(at) % (MOST - LEAST));
  const [first, second] = [numberAt(0), numberAt(4)];
  return [first, second === first ? first - 1 : second];
}

const Marked = z.array(z.object({ id: z.number().optional(), components: z.unknown().optional() }));

/** Whether components of a message that Discord showed bear the marker. */
export function bears(components: unknown, [first, second]: Marker): boolean {
  const [container] = Marked.safeParse(components).data ?? [];
  const [head] = Marked.safeParse(container?.components).data ?? [];
  return container?.id === first && head?.id === second;
}
