// The transcript of a conversation: its messages, how far each reply has come, and what is unread while the tab is hidden.

import { badge, post, ring } from "./live.js";
import { notify } from "./notify.js";

const NEAR = 80; // pixels from the end within which the agent follows the conversation

/** Takes over the transcript of the page; `last` is the id of its last message. */
export function liveTranscript(page, address) {
  const scroll = document.querySelector("#scroll");
  const list = document.querySelector("#transcript");
  const notes = document.querySelector("#notes");
  const newer = document.querySelector("#newer"); // leads to what has come below the part that is shown
  let last = Number(page.dataset.last);
  let delivered = Number(page.dataset.delivered);
  let seen = Number(page.dataset.seen);
  let unread = 0;

  function isAtEnd() {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
  }

  function toEnd() {
    scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
  }

  newer.addEventListener("click", () => {
    toEnd();
    scroll.focus();
  });
  scroll.addEventListener("scroll", () => {
    if (isAtEnd()) newer.hidden = true;
  });

  function paintDelivery() {
    for (const mark of list.querySelectorAll(".delivery")) {
      const id = Number(mark.closest(".message").dataset.id);
      mark.textContent = mark.dataset[id <= seen ? "seen" : id <= delivered ? "delivered" : "sent"];
    }
  }

  /** Tells the customer how far what they wrote has come: to this page, or before the agent's eyes. */
  function tellRead() {
    if ("mine" in page.dataset && last) post(`${address}/read`, { last, is_read: !document.hidden });
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    badge(0);
    tellRead();
  });

  toEnd();
  paintDelivery();
  tellRead();
  for (const note of list.querySelectorAll(".note")) notes.append(note.cloneNode(true));

  return {
    get last() {
      return last;
    },

    add(html) {
      const follows = isAtEnd(), before = unread;
      const made = document.createElement("template");
      made.innerHTML = html;
      const known = last;
      for (const message of [...made.content.querySelectorAll(".message")]) {
        const id = Number(message.dataset.id);
        if (id <= last) continue;
        last = id;
        list.append(message);
        if (message.classList.contains("note")) notes.append(message.cloneNode(true));
        if (message.classList.contains("customer") && document.hidden) unread += 1;
      }
      if (follows) toEnd();
      else newer.hidden = false;
      if (unread > before) {
        badge(unread);
        notify(page.dataset.written, `written ${page.dataset.id}`);
        if (localStorage.getItem("desk-sound") !== "off") ring();
      }
      paintDelivery();
      if (last > known) tellRead();
    },

    /** Shows up to which message the customer's browser has received the replies, and the customer has seen them. */
    showDelivery(state) {
      ({ delivered, seen } = state);
      paintDelivery();
    },
  };
}
