// While a trial is under way, or the model changes: show how far it is, and the whole page anew once it has ended.

const PAUSE = 3000; // milliseconds
const at = (page, id) => page.querySelector(`#${id}[data-open]`);

async function look() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return wait();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["trial", "choice"]) {
    if (!at(document, id) !== !at(page, id)) return location.reload();
  }
  for (const id of ["trial", "asked"]) {
    const [now, then] = [document.querySelector(`#${id}`), page.querySelector(`#${id}`)];
    if (!now !== !then) return location.reload();
    if (now && now.textContent !== then.textContent) now.textContent = then.textContent;
  }
  const bar = document.querySelector("#progress");
  if (bar) bar.value = page.querySelector("#progress").value;
  wait();
}

function wait() {
  if (at(document, "trial") || at(document, "choice")) setTimeout(look, PAUSE);
}

wait();
