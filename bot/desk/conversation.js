// A conversation, live: new messages, who types, what was read; and the agent's reply, which nothing loses.

import { badge, listen, post, ring } from "./live.js";

const page = document.querySelector("#conversation");
const scroll = document.querySelector("#scroll");
const transcript = document.querySelector("#transcript");
const line = document.querySelector("#line");
const typing = document.querySelector("#typing");
const reply = document.querySelector("#reply");
const box = document.querySelector("#text");
const problem = document.querySelector("#problem");

// What is not sent yet is kept for as long as the customer's wish for a person lasts, and not until the next one.
const DRAFT = `desk-draft-${page.dataset.id}-${page.dataset.asked}`, NOTE = `desk-note-${page.dataset.id}`;
const TYPING_PAUSE = 3_000; // milliseconds between two signs of typing
const address = `/desk/conversations/${page.dataset.id}`;
let last = Number(page.dataset.last);
let delivered = Number(page.dataset.delivered);
let seen = Number(page.dataset.seen);
let unread = 0;
let leaves = false; // the agent has pressed what gives the conversation into other hands, and goes where that leads

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest(".hands")) return;
  event.preventDefault();
  leaves = true;
  const answer = await post(form.action, Object.fromEntries(new FormData(form)));
  if (answer?.ok) {
    sessionStorage.removeItem(DRAFT);
    location.assign(answer.headers.get("location"));
  } else if (answer) {
    form.submit(); // the page that comes says why not
  } else {
    leaves = false;
    line.textContent = page.dataset.notDone;
  }
});

// ---- Listening

function atEnd() {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
}

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
}

function add(html) {
  const stays = !atEnd(), before = unread;
  const made = document.createElement("template");
  made.innerHTML = html;
  for (const message of [...made.content.querySelectorAll(".message")]) {
    const id = Number(message.dataset.id);
    if (id <= last) continue;
    last = id;
    transcript.append(message);
    if (message.classList.contains("customer") && document.hidden) unread += 1;
  }
  if (!stays) toEnd();
  if (unread > before) {
    badge(unread);
    if (localStorage.getItem("desk-sound") !== "off") ring();
  }
  paintDelivery();
}

function paintDelivery() {
  for (const mark of transcript.querySelectorAll(".delivery")) {
    const id = Number(mark.closest(".message").dataset.id);
    mark.textContent = mark.dataset[id <= seen ? "seen" : id <= delivered ? "delivered" : "sent"];
  }
}

listen(
  () => `${address}/events?after=${last}`,
  {
    messages: (data) => add(JSON.parse(data).html),
    state: (data) => {
      const state = JSON.parse(data);
      // In other hands the page offers other things; what is written stays in the draft.
      if (state.holder !== page.dataset.holder) return leaves || location.reload();
      typing.textContent = state.typing ? typing.dataset.words : "";
      ({ delivered, seen } = state);
      paintDelivery();
    },
  },
  (how) => (line.textContent = how ? page.dataset[how] : ""),
);

// Signed in anew in another tab: what this page sends is refused.
document.addEventListener("desk:stale", () => location.reload());

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  badge(0);
});

toEnd();
paintDelivery();

// ---- Replying

if (reply) {
  let lastSign = 0;
  let failed = null; // the text of which it is not known whether it arrived
  box.value = sessionStorage.getItem(DRAFT) ?? "";
  box.focus();

  box.addEventListener("input", () => {
    sessionStorage.setItem(DRAFT, box.value);
    if (box.value && Date.now() - lastSign > TYPING_PAUSE) {
      lastSign = Date.now();
      post(`${address}/typing`);
    }
  });

  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      reply.requestSubmit();
    }
  });

  reply.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || reply.getAttribute("aria-busy")) return;
    reply.setAttribute("aria-busy", "true");
    problem.textContent = "";
    if (text !== failed) reply.elements.client_id.value = newId(); // the same text again is a repeat, and said once
    const answer = await post(reply.action, { text, client_id: reply.elements.client_id.value });
    reply.removeAttribute("aria-busy");
    if (answer?.ok) {
      // What was typed meanwhile stays.
      const rest = box.value.trimStart();
      box.value = rest.startsWith(text) ? rest.slice(text.length).trimStart() : rest;
      if (box.value) sessionStorage.setItem(DRAFT, box.value);
      else sessionStorage.removeItem(DRAFT);
      failed = null;
      lastSign = 0;
    } else if ([401, 403, 409].includes(answer?.status)) {
      location.reload();
    } else {
      failed = text;
      problem.textContent = answer?.status === 413 ? page.dataset.tooLong : page.dataset.notSent;
    }
    box.focus();
  });

  // Ready replies, and answers of the script beside the conversation.
  document.addEventListener("desk:insert", ({ detail }) => {
    box.value = box.value ? `${box.value.trimEnd()}\n${detail.text}` : detail.text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  });
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- Notes

const note = document.querySelector("#note");
const noteProblem = document.querySelector("#note-problem");
note.value = sessionStorage.getItem(NOTE) ?? "";
note.addEventListener("input", () => sessionStorage.setItem(NOTE, note.value));

note.form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = note.value.trim();
  if (!text || note.form.getAttribute("aria-busy")) return;
  note.form.setAttribute("aria-busy", "true");
  const answer = await post(note.form.action, { text });
  note.form.removeAttribute("aria-busy");
  noteProblem.textContent = answer?.ok ? "" : page.dataset.notSent;
  if (!answer?.ok) return;
  note.value = "";
  sessionStorage.removeItem(NOTE);
});

// ---- Ready replies

const find = document.querySelector("#find");

if (find) {
  const languages = document.querySelector("#reply-language");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function paint() {
    const wanted = fold(find.value).split(/\s+/);
    const language = languages.querySelector("[aria-pressed=true]").lang;
    let shown = 0;
    for (const item of document.querySelectorAll("#replies li")) {
      const text = fold(item.textContent);
      item.hidden = item.lang !== language || !wanted.every((word) => text.includes(word));
      shown += !item.hidden;
    }
    document.querySelector("#no-replies").hidden = shown > 0;
  }

  find.addEventListener("input", paint);
  languages.addEventListener("click", ({ target }) => {
    if (!target.lang) return;
    for (const button of languages.children) button.setAttribute("aria-pressed", String(button === target));
    paint();
  });
}

