/** What people are told of their workspace's secrets: their names. Values come in by the command line and go out to tools. */
import type { Caller } from "../caller.ts";
import { ClawError } from "../errors.ts";
import { listSecrets, type SecretView } from "./store.ts";

export type { SecretView } from "./store.ts";

/** @throws ClawError `forbidden` for who is no admin: also the names say something */
export async function readSecrets({ work, actor }: Caller): Promise<readonly SecretView[]> {
  if (actor.role !== "admin") throw new ClawError("forbidden", "Only an admin can see which secrets there are.");
  return listSecrets(work.tx, actor.workspaceId);
}
