// The header's menu: a button that shows further ones.

const byId = (id) => document.getElementById(id);

/** Wires the menu; returns what closes it, and tells whether it was open. */
export function headerMenu() {
  const opener = byId("menu-open");
  const menu = byId("menu");

  function show(isShown) {
    menu.hidden = !isShown;
    opener.ariaExpanded = String(isShown);
  }

  function close() {
    if (menu.hidden) return false;
    show(false);
    opener.focus();
    return true;
  }

  opener.addEventListener("click", () => show(menu.hidden));
  for (const event of ["pointerdown", "focusin"]) {
    addEventListener(event, ({ target }) => menu.parentElement.contains(target) || show(false));
  }
  // Before the button does its work: a dialog gives the focus back to where it was.
  menu.addEventListener("click", ({ target }) => target.closest("button") && close(), { capture: true });
  return close;
}
