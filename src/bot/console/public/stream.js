// The stream of a channel: what happens there comes to the page by itself, also after a cut.

import { pause } from "./sending.js";

export function followChannel(panes, onChange) {
  const { channel } = panes.dataset;
  const status = document.querySelector(".connection");
  let version = Number(panes.dataset.version);
  let source = null;
  let failures = 0;
  let hiding = 0;

  const stop = () => {
    source?.close();
    source = null;
  };

  // Browsers connect again by themselves after a cut, but not after an answer that is no stream.
  const tryAgain = async () => {
    stop();
    failures += 1;
    await pause(Math.min(1000 * failures, 10_000));
    const answer = await fetch("/api/complete?text=").catch(() => null);
    if (answer?.status === 401) location.reload();
    else start();
  };

  const start = () => {
    if (source) return;
    source = new EventSource(`/events?channel=${encodeURIComponent(channel)}&after=${version}`);
    source.onopen = () => {
      failures = 0;
      status.textContent = "";
    };
    source.addEventListener("message", (event) => {
      version = Number(event.lastEventId);
      onChange(JSON.parse(event.data));
    });
    source.addEventListener("someone_else", () => location.reload());
    source.onerror = () => {
      status.textContent = "Connection lost, reconnecting…";
      if (source?.readyState === EventSource.CLOSED) tryAgain();
    };
  };

  // A page nobody looks at gives its connection back: browsers allow six to a server.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(stop, 60_000);
    else start();
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", start);
  start();
}
