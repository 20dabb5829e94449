/** What a command knows of the process it runs in. `bin/claw.js` passes the real one, tests their own. */

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Signals and crashes, as `process` tells them. */
export interface ProcessEvents {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
}

/** What is typed or piped in. A terminal can be told not to show it. */
export interface Input {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  on(event: "data" | "end" | "error", listener: (value?: unknown) => void): unknown;
  off(event: "data" | "end" | "error", listener: (value?: unknown) => void): unknown;
  pause?(): unknown;
  resume?(): unknown;
}

export interface CliIo {
  /** Absent: nothing comes in. */
  readonly stdin?: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly events: ProcessEvents;
}
