// The console page.

import "./buttons.js";
import { prepare } from "./composer.js";
import { followChannel } from "./stream.js";
import { onChange } from "./thread.js";
import { showTimes } from "./times.js";

document.addEventListener("change", (event) => {
  const { form, dataset } = event.target;
  if (dataset?.submits === undefined) return;
  form.elements.back.value = location.pathname;
  form.requestSubmit();
});

const panes = document.querySelector(".panes");

showTimes(document);
if (panes) {
  prepare(document);
  document.getElementById(location.pathname.split("/").length > 3 ? "thread-composer" : "composer")?.focus();
  if (panes.dataset.live === "true") followChannel(panes, onChange);
}
