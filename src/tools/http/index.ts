/** The HTTP tools. */
import type { ToolContract } from "../contract.ts";
import type { HttpDeps } from "./exchange.ts";
import { httpGet } from "./get.ts";
import { httpRequest } from "./request.ts";

export { createPageLook, type LookAtPage, type PageSeen } from "./look.ts";
export type { PlaceSecret } from "./place-secret.ts";
export type { HttpDeps };

/** `http_get` and `http_request`. */
export const httpTools = (deps: HttpDeps): readonly ToolContract[] => [httpGet(deps), httpRequest(deps)];
