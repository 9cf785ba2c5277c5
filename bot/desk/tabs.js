// The parts of the screen of a conversation: the tabs, the lists of the rail, and in a narrow window one part at a time.
// What was chosen stays so on the page of the next conversation.

const kept = (name) => sessionStorage.getItem(`desk-${name}`);
const keep = (name, value) => sessionStorage.setItem(`desk-${name}`, value);

/** Marks the pressed button among those that choose one of several. */
function press(buttons, chosen) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
}

/** Takes over the tabs. */
function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];

  function choose(tab) {
    for (const one of all) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).classList.toggle("shown", one === tab);
    }
  }

  function chooseForGood(tab) {
    choose(tab);
    keep("tab", tab.id);
  }

  for (const [number, tab] of all.entries()) {
    tab.addEventListener("click", () => chooseForGood(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: number + 1, ArrowLeft: number - 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = all.at(to % all.length);
      chooseForGood(next);
      next.focus();
    });
  }
  choose(document.getElementById(kept("tab")) ?? all[0]);
}

/** Takes over the buttons that choose a part in a narrow window; returns how to choose one. */
function panes(page) {
  const buttons = [...document.querySelectorAll("[data-pane]")];
  const show = (pane) => {
    page.dataset.shown = pane;
    press(buttons, buttons.find((button) => button.dataset.pane === pane));
  };
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.pane));
  return show;
}

/** Takes over the rail; returns how to draw it anew. */
function rail() {
  const lists = document.querySelector("#rail");
  const buttons = [...document.querySelectorAll(".filter [data-show]")];
  const show = (group) => {
    lists.dataset.show = group;
    press(buttons, buttons.find((button) => button.dataset.show === group));
    keep("rail", group);
  };
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.show));
  show(kept("rail") ?? "all");
  lists.scrollTop = Number(kept("rail-at"));
  lists.addEventListener("scroll", () => keep("rail-at", lists.scrollTop));

  return (html) => {
    const focused = lists.contains(document.activeElement) ? document.activeElement : null;
    const where = focused && (focused.href ?? focused.closest("form")?.action);
    const at = lists.scrollTop;
    lists.innerHTML = html;
    lists.scrollTop = at;
    if (!focused) return;
    const same = [...lists.querySelectorAll("a, form")].find((one) => (one.href ?? one.action) === where);
    (same?.querySelector("button") ?? same ?? lists).focus();
  };
}

/** Takes over the parts of the page; returns how to draw the rail, and how to show a part. */
export function parts(page) {
  tabs();
  return { drawRail: rail(), show: panes(page) };
}
