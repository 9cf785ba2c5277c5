// The header of every page: who waits, and the agent's presence, which changes as soon as it is chosen.

import { ring } from "./live.js";
import { notify } from "./notify.js";

// What an agent holds stays theirs for as long as a page of the desk is open.
const beat = new Worker(document.body.dataset.beat);
beat.postMessage(document.body.dataset.csrf);

const form = document.querySelector("#presence");
const select = form.querySelector("select");
const said = document.querySelector("#said");
let kept = [...select.options].find((one) => one.defaultSelected).value; // as the server wrote it into the page

const waiting = document.querySelector("#waiting");
const hasQueue = document.querySelector("#lists"); // which tells of what is new by itself, and sooner
const here = document.querySelector("#conversation")?.dataset.id; // which does, too
const SHOWN = 10_000; // milliseconds that a piece of news stands in the header
let hides; // the timer that takes it away
let known = null; // who waited, whom the agent held, and who had written to them, at the last beat

beat.addEventListener("message", ({ data }) => {
  if (data.stale) document.dispatchEvent(new Event("desk:stale"));
  if (!data.waiting) return;
  waiting.textContent = data.waiting.length;
  waiting.hidden = !data.waiting.length;
  const news = ([kind, ids]) => ids.filter((id) => id !== here).map((id) => `${kind} ${id}`);
  const now = new Set(Object.entries({ new: data.waiting, given: data.mine, written: data.unread }).flatMap(news));
  const came = known ? [...now].filter((one) => !known.has(one)) : [];
  known = now;
  if (hasQueue || !came.length) return;
  const [kind, id] = came[0].split(" ");
  said.textContent = waiting.dataset[kind];
  notify(said.textContent, came[0], kind === "new" ? "/desk" : `/desk/conversations/${id}`);
  said.className = "news";
  clearTimeout(hides);
  hides = setTimeout(() => said.classList.add("hidden"), SHOWN);
  if (localStorage.getItem("desk-sound") !== "off") ring();
});

form.classList.add("live");
form.dataset.presence = kept;

async function savePresence() {
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
  clearTimeout(hides);
  said.className = answer?.ok ? "hidden" : "";
  form.dataset.presence = kept;
}

select.addEventListener("change", savePresence);
if (select.value !== kept) savePresence(); // chosen before this script ran

const menu = document.querySelector("details.menu");

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const open of document.querySelectorAll("details.menu[open], details.drop[open]")) {
    const inside = open.contains(document.activeElement);
    open.open = false;
    if (inside) open.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});
