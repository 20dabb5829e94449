// The thread beside the channel, opened and closed without leaving the page.

import { prepare } from "./composer.js";
import { apply, atEnd, log, messageIn, toEnd } from "./messages.js";
import { showTimes } from "./times.js";

const panes = document.querySelector(".panes");

// What came while a thread was being fetched is put into it afterwards: the answer may be older than it.
const fetching = new Set();

export function onChange(change) {
  for (const meanwhile of fetching) meanwhile.push(change);
  apply(change);
}

async function fetchThread(path) {
  const response = await fetch(path, { headers: { accept: "text/html" } }).catch(() => null);
  const page = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  return page?.getElementById("thread") ?? null;
}

async function openPath(path) {
  const meanwhile = [];
  fetching.add(meanwhile);
  const fresh = await fetchThread(path);
  fetching.delete(meanwhile);
  // Somebody who clicked twice sees the second thread, whichever came first.
  if (location.pathname !== path) return;
  if (!fresh) {
    location.assign(path);
    return;
  }
  showTimes(fresh);
  const channelScroll = log("channel").closest(".scroll");
  const follow = atEnd(channelScroll);
  document.getElementById("thread").replaceWith(fresh);
  // The channel is narrower or wider now.
  if (follow) toEnd(channelScroll);
  for (const change of meanwhile) apply(change);
  prepare(fresh);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-thread], a[data-closes-thread]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || panes?.dataset.live !== "true") return;
  event.preventDefault();
  const closed = document.getElementById("thread").dataset.thread;
  history.pushState(null, "", link.getAttribute("href"));
  await openPath(link.getAttribute("href"));
  if (link.dataset.thread) document.getElementById("thread-composer")?.focus();
  else messageIn(log("channel"), closed)?.querySelector(".thread-link")?.focus();
});

addEventListener("popstate", () => {
  if (panes?.dataset.channel && location.pathname.startsWith(`/channels/${panes.dataset.channel}`))
    openPath(location.pathname);
  else location.reload();
});
