/** Who may do what. Pure. Everything not said here is refused. */
import { ClawError } from "../errors.ts";
import { type Actor, type MemberId, ROLES, type Role } from "../ports.ts";

export const atLeast = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);

/** Viewers read; everybody else may create. @throws ClawError `forbidden` */
export function mustCreate(actor: Actor): void {
  if (!atLeast(actor.role, "member"))
    throw new ClawError("forbidden", "Viewers cannot create workflows. Ask a member or an admin.");
}

export const mayChange = (actor: Actor, ownerId: MemberId): boolean =>
  actor.role === "admin" || (actor.memberId === ownerId && atLeast(actor.role, "member"));

/** @throws ClawError `forbidden` for everybody but the owner and admins */
export function mustChange(actor: Actor, ownerId: MemberId, name: string): void {
  if (!mayChange(actor, ownerId))
    throw new ClawError("forbidden", `Only the owner of ${name} or an admin can do that.`);
}
