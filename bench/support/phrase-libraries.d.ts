declare module "human-to-cron" {
  function humanToCron(text: string): string;
  export = humanToCron;
}

declare module "@breejs/later" {
  interface Parsed {
    /** Where the text was not understood; -1: all of it was. */
    readonly error: number;
    readonly schedules: readonly unknown[];
  }
  const later: {
    readonly parse: { text(text: string): Parsed };
    schedule(parsed: Parsed): { next(count: number, from: Date): readonly Date[] | Date | 0 };
    readonly date: { UTC(): void };
  };
  export = later;
}
