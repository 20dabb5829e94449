/** Grants as people see them. */
import type { ToolRegistry } from "../../tools/index.ts";
import type { Caller } from "../caller.ts";
import type { Transaction } from "../db/client.ts";
import { memberNames } from "../members/store.ts";
import { type Defined, findDefined } from "../workflows/store.ts";
import { fixesWhere, type Grant, grantWords, whyOver } from "./grant.ts";
import { grantLines } from "./grant-text.ts";
import { listGrants, wasTainted } from "./store.ts";
import { instructionHash } from "./use.ts";

export interface GrantView {
  readonly grantId: string;
  /** Null while it is not given. */
  readonly number: number | null;
  readonly workflow: string;
  readonly tool: string;
  readonly words: string;
  /** What a person changes, see `readGrantLines`. */
  readonly lines: string;
  readonly uses: number;
  readonly usesLeft: number;
  readonly expiresAt: string;
  readonly afterOutside: boolean;
  /** It could hold after outside text: every argument that says where is fixed. */
  readonly mayHoldOutside: boolean;
  /** Where the workflow's runs get text from outside, in a few words each; empty when nowhere that is known of. */
  readonly readsOutside: readonly string[];
  readonly by: string;
  /** Why it does not hold any more; null while it does. */
  readonly over: string | null;
}

export async function viewOfGrant({ deps, work, actor }: Caller, grant: Grant): Promise<GrantView> {
  const names = await memberNames(work.tx, actor.workspaceId);
  const defined = await findDefined(work.tx, actor.workspaceId, { id: grant.workflowId });
  const contract = deps.registry.get(grant.tool);
  const present = {
    contractHash: contract ? deps.registry.contractHash(grant.tool) : null,
    instructionHash: defined && grant.givenAt ? instructionHash(defined.revision.instruction) : null,
  };
  return {
    grantId: grant.id,
    number: grant.number,
    workflow: defined?.workflow.name ?? "a workflow that is gone",
    tool: grant.tool,
    words: grantWords(grant),
    lines: grantLines({ ...grant, lastsMs: grant.expiresAt.getTime() - grant.proposedAt.getTime() }),
    uses: grant.uses,
    usesLeft: grant.usesLeft,
    expiresAt: grant.expiresAt.toISOString(),
    afterOutside: grant.afterOutside,
    mayHoldOutside: contract !== null && contract.effect !== "destructive" && fixesWhere(grant.pattern, contract),
    readsOutside: defined ? await outsideOf(deps.registry, work.tx, defined) : [],
    by: names.get(grant.proposedBy) ?? grant.proposedBy,
    over: defined ? whyOver(grant, work.now, present) : "its workflow is gone",
  };
}

/**
 * Also what a tool gives that was just allowed: the report made of it opens the next run. A run that was told text of
 * outsiders counts whatever tools there are.
 */
async function outsideOf(
  registry: Pick<ToolRegistry, "get">,
  tx: Transaction,
  { workflow, revision }: Defined,
): Promise<string[]> {
  const tools = revision.tools.filter((name) => {
    const tool = registry.get(name);
    return (
      tool && ((tool.outputTrust === "untrusted" && tool.egress !== "none") || tool.descriptionTrust === "untrusted")
    );
  });
  return [...tools, ...((await wasTainted(tx, workflow)) ? ["its last run did"] : [])];
}

const MOST = 50;

/** Every grant that was given, the latest first. */
export async function readGrants(caller: Caller): Promise<GrantView[]> {
  const grants = await listGrants(caller.work.tx, caller.actor.workspaceId, MOST);
  const views: GrantView[] = [];
  for (const grant of grants) views.push(await viewOfGrant(caller, grant));
  return views;
}
