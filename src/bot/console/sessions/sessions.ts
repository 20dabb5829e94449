/** Who is at the page: a cookie, kept as its hash, and the person it acts as. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock, Database } from "../../../orchestrator/index.ts";
import { within } from "../deadline.ts";
import type { ConsolePerson } from "../deps.ts";
import { actAs, deleteSession, insertSession, readSession } from "./store.ts";

const DAY_MS = 86_400_000;
export const SESSION_DAYS = 30;
const DATABASE_LIMIT_MS = 1_500;

export interface Session {
  readonly hash: string;
  readonly csrf: string;
  readonly person: ConsolePerson;
}

interface SessionsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly workspaceId: string;
  readonly people: readonly [ConsolePerson, ...ConsolePerson[]];
}

const hashOf = (cookie: string): string => createHash("sha256").update(cookie).digest("hex");

/** Follows from the cookie, which only its browser has. */
const csrfOf = (cookie: string): string => createHmac("sha256", cookie).update("csrf").digest("base64url");

export const csrfMatches = (session: Session, given: string): boolean => {
  const [a, b] = [Buffer.from(session.csrf), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
};

export class Sessions {
  readonly #deps: SessionsDeps;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  /** Begins a session as the first person. @returns the cookie's value */
  async begin(): Promise<string> {
    const { db, clock, workspaceId, people } = this.#deps;
    const cookie = randomBytes(32).toString("base64url");
    const now = clock.now();
    const row = {
      workspaceId,
      hash: hashOf(cookie),
      memberId: people[0].memberId,
      createdAt: new Date(now),
      expiresAt: new Date(now + SESSION_DAYS * DAY_MS),
    };
    await within(DATABASE_LIMIT_MS, insertSession(db, row));
    return cookie;
  }

  /** Null without a live session. Rejects when the database does not answer within 1.5 s. */
  async read(cookie: string | undefined): Promise<Session | null> {
    if (!cookie || !/^[\w-]{43}$/.test(cookie)) return null;
    const { db, clock, workspaceId } = this.#deps;
    const hash = hashOf(cookie);
    const row = await within(DATABASE_LIMIT_MS, readSession(db, workspaceId, hash, new Date(clock.now())));
    const person = row && this.person(row.memberId);
    return person ? { hash, csrf: csrfOf(cookie), person } : null;
  }

  person(memberId: string): ConsolePerson | null {
    return this.#deps.people.find((p) => p.memberId === memberId) ?? null;
  }

  /** The session's person as it is now: null once it was ended, or acts as somebody else. */
  async stillIs(session: Session): Promise<boolean> {
    const { db, clock, workspaceId } = this.#deps;
    const row = await within(DATABASE_LIMIT_MS, readSession(db, workspaceId, session.hash, new Date(clock.now())));
    return row?.memberId === session.person.memberId;
  }

  async actAs(session: Session, person: ConsolePerson): Promise<void> {
    const { db, workspaceId } = this.#deps;
    await within(DATABASE_LIMIT_MS, actAs(db, workspaceId, session.hash, person.memberId));
  }

  async end(session: Session): Promise<void> {
    const { db, workspaceId } = this.#deps;
    await within(DATABASE_LIMIT_MS, deleteSession(db, workspaceId, session.hash));
  }
}
