/** A look for something to do, of which a process makes one at a time. */

/**
 * Called while a look is under way, it is made once more after that; however often it was called meanwhile.
 * @returns resolves when nobody asks any more; whoever calls during a look waits for nothing, and what a look throws goes
 *   to whoever began it
 */
export function createLook(look: () => Promise<void>): () => Promise<void> {
  const state = { underWay: false, again: false };
  return async () => {
    state.again = true;
    if (state.underWay) return;
    state.underWay = true;
    try {
      while (state.again) {
        state.again = false;
        await look();
      }
    } finally {
      state.underWay = false;
    }
  };
}
