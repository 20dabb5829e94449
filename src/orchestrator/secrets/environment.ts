/** Secrets that the environment has, for workspaces that have none of their own of that name. */
import type { Database } from "../db/client.ts";
import { platformOf } from "../ids.ts";
import type { Secrets, WorkspaceId } from "../ports.ts";
import { workspaceIds } from "./store.ts";

export interface EnvironmentSecret {
  readonly name: string;
  readonly value: string;
  /** `only`: the console's workspace, and another one while there is but one: a second one may be anybody's. */
  readonly for: "only" | "all" | readonly WorkspaceId[];
}

/** A workspace's own secret wins, also where it cannot be opened: then the call fails, and takes no other one. */
export function withEnvironment(own: Secrets, db: Database, environment: readonly EnvironmentSecret[]): Secrets {
  return {
    async get(workspaceId, name) {
      const value = await own.get(workspaceId, name);
      if (value !== null) return value;
      const said = environment.find((each) => each.name === name);
      return said && (await serves(db, said.for, workspaceId)) ? said.value : null;
    },
  };
}

async function serves(db: Database, whom: EnvironmentSecret["for"], workspaceId: WorkspaceId): Promise<boolean> {
  if (whom === "all") return true;
  if (whom !== "only") return whom.includes(workspaceId);
  if (platformOf(workspaceId) === "console") return true;
  const others = (await workspaceIds(db)).filter((id) => platformOf(id) !== "console");
  return others.length === 1 && others[0] === workspaceId;
}
