// The guided script: copies texts, chooses answers by number keys, and walks on in its place beside a conversation.
//
// A page that has the script beside something else puts it into an element with data-script-panel, and listens on the
// document for "desk:insert", whose detail.text the agent wants in the reply.

const KEYS = "desk-number-keys"; // "off" in the browser's storage: the agent wants none
const panel = document.querySelector("[data-script-panel]");
const said = document.querySelector("#said");
const words = () => document.querySelector(".script-body").dataset;
const all = (what) => document.querySelectorAll(`.script-body ${what}`);
const keysAreOn = () => localStorage.getItem(KEYS) !== "off";

function wake() {
  for (const tools of [...all(".tools"), ...all(".keys")]) tools.hidden = false;
  for (const key of all("kbd")) key.hidden = !keysAreOn();
  for (const box of all(".keys input")) box.checked = keysAreOn();
}

function tell(text, isProblem = false) {
  said.textContent = text;
  said.classList.toggle("hidden", !isProblem);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    tell(words().copied);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  } catch {
    tell(words().notCopied, true);
  }
}

async function load(address) {
  const answer = await fetch(address.replace("/desk/script?", "/desk/script/panel?")).catch(() => null);
  if (answer?.status === 401) return location.reload(); // signed out meanwhile
  if (!answer?.ok) return tell(words().notLoaded, true);
  panel.innerHTML = await answer.text();
  wake();
  (panel.querySelector("#script-found") ?? panel.querySelector("#script-place")).focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-insert]");
  if (button?.dataset.copy) copy(button);
  if (button?.dataset.insert) {
    document.dispatchEvent(new CustomEvent("desk:insert", { detail: { text: button.dataset.insert } }));
  }
  const link = event.target.closest(".script-body a[href^='/desk/script?']");
  if (link && panel?.contains(link) && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    load(link.href);
  }
});

document.addEventListener("submit", (event) => {
  if (!panel?.contains(event.target)) return;
  event.preventDefault();
  load(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});

document.addEventListener("change", (event) => {
  if (!event.target.closest(".script-body .keys")) return;
  localStorage.setItem(KEYS, event.target.checked ? "on" : "off");
  wake();
});

document.addEventListener("keydown", (event) => {
  const types = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (types || event.ctrlKey || event.altKey || event.metaKey || !keysAreOn()) return;
  if (event.key === "/" && !panel) {
    event.preventDefault();
    document.querySelector(".script-body [name=q]").focus();
  } else if (/^\d$/.test(event.key)) {
    const way = document.querySelector(`.script-body [data-key="${event.key}"]`);
    if (way?.checkVisibility()) way.click();
  }
});

wake();
