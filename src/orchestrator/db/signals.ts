/** What processes say to each other through PostgreSQL. Nothing is kept: who does not listen has not heard it. */
import type postgres from "postgres";

export interface Signals {
  /**
   * @param onListening called when the listening begins, and again after a connection that was lost: what was said
   *   meanwhile was missed
   * @returns ends it; a second call does no harm
   */
  listen(channel: string, onMessage: (message: string) => void, onListening: () => void): Promise<() => Promise<void>>;
  /** @throws when the database is away */
  notify(channel: string, message: string): Promise<void>;
}

/** @param urgent its connections are free also while all others are busy */
export const createSignals = (sql: postgres.Sql, urgent: postgres.Sql): Signals => ({
  async listen(channel, onMessage, onListening) {
    const { unlisten } = await sql.listen(channel, onMessage, onListening);
    return () => unlisten();
  },
  async notify(channel, message) {
    await urgent.notify(channel, message);
  },
});
