// The queue, live: the lists as the server draws them, a sound and a number for who is new.

import { badge, listen, ring } from "./live.js";
import { notify } from "./notify.js";

const lists = document.querySelector("#lists");
const line = document.querySelector("#line");
const sound = document.querySelector("#sound");
const filters = document.querySelector(".filters");

let known = null; // what there was when it was last drawn: who waited, was mine, or had written to me
let fresh = new Set(); // who came since the agent last looked

sound.checked = localStorage.getItem("desk-sound") !== "off";
sound.addEventListener("change", () => {
  localStorage.setItem("desk-sound", sound.checked ? "on" : "off");
  if (sound.checked) ring();
});

for (const select of filters.querySelectorAll("select")) select.addEventListener("change", () => filters.requestSubmit());
filters.querySelector("button").hidden = true;

/** Draws the lists anew and leaves the focus where it was. */
function draw(html) {
  const focused = document.activeElement;
  const inside = lists.contains(focused);
  const action = inside && (focused.href ?? focused.closest("form")?.action);
  lists.innerHTML = html;
  if (!inside) return;
  const same = [...lists.querySelectorAll("form, a")].find((one) => (one.action ?? one.href) === action);
  (same?.querySelector?.("button") ?? same ?? document.querySelector("#main")).focus();
}

listen(
  () => `/desk/events${location.search}`,
  {
    lists: (data) => {
      const { html, waiting, mine, unread } = JSON.parse(data);
      draw(html);
      // A colleague may have transferred one to me.
      const now = new Map([
        ...waiting.map((id) => [`new ${id}`, id]),
        ...mine.map((id) => [`given ${id}`, id]),
        ...unread.map((id) => [`written ${id}`, id]),
      ]);
      const came = known ? [...now.keys()].filter((one) => !known.has(one)) : [];
      known = now;
      fresh = new Set([...fresh, ...came].filter((one) => now.has(one)));
      badge(new Set([...[...fresh].map((one) => now.get(one)), ...unread]).size);
      if (!came.length) return;
      const [kind, id] = came[0].split(" ");
      line.textContent = line.dataset[kind];
      notify(line.textContent, came[0], kind === "new" ? "/desk" : `/desk/conversations/${id}`);
      if (sound.checked) ring();
    },
  },
  (how) => (line.textContent = how ? line.dataset[how] : ""),
);

// Signed in anew in another tab: what this page sends is refused.
document.addEventListener("desk:stale", () => location.reload());

function looked() {
  if (!document.hidden) {
    fresh.clear();
    badge(0);
  }
}
addEventListener("focus", looked);
document.addEventListener("visibilitychange", looked);
