// Messages on the page: put in, changed in place, followed to the end.

import { showTimes } from "./times.js";

const MOST_SHOWN = 400;

export const log = (name) => document.querySelector(`[data-log="${name}"]`);
export const messageIn = (where, id) => where?.querySelector(`[data-message-id="${CSS.escape(id)}"]`) ?? null;

function elementOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  showTimes(template.content);
  return template.content.firstElementChild;
}

export const atEnd = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
export const toEnd = (scroll) => {
  scroll.scrollTop = scroll.scrollHeight;
};

// Puts the new element in the place of the old one without taking the focus from who was about to press something.
function replace(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const { action, value } = focused.dataset;
  const same = [...fresh.querySelectorAll("button")].find(
    (b) => b.dataset.action === action && b.dataset.value === value,
  );
  (same ?? fresh).focus({ preventScroll: true });
}

function show(where, html) {
  if (!where) return;
  const scroll = where.closest(".scroll");
  const follow = atEnd(scroll);
  const fresh = elementOf(html);
  const old = messageIn(where, fresh.dataset.messageId);
  if (old) replace(old, fresh);
  else {
    const seq = Number(fresh.dataset.seq);
    const next = [...where.children].findLast((child) => Number(child.dataset.seq) < seq);
    if (next) next.after(fresh);
    else where.prepend(fresh);
  }
  if (follow) {
    while (where.childElementCount > MOST_SHOWN) where.firstElementChild.remove();
    toEnd(scroll);
  }
}

const repliesText = (n) => (n === 0 ? "Reply" : n === 1 ? "1 reply" : `${n} replies`);

export function apply(change) {
  const open = document.getElementById("thread")?.dataset.thread;
  if (change.root === null) {
    show(log("channel"), change.html);
    if (open === change.id) show(log("root"), change.htmlInThread);
    return;
  }
  if (open === change.root) show(log("thread"), change.html);
  const link = messageIn(log("channel"), change.root)?.querySelector(".thread-link");
  if (link) link.textContent = repliesText(change.replies);
}
