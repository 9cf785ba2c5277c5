// How it stands right now, as the server draws it.

import { listen } from "./live.js";

const live = document.querySelector("#live");
const line = document.querySelector("#line");

function draw({ html }) {
  const focused = live.contains(document.activeElement) && document.activeElement.href;
  live.innerHTML = html;
  if (focused) ([...live.querySelectorAll("a")].find(({ href }) => href === focused) ?? document.querySelector("#now")).focus();
}

listen(
  () => "/desk/measures/events",
  { live: (data) => draw(JSON.parse(data)) },
  (how) => (line.textContent = how ? line.dataset[how] : ""),
);
