/** How long tests wait for what must come, in milliseconds: it only ends a hang, and is under the limit of a test. */
export const PATIENCE_MS = 40_000;

/** Waits until something is so. @param otherwise what to say when it never is */
export async function until(
  holds: () => Promise<boolean>,
  otherwise: () => Promise<string> = async () => "",
  limitMs = PATIENCE_MS,
): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > limit) throw new Error(`it never came true. ${await otherwise()}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
