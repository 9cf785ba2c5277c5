// The header of every page: who waits, and the agent's presence, which changes as soon as it is chosen.

import { ring } from "./live.js";

// What an agent holds stays theirs for as long as a page of the desk is open.
const beat = new Worker(document.body.dataset.beat);
beat.postMessage(document.body.dataset.csrf);

const form = document.querySelector("#presence");
const select = form.querySelector("select");
const said = document.querySelector("#said");
let kept = select.value;

const waiting = document.querySelector("#waiting");
const hasQueue = document.querySelector("#lists"); // which tells of what is new by itself, and sooner
let known = null; // who waited, and whom the agent held, at the last beat

beat.addEventListener("message", ({ data }) => {
  if (data.stale) document.dispatchEvent(new Event("desk:stale"));
  if (!data.waiting) return;
  waiting.textContent = data.waiting.length;
  waiting.hidden = !data.waiting.length;
  const now = new Set([...data.waiting, ...data.mine]);
  const came = known ? [...now].filter((id) => !known.has(id)) : [];
  known = now;
  if (hasQueue || !came.length) return;
  said.textContent = data.waiting.includes(came[0]) ? waiting.dataset.new : waiting.dataset.given;
  if (localStorage.getItem("desk-sound") !== "off") ring();
});

form.classList.add("live");
form.dataset.presence = kept;

select.addEventListener("change", async () => {
  const wanted = select.value;
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "x-csrf": document.body.dataset.csrf },
    body: new URLSearchParams({ presence: wanted }),
  }).catch(() => null);
  if (answer?.ok) {
    kept = wanted;
    said.textContent = select.selectedOptions[0].text;
  } else {
    select.value = kept;
    said.textContent = form.dataset.problem;
  }
  said.classList.toggle("hidden", Boolean(answer?.ok));
  form.dataset.presence = kept;
});

const menu = document.querySelector("details.menu");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});
