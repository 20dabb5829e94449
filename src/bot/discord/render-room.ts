/** What is left of a message: components and characters. Pure but for what it counts. */

export class Room {
  #components: number;
  #text: number;

  constructor(components: number, text: number) {
    this.#components = components;
    this.#text = text;
  }

  /** What is in the message takes its part of it. */
  keep(components: number, text: number): void {
    this.#components -= components;
    this.#text -= text;
  }

  fits(components: number, text: number): boolean {
    return components <= this.#components && text <= this.#text;
  }

  get components(): number {
    return Math.max(0, this.#components);
  }

  get text(): number {
    return Math.max(0, this.#text);
  }
}
