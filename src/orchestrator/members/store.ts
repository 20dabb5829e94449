/** Workspaces and members in SQL. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database, Transaction } from "../db/client.ts";
import { members, workspaces } from "../db/schema.ts";
import { ClawError } from "../errors.ts";
import type { Person } from "../policy/decider.ts";
import type { Introduction, MemberId, PlatformName, Role, WorkspaceId } from "../ports.ts";

export interface Workspace {
  readonly id: WorkspaceId;
  readonly platform: PlatformName;
  readonly team: string;
  readonly name: string;
  readonly timezone: string;
}

/** Adds a workspace unless it is there; its zone and name stay as people set them. */
export async function ensureWorkspace(
  db: Database | Transaction,
  workspace: Workspace & { readonly createdAt: Date },
): Promise<void> {
  await db.insert(workspaces).values(workspace).onConflictDoNothing();
}

export async function findWorkspace(db: Database | Transaction, id: WorkspaceId): Promise<Workspace | null> {
  const rows = await db.select().from(workspaces).where(eq(workspaces.id, id));
  return rows[0] ?? null;
}

/** Zones by workspace id. */
export async function workspaceZones(
  db: Database | Transaction,
  ids: readonly WorkspaceId[],
): Promise<Map<WorkspaceId, string>> {
  const rows = await db
    .select({ id: workspaces.id, zone: workspaces.timezone })
    .from(workspaces)
    .where(inArray(workspaces.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.zone]));
}

/** How a member's phrases are read from now on. */
export async function setMemberTimezone(
  tx: Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
  timezone: string,
): Promise<void> {
  await tx
    .update(members)
    .set({ timezone })
    .where(and(eq(members.workspaceId, workspaceId), eq(members.id, id)));
}

export interface Member {
  readonly id: MemberId;
  readonly name: string;
  readonly role: Role;
  readonly timezone: string | null;
}

/**
 * The member an event names, with what their platform says of them now. An outsider is never more than a viewer.
 * @param known null when the platform could not be asked: then they are who they were
 * @returns null when the member has left, or is not known and cannot be
 */
export async function meet(
  tx: Transaction,
  seen: {
    readonly workspaceId: WorkspaceId;
    readonly id: MemberId;
    readonly known: Introduction | null;
    readonly at: Date;
  },
): Promise<Member | null> {
  const { workspaceId, id, known, at } = seen;
  if (known?.standing === "gone") {
    await tx
      .update(members)
      .set({ leftAt: at })
      .where(and(eq(members.workspaceId, workspaceId), eq(members.id, id), isNull(members.leftAt)));
  } else if (known) {
    const says = {
      name: known.name,
      role: known.standing === "outsider" ? ("viewer" as const) : known.role,
      groups: known.standing === "outsider" ? [] : [...(known.groups ?? [])],
      leftAt: null,
    };
    const before = await findMember(tx, workspaceId, id);
    // Mostly nothing is new. Their row is not locked then: all that one person does would come one after the other.
    const isNews = !before || before.name !== says.name || before.role !== says.role;
    if (isNews) {
      await tx
        .insert(members)
        .values({ workspaceId, id, ...says, createdAt: at })
        .onConflictDoUpdate({ target: [members.workspaceId, members.id], set: says });
    }
    const member = isNews ? await findMember(tx, workspaceId, id) : before;
    return member && { ...member, timezone: member.timezone ?? known.timezone };
  }
  return findMember(tx, workspaceId, id);
}

/** Null for who is unknown, or has left. */
export async function findMember(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  id: MemberId,
): Promise<Member | null> {
  const rows = await db
    .select()
    .from(members)
    .where(and(eq(members.workspaceId, workspaceId), eq(members.id, id)));
  const row = rows[0];
  return row && row.leftAt === null ? row : null;
}

/** Who these members are, to decide about something; those who have left or are unknown are not among them. */
export async function personsOf(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
  ids: readonly MemberId[] | "all",
): Promise<Map<MemberId, Person & { readonly name: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select()
    .from(members)
    .where(
      and(
        eq(members.workspaceId, workspaceId),
        isNull(members.leftAt),
        ids === "all" ? undefined : inArray(members.id, [...ids]),
      ),
    );
  return new Map(rows.map(({ id, name, role, groups }) => [id, { memberId: id, name, role, groups }]));
}

/** Gives a member their role as their platform says it. */
export async function setMember(
  db: Database | Transaction,
  member: {
    readonly workspaceId: WorkspaceId;
    readonly id: MemberId;
    readonly name: string;
    readonly role: Role;
    readonly at: Date;
  },
): Promise<void> {
  const { at, ...row } = member;
  await db
    .insert(members)
    .values({ ...row, createdAt: at })
    .onConflictDoUpdate({ target: [members.workspaceId, members.id], set: { name: member.name, role: member.role } });
}

/** Names by member id, for views. */
export async function memberNames(
  db: Database | Transaction,
  workspaceId: WorkspaceId,
): Promise<Map<MemberId, string>> {
  const rows = await db
    .select({ id: members.id, name: members.name })
    .from(members)
    .where(eq(members.workspaceId, workspaceId));
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** The next number that people know something of the workspace by; none is given twice. @throws ClawError `bug` without a workspace */
export async function nextNumber(
  tx: Transaction,
  workspaceId: WorkspaceId,
  counter: "approvalCounter" | "questionCounter" | "memoryCounter",
): Promise<number> {
  const rows = await tx
    .update(workspaces)
    .set({ [counter]: sql`${workspaces[counter]} + 1` })
    .where(eq(workspaces.id, workspaceId))
    .returning({ number: workspaces[counter] });
  const row = rows[0];
  if (!row) throw new ClawError("bug", `no workspace ${workspaceId}`);
  return row.number;
}
