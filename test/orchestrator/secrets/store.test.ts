import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listAudit } from "../../../src/orchestrator/audit/store.ts";
import { secretKey } from "../../../src/orchestrator/secrets/secrets.ts";
import { createSecretStore, listSecrets, type SecretStore } from "../../../src/orchestrator/secrets/store.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

const A = "slack:TA";
const B = "slack:TB";
const by = "slack:TA:U1";
const clock = { now: () => Date.parse("2026-05-04T10:00:00Z") };
const key = secretKey(randomBytes(32).toString("base64"));
let database: TestDatabase;
let store: SecretStore;

beforeAll(async () => {
  database = await testDatabase();
  await database.sql`insert into workspaces (id, platform, team, name, timezone, created_at)
    values (${A}, 'slack', 'TA', 'A', 'UTC', now()), (${B}, 'slack', 'TB', 'B', 'UTC', now())`;
  store = createSecretStore({ db: database.db, clock, key });
});
afterAll(() => database.close());

it("gives a secret back to its own workspace only", async () => {
  await store.set({ workspaceId: A, name: "github", value: "ghp_first", by });
  expect(await store.get(A, "github")).toBe("ghp_first");
  expect(await store.get(B, "github")).toBeNull();
  expect(await store.get(A, "gitlab")).toBeNull();
  expect(await listSecrets(database.db, A)).toEqual([{ name: "github", by, at: new Date(clock.now()) }]);
});

it("replaces it, and forgets it, once", async () => {
  await store.set({ workspaceId: A, name: "feed", value: "one", by });
  await store.set({ workspaceId: A, name: "feed", value: "two", by });
  expect(await store.get(A, "feed")).toBe("two");
  expect(await store.delete({ workspaceId: B, name: "feed", by })).toBe(false);
  expect(await store.delete({ workspaceId: A, name: "feed", by })).toBe(true);
  expect(await store.delete({ workspaceId: A, name: "feed", by })).toBe(false);
  expect(await store.get(A, "feed")).toBeNull();
});

it("records who set and who deleted, and no value anywhere", async () => {
  await store.set({ workspaceId: B, name: "webhook", value: "s3cr3t-value", by });
  await store.delete({ workspaceId: B, name: "webhook", by });
  const events = await listAudit(database.db, { workspaceId: B, limit: 10 });
  expect(events.map((event) => [event.action, event.actor, event.detail])).toEqual([
    ["secret.deleted", by, { name: "webhook" }],
    ["secret.set", by, { name: "webhook" }],
  ]);
  await store.set({ workspaceId: B, name: "webhook", value: "s3cr3t-value", by });
  const [row] = await database.sql`select sealed from secrets where workspace_id = ${B}`;
  expect(Buffer.from(row?.sealed).includes("s3cr3t-value")).toBe(false);
});

it("does not give away a value that was copied into another workspace", async () => {
  await store.set({ workspaceId: A, name: "stolen", value: "mine", by });
  await database.sql`insert into secrets select ${B}, name, sealed, key_id, created_by, created_at from secrets
    where workspace_id = ${A} and name = 'stolen'`;
  await expect(store.get(B, "stolen")).rejects.toMatchObject({ code: "bad_credentials" });
});

it("says what is missing without a key, and which secret does not open with another one", async () => {
  await store.set({ workspaceId: A, name: "kept", value: "v", by });
  const keyless = createSecretStore({ db: database.db, clock, key: null });
  await expect(keyless.set({ workspaceId: A, name: "x", value: "v", by })).rejects.toThrow(/CLAW_SECRET_KEY/);
  await expect(keyless.get(A, "kept")).rejects.toThrow(/CLAW_SECRET_KEY/);
  expect(await keyless.get(A, "never-set")).toBeNull();
  const rekeyed = createSecretStore({ db: database.db, clock, key: secretKey(randomBytes(32).toString("base64")) });
  await expect(rekeyed.get(A, "kept")).rejects.toThrow("The secret kept cannot be opened");
});

it.each([
  ["", "v"],
  ["1st", "v"],
  ["a b", "v"],
  ["x".repeat(65), "v"],
  ["empty", ""],
])("refuses the name %j with the value %j", async (name, value) => {
  await expect(store.set({ workspaceId: A, name, value, by })).rejects.toMatchObject({ code: "invalid_input" });
});

it("opens with the older key what is not sealed anew, and seals it anew when it is told to", async () => {
  const [old, present] = [randomBytes(32).toString("base64"), randomBytes(32).toString("base64")];
  const storeWith = (with_: ReturnType<typeof secretKey>) => createSecretStore({ db: database.db, clock, key: with_ });
  await database.sql`delete from secrets`;
  await storeWith(secretKey(old)).set({ workspaceId: A, name: "kept", value: "worth keeping", by });
  await storeWith(secretKey(randomBytes(32).toString("base64"))).set({
    workspaceId: B,
    name: "lost",
    value: "gone",
    by,
  });
  const both = storeWith(secretKey(present, old));
  expect(await both.get(A, "kept")).toBe("worth keeping");
  await expect(storeWith(secretKey(present)).rotate(by)).rejects.toThrow("CLAW_SECRET_KEY_OLD");
  expect(await both.rotate(by)).toEqual({ sealed: 1, unreadable: [`${B} lost`] });
  expect(await both.rotate(by)).toEqual({ sealed: 0, unreadable: [`${B} lost`] });
  expect(await storeWith(secretKey(present)).get(A, "kept")).toBe("worth keeping");
  await expect(storeWith(secretKey(old)).get(A, "kept")).rejects.toMatchObject({ code: "bad_credentials" });
  const [event] = await listAudit(database.db, { workspaceId: A, limit: 1 });
  expect([event?.action, event?.detail.count]).toEqual(["secret.rotated", 1]);
});

it("tells of each value that leaves, so that no log repeats it", async () => {
  const opened: string[] = [];
  const telling = createSecretStore({ db: database.db, clock, key, onOpen: (value) => void opened.push(value) });
  await store.set({ workspaceId: A, name: "told", value: "set by another process", by });
  await telling.get(A, "told");
  await telling.get(A, "nothing");
  expect(opened).toEqual(["set by another process"]);
});
