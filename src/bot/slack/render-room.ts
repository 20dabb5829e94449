/** What is left of a message: blocks and characters. Pure. */
import type { Block } from "./render-blocks.ts";

/** The least that a block of text takes beside its text. */
const FRAME = 90;

export class Room {
  #blocks: number;
  #json: number;

  constructor(blocks: number, json: number) {
    this.#blocks = blocks;
    this.#json = json - 2;
  }

  /** What is in the message takes its part of it. */
  keep(blocks: readonly Block[]): void {
    for (const block of blocks) {
      this.#blocks--;
      this.#json -= JSON.stringify(block).length + 1;
    }
  }

  fits(blocks: readonly Block[]): boolean {
    return (
      blocks.length <= this.#blocks &&
      blocks.reduce((sum, block) => sum + JSON.stringify(block).length + 1, 0) <= this.#json
    );
  }

  blocksLeft(): number {
    return Math.max(0, this.#blocks);
  }

  /**
   * Characters for text in blocks of its own: the frames of as many as it can fill are off.
   * @param short they may be shorter than they could be
   */
  textLeft(short = false): number {
    const frames = Math.min(this.#blocks, short ? 24 : Math.ceil(this.#json / 1_400) + 1);
    return Math.max(0, this.#json - frames * FRAME);
  }
}
