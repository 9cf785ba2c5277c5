// The header of every page: the agent's presence changes as soon as it is chosen, without leaving the page.

// What an agent holds stays theirs for as long as a page of the desk is open.
new Worker(document.body.dataset.beat).postMessage(document.body.dataset.csrf);

const form = document.querySelector("#presence");
const select = form.querySelector("select");
const said = document.querySelector("#said");
let kept = select.value;

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
