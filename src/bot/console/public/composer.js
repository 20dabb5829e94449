// Where people type: drafts, completions, sending.

import { toEnd } from "./messages.js";
import { newKey, post, recorded } from "./sending.js";

// What was typed survives a reload.
const draftKey = (form) => `draft ${location.host} ${form.dataset.channel} ${form.dataset.thread ?? ""}`;

export function prepare(within) {
  for (const form of within.querySelectorAll(".composer")) {
    form.elements.text.value = sessionStorage.getItem(draftKey(form)) ?? "";
  }
  for (const scroll of within.querySelectorAll(".scroll")) toEnd(scroll);
}

async function send(form) {
  const box = form.elements.text;
  const note = form.querySelector(".composer-note");
  const text = box.value;
  if (text.trim() === "" || form.ariaBusy === "true") return;
  if (form.dataset.keyOf !== text) {
    form.dataset.key = newKey();
    form.dataset.keyOf = text;
  }
  form.ariaBusy = "true";
  note.textContent = "";
  const { channel, thread, key } = form.dataset;
  const answer = await post("/api/messages", { key, channel, thread: thread ?? null, text });
  form.ariaBusy = "false";
  if (!recorded(answer)) {
    note.textContent = answer.message;
    return;
  }
  delete form.dataset.keyOf;
  if (box.value === text) box.value = "";
  sessionStorage.removeItem(draftKey(form));
  toEnd(form.parentElement.querySelector(".scroll"));
}

const listOf = (form) => form.querySelector(".completions");
const optionsOf = (form) => [...listOf(form).children];

function select(form, index) {
  const options = optionsOf(form);
  for (const [i, option] of options.entries()) option.setAttribute("aria-selected", String(i === index));
  const chosen = options[index];
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) form.elements.text.setAttribute("aria-activedescendant", chosen.id);
  else form.elements.text.removeAttribute("aria-activedescendant");
}

const selected = (form) => optionsOf(form).findIndex((option) => option.getAttribute("aria-selected") === "true");

function offer(form, commands) {
  const list = listOf(form);
  list.replaceChildren(
    ...commands.map((command, i) => {
      const option = document.createElement("div");
      option.role = "option";
      option.id = `${list.id}-${i}`;
      option.textContent = `/claw ${command}`;
      option.setAttribute("aria-selected", "false");
      return option;
    }),
  );
  list.hidden = commands.length === 0;
  form.elements.text.setAttribute("aria-expanded", String(!list.hidden));
  form.elements.text.removeAttribute("aria-activedescendant");
}

function take(form, option) {
  const box = form.elements.text;
  box.value = option.textContent;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
  complete(form);
}

// What is to be completed, or null: `/`, `/cl` and `/claw ` all ask for the first words of a command.
function toComplete(text) {
  if ("/claw".startsWith(text.toLowerCase()) && text !== "") return "";
  return /^\/claw\s+(.*)$/i.exec(text)?.[1] ?? null;
}

async function complete(form) {
  const text = form.elements.text.value;
  const asked = toComplete(text);
  if (asked === null) return offer(form, []);
  const response = await fetch(`/api/complete?text=${encodeURIComponent(asked)}`).catch(() => null);
  const commands = response?.ok ? await response.json() : [];
  if (form.elements.text.value !== text) return;
  const others = commands
    .map((command) => command.replace(/^\/claw\s+/, ""))
    .filter((command) => command !== asked.trim());
  offer(form, others);
}

function onComposerKey(event, form) {
  const options = listOf(form).hidden ? [] : optionsOf(form);
  const index = selected(form);
  if (event.isComposing) return;
  if (options.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    select(form, index === -1 && step === -1 ? options.length - 1 : (index + step + options.length) % options.length);
  } else if (options.length > 0 && event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    offer(form, []);
  } else if (options.length > 0 && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    take(form, options[Math.max(index, 0)]);
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (index >= 0) take(form, options[index]);
    else {
      offer(form, []);
      send(form);
    }
  }
}

const composerOf = (event) => event.target.closest?.(".composer") ?? null;

document.addEventListener("input", (event) => {
  const form = composerOf(event);
  if (!form) return;
  sessionStorage.setItem(draftKey(form), form.elements.text.value);
  complete(form);
});
document.addEventListener("keydown", (event) => {
  const form = composerOf(event);
  if (form) onComposerKey(event, form);
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  document.querySelector("#thread:not([hidden]) [data-closes-thread]")?.click();
});
document.addEventListener("submit", (event) => {
  const form = composerOf(event);
  if (!form) return;
  event.preventDefault();
  send(form);
});
document.addEventListener("focusout", (event) => {
  const form = composerOf(event);
  if (form && !form.contains(event.relatedTarget)) offer(form, []);
});
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".completions [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option.closest(".composer"), option);
});
