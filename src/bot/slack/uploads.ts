/** Files for a thread, in the three steps that Slack wants: ask for an address, put the bytes there, say where it belongs. */

import { createLately } from "../chat/lately.ts";
import { inTime } from "../chat/waiting.ts";
import type { Log } from "./deps.ts";
import type { Upload } from "./render.ts";
import type { Web } from "./web.ts";

export interface Uploads {
  /**
   * Puts files into a thread, once a key in this process.
   * @param root timestamp of the thread's first message; null: the channel itself
   * @returns whether all of them are there; never throws
   */
  put(key: string, channel: string, root: string | null, files: readonly Upload[]): Promise<boolean>;
}

/** A message does not wait longer for its files; milliseconds. */
const LIMIT_MS = 8_000;

export function createUploads({ web, log }: { readonly web: Web; readonly log: Log }): Uploads {
  const { client, call } = web;
  const lately = createLately<boolean>((isThere) => isThere);

  /** @returns the id of the file at Slack; null when Slack did not take it */
  async function send({ filename, content }: Upload): Promise<string | null> {
    const bytes = Buffer.from(content);
    const asked = await call(client.files.getUploadURLExternal({ filename, length: bytes.length }));
    if (!asked.ok) return refused(asked.failure);
    const { upload_url: url, file_id: id } = asked.value;
    if (url === undefined || id === undefined) return refused({ why: "no address" });
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
      redirect: "error",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return response.ok ? id : refused({ why: `HTTP ${response.status}` });
  }

  const refused = (why: object): null => {
    log.warn(why, "Slack did not take a file");
    return null;
  };

  async function sendAll(channel: string, root: string | null, files: readonly Upload[]): Promise<boolean> {
    try {
      const sent: { id: string; title: string }[] = [];
      for (const file of files) {
        const id = await send(file);
        if (id === null) return false;
        sent.push({ id, title: file.title });
      }
      const [first, ...others] = sent;
      if (!first) return true;
      const where = root === null ? { channel_id: channel } : { channel_id: channel, thread_ts: root };
      const done = await call(client.files.completeUploadExternal({ files: [first, ...others], ...where }));
      if (!done.ok) refused(done.failure);
      return done.ok;
    } catch (error) {
      refused({ err: error });
      return false;
    }
  }

  return {
    put: (key, channel, root, files) =>
      inTime(
        LIMIT_MS,
        lately.once(key, () => sendAll(channel, root, files)),
        false,
      ),
  };
}
