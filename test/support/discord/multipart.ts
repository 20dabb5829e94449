/** Bodies as they come: JSON, or a form with `payload_json` and files. */
import type { IncomingHttpHeaders } from "node:http";
import { parseJson } from "../slack/json.ts";
import { Refusal } from "./refusal.ts";

export interface UploadedFile {
  /** 2 of `files[2]`. */
  readonly index: number;
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface Body {
  /** Undefined when there is none. */
  readonly json: unknown;
  readonly files: readonly UploadedFile[];
}

/** @throws Refusal 50109 for what is no JSON */
export async function bodyOf(headers: IncomingHttpHeaders, bytes: Buffer): Promise<Body> {
  if (bytes.length === 0) return { json: undefined, files: [] };
  const type = headers["content-type"] ?? "";
  if (type.startsWith("multipart/form-data")) return formOf(type, bytes);
  return { json: parsed(bytes.toString("utf8")), files: [] };
}

function parsed(text: string): unknown {
  const json = parseJson(text);
  if (json === undefined) throw new Refusal("invalidJson");
  return json;
}

async function formOf(type: string, bytes: Buffer): Promise<Body> {
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData().catch(() => {
    throw new Refusal("invalidJson");
  });
  const files: UploadedFile[] = [];
  let json: unknown;
  for (const [name, value] of form) {
    if (name === "payload_json") json = parsed(typeof value === "string" ? value : await value.text());
    else if (typeof value !== "string") {
      const index = Number(/^files?\[(\d+)\]$/.exec(name)?.[1] ?? files.length);
      const content = Buffer.from(await value.arrayBuffer());
      files.push({ index, filename: value.name, contentType: value.type || "application/octet-stream", content });
    }
  }
  return { json, files };
}
