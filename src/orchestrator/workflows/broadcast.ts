/** Where an instruction says that its report is shown in the channel too, and not in the thread alone. Pure. */

const ENDING =
  /(?<=\S)[,;]?\s+(?:and\s+)?(?:also\s+)?(?:show|post)\s+(?:it|them|the\s+(?:report|result|answer)s?)\s+(?:also\s+)?in\s+(?:the|this)\s+channel(?:,?\s+(?:too|as\s+well|also))?[.!]?$/iu;

/** How Claw says it itself; it is read as the same again. */
export const BROADCAST_WORDS = " and show it in the channel";

/** What to do without those words, and whether they were there. */
export function splitBroadcast(instruction: string): { readonly instruction: string; readonly broadcast: boolean } {
  const text = instruction.trimEnd();
  const at = text.length > 4_000 ? -1 : text.search(ENDING);
  return at < 0 ? { instruction, broadcast: false } : { instruction: text.slice(0, at), broadcast: true };
}
