/**
 * Loaded into a process before anything else (`node --import`): it freezes itself where a file says, once, as if somebody
 * had sent it SIGSTOP at that very instruction. It goes on with SIGCONT.
 */
import { channel } from "node:diagnostics_channel";
import { readFileSync, renameSync } from "node:fs";

const file = process.env.FREEZE_FILE ?? "";

/** `connected`: the connection of a request stands and nothing is written to it. `made`: it does not stand yet. */
const POINTS = { "undici:client:connected": "connected", "undici:request:create": "made" };

function freezeAt(point, port) {
  let wanted;
  try {
    wanted = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return;
  }
  if (wanted.point !== point || wanted.port !== port) return;
  renameSync(file, `${file}.frozen`);
  process.kill(process.pid, "SIGSTOP");
}

for (const [name, point] of Object.entries(POINTS)) {
  channel(name).subscribe(({ connectParams, request }) => {
    if (request && request.method !== "POST") return;
    const port = connectParams ? connectParams.port : new URL(String(request.origin)).port;
    freezeAt(point, Number(port));
  });
}
