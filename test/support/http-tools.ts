/** Calls the HTTP tools as a run does, with loopback opened unless a test says otherwise. */
import { expect } from "vitest";
import {
  createEgressGuard,
  httpTools,
  type InvokeContext,
  invokeTool,
  type PlaceSecret,
  type ToolContract,
  type ToolResult,
  validateInput,
} from "../../src/tools/index.ts";
import { toolContext } from "./tool-context.ts";

export interface CallOptions {
  readonly allow?: readonly string[];
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly ctx?: Partial<InvokeContext>;
  readonly timeoutMs?: number;
  readonly secrets?: readonly PlaceSecret[];
}

export function toolOf(
  name: string,
  { allow = ["loopback"], resolve, timeoutMs, secrets = [] }: CallOptions,
): ToolContract {
  const guard = createEgressGuard({ allow, ...(resolve && { resolve }) });
  const tool = httpTools({ guard, userAgent: "Claw/test", secrets }).find((each) => each.name === name);
  if (!tool) throw new Error(`no ${name}`);
  return timeoutMs === undefined ? tool : { ...tool, timeoutMs };
}

/** As the runner does: arguments are validated, then the tool is invoked. */
export async function call(name: string, args: unknown, options: CallOptions = {}): Promise<ToolResult<unknown>> {
  const tool = toolOf(name, options);
  const input = validateInput(tool, JSON.stringify(args));
  return input.ok ? invokeTool(tool, input.value, toolContext(options.ctx)) : input;
}
export const get = (url: string, options?: CallOptions) => call("http_get", { url }, options);
/** A read that failed with that code, with a message that matches. */
export const error = (code: string, message?: RegExp) => ({
  ok: false,
  error: { code, message: message ? expect.stringMatching(message) : expect.any(String) },
});
