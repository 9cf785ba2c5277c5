// What the loader puts on the host page: a round button, the frame's place until the chat stands there, and the styles.
// All of it lives in a shadow root, so that a strict CSP does not mind, and no style of the page reaches it.

export const PHONE = "(max-width: 479px), (max-height: 479px)";

const STYLES = `
  :host { all: initial; }
  button { position: fixed; inset: auto var(--x) var(--y) auto; z-index: 2147483646; display: flex; align-items: center;
    gap: 10px; box-sizing: border-box; min-width: 56px; height: 56px; padding: 0 14px; border: 2px solid #fff;
    border-radius: 28px; background: var(--color); color: #fff; font: 600 16px/1.2 system-ui, sans-serif;
    cursor: pointer; box-shadow: 0 2px 12px #0006; }
  button:hover { filter: brightness(1.25); }
  button:focus-visible { outline: 3px solid #0b5cad; outline-offset: 3px; }
  svg { flex: none; width: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
    stroke-linejoin: round; }
  [aria-expanded="true"] .word, [aria-expanded="true"] path + path, [aria-expanded="false"] path:first-child {
    display: none; }
  .count { position: absolute; top: -8px; right: -8px; min-width: 24px; padding: 0 6px; box-sizing: border-box;
    border: 2px solid #fff; border-radius: 12px; background: #b00020; font-size: 13px; line-height: 20px; }
  iframe, div { position: fixed; inset: auto var(--x) calc(var(--y) + 68px) auto; z-index: 2147483647;
    box-sizing: border-box; width: 402px; max-width: calc(100vw - 20px);
    height: min(642px, calc(100vh - var(--y) - 86px)); border: 1px solid #767676; border-radius: 12px;
    box-shadow: 0 4px 24px #0006; }
  .left button, .left iframe, .left > div { right: auto; left: var(--x); }
  div { --soft: #f4f4f4; --paper: #fff; background: linear-gradient(#1a1a1a 64px, #0000 0),
    linear-gradient(var(--paper) 0 0) 48px 96px / 70% 120px no-repeat var(--soft); overflow: hidden; }
  div button { position: absolute; inset: 0 0 auto auto !important; min-width: 0; height: 40px; padding: 0 14px;
    border: 0; background: none; box-shadow: none; font-size: 20px; }
  iframe { background: none; color-scheme: light dark; }
  iframe.badge { width: 0; height: 0; border: 0; visibility: hidden; }
  [aria-busy] { pointer-events: none; }
  [hidden] { display: none !important; }
  [data-theme="dark"] div { --soft: #121214; --paper: #2a2a2c; }
  @media (prefers-color-scheme: dark) { :not([data-theme="light"]) > div { --soft: #121214; --paper: #2a2a2c; } }
  @media ${PHONE} {
    iframe:not(.badge), section > div { inset: 0 !important; width: 100%; max-width: none; height: 100%; border: 0;
      border-radius: 0; }
  }`;

const CROSS = "m6 6 12 12M18 6 6 18";
const BUBBLE = "M4 5h16v11H10l-5 4v-4H4z";

/** Makes an element of the page. */
export const make = (name, more) => Object.assign(document.createElement(name), more);

function icon(...paths) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** Makes the launcher. side, offset, color, label and theme are as in the script's attributes. */
export function makeLauncher({ side, offset = "", color, label = "", theme = "" }, say) {
  // An element that no page's styles name; what they say of all elements is undone here.
  const host = document.createElement("cps-assistant");
  host.style.setProperty("all", "initial", "important");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];

  const section = make("section", { className: side === "left" ? "left" : "" });
  section.dataset.theme = theme;
  const [x, y] = `${offset} 20 20`.match(/\d+/g);
  section.style.setProperty("--x", `${x}px`);
  section.style.setProperty("--y", `${/\d+\s+\d+/.test(offset) ? y : x}px`);
  section.style.setProperty("--color", CSS.supports("color", color) ? color : "#1a1a1a");
  const button = make("button", { type: "button" });
  const count = make("span", { className: "count" });
  button.append(icon(CROSS, BUBBLE), ...(label ? [make("span", { className: "word", textContent: label })] : []), count);
  // What stands there until the chat does: its place, and the way out.
  const place = make("div", { hidden: true });
  const out = make("button", { type: "button", textContent: "✕", ariaLabel: say("close") });
  place.append(out);
  section.append(button, place);
  root.append(section);

  return {
    host,
    root,
    section,
    button,
    place,
    out,
    paint(isOpen, unread) {
      const name = isOpen ? say("close") : label || say("open");
      button.ariaLabel = unread ? `${name}, ${say("unread")} ${unread}` : name;
      button.title = label ? "" : name;
      button.setAttribute("aria-expanded", isOpen);
      count.hidden = !unread;
      count.textContent = unread || "";
    },
  };
}
