/**
 * The last look before bytes leave. A process may be frozen at any instruction and wake up when its run is another's, and
 * people may have had the call made again meanwhile; so it is asked once more where nothing but a system call comes after.
 * A connection takes long to come about, and is waited for before.
 */
import type { Agent, Dispatcher } from "undici";
import type { ToolFailure, ToolResult } from "./contract.ts";

/** Asked by who sends something; false: it must not be sent. */
export type MayLeave = () => boolean;

/** Nothing was sent, because the call may be another process's by now. */
export const NOT_OURS: ToolFailure = {
  code: "cancelled",
  message: "not sent: Claw stood still, and the call may be another process's by now",
  mayHaveHappened: false,
};

export const notOurs: ToolResult<never> = { ok: false, error: NOT_OURS };

/** Thrown in the place of a request that was not sent. */
export class NotSent extends Error {
  override readonly name = "NotSent";
}

/** Whether an error, or what caused it, is {@link NotSent}. */
export const isNotSent = (error: unknown): boolean =>
  error instanceof NotSent || (error instanceof Error && error.cause !== undefined && isNotSent(error.cause));

/** The same connections; a request is asked about when one stands and nothing of it is written yet. */
export const lastLook = (via: Dispatcher, mayLeave: MayLeave): Dispatcher =>
  via.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart(controller, context) {
          if (mayLeave()) handler.onRequestStart?.(controller, context);
          else controller.abort(new NotSent("not sent"));
        },
        onRequestUpgrade: (...about) => handler.onRequestUpgrade?.(...about),
        onResponseStart: (...about) => handler.onResponseStart?.(...about),
        onResponseData: (...about) => handler.onResponseData?.(...about),
        onResponseEnd: (...about) => handler.onResponseEnd?.(...about),
        onResponseError: (...about) => handler.onResponseError?.(...about),
      }),
  );

/** What changes something, by `fetch`: over connections of its own, since one that stands may be closed at any moment. */
export interface Writes {
  fetch(mayLeave: MayLeave): Promise<typeof fetch>;
  /** What is under way ends by itself. */
  close(): void;
}

export function createWrites(): Writes {
  const state: { agent: Agent | null } = { agent: null };
  return {
    async fetch(mayLeave) {
      // Loaded when first needed: most processes that know these tools never call them.
      const { Agent, fetch: send } = await import("undici");
      state.agent ??= new Agent();
      const dispatcher = lastLook(state.agent, mayLeave);
      // The same interface, of a version of its own.
      return ((url: string | URL, init: object) => send(url, { ...init, dispatcher })) as unknown as typeof fetch;
    },
    close: () => void state.agent?.close().catch(() => undefined),
  };
}
