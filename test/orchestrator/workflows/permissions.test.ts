/** Who may do what; everything not said is refused. */
import { describe, expect, it } from "vitest";
import { ROLES, type Role } from "../../../src/orchestrator/ports.ts";
import { atLeast, mayChange, mustChange, mustCreate } from "../../../src/orchestrator/workflows/permissions.ts";

const actor = (role: Role, memberId = "me") => ({ workspaceId: "w", memberId, name: "Me", role });

describe("a role", () => {
  it("may do what the ones before it may", () => {
    expect(ROLES.map((role) => atLeast(role, "approver"))).toEqual([false, false, true, true]);
    for (const role of ROLES) expect(atLeast(role, role)).toBe(true);
  });

  it("of viewer only reads", () => {
    expect(() => mustCreate(actor("viewer"))).toThrow(/Viewers cannot create/);
    for (const role of ["member", "approver", "admin"] as const) expect(() => mustCreate(actor(role))).not.toThrow();
  });
});

describe("a workflow", () => {
  it("is changed by its owner, unless they became a viewer, and by admins", () => {
    expect(mayChange(actor("member"), "me")).toBe(true);
    expect(mayChange(actor("viewer"), "me")).toBe(false);
    expect(mayChange(actor("approver"), "somebody")).toBe(false);
    expect(mayChange(actor("admin"), "somebody")).toBe(true);
    expect(() => mustChange(actor("member"), "somebody", "prs")).toThrow(
      "Only the owner of prs or an admin can do that.",
    );
  });
});
