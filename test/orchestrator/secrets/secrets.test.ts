import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openSecret, sealSecret, secretKey } from "../../../src/orchestrator/secrets/secrets.ts";

const key = secretKey(randomBytes(32).toString("base64"));
const of = { workspaceId: "slack:T1", name: "github" };

describe("a sealed secret", () => {
  it.each(["ghp_123", "", "päß 😀\n", "x".repeat(100_000)])("opens to what it was (%#)", (value) => {
    expect(openSecret(key, of, sealSecret(key, of, value))).toBe(value);
  });

  it("never looks the same twice, and shows nothing of the value", () => {
    const [one, two] = [sealSecret(key, of, "token token token"), sealSecret(key, of, "token token token")];
    expect(one.equals(two)).toBe(false);
    expect(one.includes("token")).toBe(false);
  });

  it.each([
    ["another key", secretKey(randomBytes(32).toString("base64")), of],
    ["another workspace", key, { ...of, workspaceId: "slack:T2" }],
    ["another name", key, { ...of, name: "gitlab" }],
    ["a shifted boundary between workspace and name", key, { workspaceId: 'slack:T1","git', name: "hub" }],
  ])("does not open with %s", (_what, otherKey, otherName) => {
    expect(() => openSecret(otherKey, otherName, sealSecret(key, of, "v"))).toThrow(/cannot be opened/);
  });

  it("does not open when a bit of it was changed or a part is missing", () => {
    const sealed = sealSecret(key, of, "value");
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => openSecret(key, of, changed)).toThrow(/cannot be opened/);
    }
    for (const length of [0, 5, 12, 27, sealed.length - 1]) {
      expect(() => openSecret(key, of, sealed.subarray(0, length))).toThrow(/cannot be opened/);
    }
  });
});

describe("a key", () => {
  it.each(["", "short", randomBytes(31).toString("base64"), randomBytes(33).toString("base64")])(
    "of the wrong size is refused, unsaid (%#)",
    (text) => {
      expect(() => secretKey(text)).toThrow("CLAW_SECRET_KEY must be 32 bytes in base64 (openssl rand -base64 32).");
    },
  );

  it("has an id that tells it from others and says nothing of it", () => {
    expect(key.id).toMatch(/^[0-9a-f]{16}$/);
    expect(secretKey(randomBytes(32).toString("base64")).id).not.toBe(key.id);
    expect(secretKey(key.bytes.toString("base64")).id).toBe(key.id);
  });
});
