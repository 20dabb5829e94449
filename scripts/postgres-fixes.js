/**
 * What must be otherwise in the database driver (postgres 3.4.9) for Claw to outlive its connections. Nothing of it can be
 * done from outside: it is about variables of one function. Reported upstream as porsager/postgres#1066, #1154 and #1208.
 *
 * - A statement for a connection that was just lost, such as the rollback of a transaction that was under way, is written
 *   to no socket at all: an exception that nobody can catch, and the process ends. Now it is rejected.
 * - A connection whose first question of its own, about the types of arrays, is answered with an error rejects a promise
 *   that nobody holds, and the process ends. Now the statement that it was opened for is rejected.
 * - A connection that is lost while a write is about to go out believes for ever after that one still is: nothing it is
 *   given later is sent, not even its greeting. Now it begins anew.
 */

/** The driver's file that is changed. */
export const DRIVER_FILE = /[\\/]postgres[\\/]src[\\/]connection\.js$/;

const FIXES = [
  {
    times: 1,
    from: "    if (stream)\n      return queryError(q, Errors.generic('COPY_IN_PROGRESS'",
    to: "    if (socket === null)\n      return queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true\n\n",
    how: "before",
  },
  {
    times: 1,
    from: "        return fetchArrayTypes()\n",
    to: "        return fetchArrayTypes().catch(e => (errored(e), socket && socket.destroy()))\n",
    how: "instead",
  },
  { times: 2, from: "\n    clearImmediate(nextWriteTimer)\n", to: "    chunk = nextWriteTimer = null\n", how: "after" },
  {
    times: 1,
    from: "    const x = socket.write(chunk, fn)\n",
    to: "    if (socket === null)\n      return chunk = nextWriteTimer = null, true\n",
    how: "before",
  },
];

/**
 * @param {string} code of {@link DRIVER_FILE}
 * @throws when the driver is another one than the fixes were made for
 */
export function fixDriver(code) {
  return FIXES.reduce((fixed, { times, from, to, how }) => {
    const parts = fixed.split(from);
    if (parts.length !== times + 1)
      throw new Error(`the database driver has changed: look at scripts/postgres-fixes.js (${JSON.stringify(from)})`);
    return parts.join({ before: to + from, after: from + to, instead: to }[how]);
  }, code);
}
