// Shows the launcher on the host page, and loads the chat into an iframe of our own origin at the first click.
// It needs nothing of the host but this one script.

import { logIns } from "./logins.js";
import { make, makeLauncher } from "./launcher.js";
import { coverPage, ownTitle, sound, titleUnread } from "./page.js";
import { keeper } from "./keeper.js";

const words = "__WORDS__"; // put here by the server, from words.yml
const EVENTS = ["open", "close", "message", "unread"];

/** Puts the chat on the page, once. script: the element that loaded us. */
function install(script) {
  const { dataset } = script;
  const base = new URL(".", script.src).href;
  const { origin } = new URL(base);
  const language = (dataset.language || document.documentElement.lang).startsWith("en") ? "en" : "lv";
  const say = (name) => words[name][language];
  const kept = keeper();
  const listeners = Object.fromEntries(EVENTS.map((name) => [name, new Set()]));
  let frame;
  let badge; // a small frame that counts unread messages while the chat is not loaded
  let isLoaded = false;
  let unread = 0;
  let wasTold = false; // how many there are
  let page = {};
  const isLinked = location.hash === "#cps-assistant"; // in an e-mail that tells of an answer

  const { host, root, section, button, place, out, paint: paintLauncher } = makeLauncher(dataset, say);
  const isOpen = () => Boolean(frame) && !frame.hidden;
  const post = (message) => isLoaded && frame.contentWindow.postMessage(message, origin);
  const tellFrame = () => post({ type: "cps:shown", shown: isOpen(), kept: kept.lent() });
  const logins = logIns(kept, dataset.token, { post, load });
  const cover = coverPage(isOpen, close);

  function tell(name, detail) {
    for (const listener of listeners[name]) listener(detail);
  }

  function paint() {
    paintLauncher(isOpen(), isOpen() ? 0 : unread);
    titleUnread(isOpen() && !document.hidden ? 0 : unread);
    cover();
  }

  function makeFrame(path, more) {
    return section.appendChild(make("iframe", { src: `${base}${path}`, ...more }));
  }

  function load() {
    if (frame) return;
    badge?.remove();
    badge = undefined;
    // The chat then shows no conversation before it has heard whose it may be.
    const speaks = `#${logins.speaks() ? "host-speaks" : ""}${isLinked ? "-returns" : ""}`;
    const theme = dataset.theme ? `&theme=${encodeURIComponent(dataset.theme)}` : "";
    const path = `chat?language=${language}${theme}${speaks}`;
    frame = makeFrame(path, { title: say("frame"), hidden: true, ariaBusy: "true" });
  }

  /** The chat listens now. */
  function begin() {
    isLoaded = true;
    if (root.activeElement === out) frame.focus();
    frame.ariaBusy = null;
    place.hidden = true;
    tellFrame();
    tellPage();
    logins.vouch();
  }

  /** Tells the chat on which page the customer is; an agent may read it. */
  function tellPage() {
    const url = page.url ?? location.href;
    const title = page.title ?? ownTitle();
    post({ type: "cps:page", url: url.split(/[?#]/)[0].slice(0, 2000), title: title.slice(0, 1000) });
  }

  function show(open) {
    if (open === isOpen()) return;
    load();
    frame.hidden = !open;
    place.hidden = isLoaded || !open;
    tellFrame();
    if (open) {
      unread = 0;
      tellPage();
    }
    paint();
    kept.remember("cps-open", open ? "1" : "");
    tell(open ? "open" : "close");
  }

  function open() {
    show(true);
    (isLoaded ? frame : out).focus();
  }

  function close() {
    const hadFocus = root.activeElement;
    show(false);
    if (hadFocus) button.focus();
  }

  const toggle = () => (isOpen() ? close() : open());

  function noteUnread({ count, talks }) {
    const isNews = wasTold && count > unread; // not what the page before this one has told already
    wasTold = true;
    kept.keepTalk(talks);
    if (!talks) {
      badge?.remove();
      badge = undefined;
    }
    titleUnread(isOpen() && !document.hidden ? 0 : unread); // the page may have set another title
    if (count === unread) return;
    unread = Number(count) || 0;
    if (isNews && "sound" in dataset) sound();
    paint();
    tell("unread", unread);
  }

  button.addEventListener("click", toggle);
  out.addEventListener("click", close);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) close();
  });
  document.addEventListener("visibilitychange", () => titleUnread(isOpen() && !document.hidden ? 0 : unread));
  kept.onChange(tellFrame); // in another tab
  addEventListener("message", ({ origin: sender, source, data }) => {
    const from = [frame, badge].find((one) => one?.contentWindow === source);
    if (!from || sender !== origin) return;
    if (data?.type === "cps:unread") noteUnread(data);
    if (from === badge && data?.type === "cps:ready") source.postMessage({ type: "cps:shown", kept: kept.lent() }, origin);
    if (from === badge) return;
    if (data?.type === "cps:ready") begin();
    if (data?.type === "cps:close") close();
    if (data?.type === "cps:logged-out") logins.loggedOut();
    if (data?.type === "cps:kept") kept.lend(data.kept);
    if (data?.type === "cps:message") tell("message", { author: data.author });
  });

  window.cpsAssistant = {
    open,
    close,
    toggle,
    /** Calls a function at an event; returns a function that ends that. */
    on(name, listener) {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    setPage(next = {}) {
      page = next;
      tellPage();
    },
    login: logins.login,
    logout: logins.logout,
  };

  // Beside the body, which some sites replace as a whole; and there again if the page throws it out.
  const { documentElement } = document;
  const stay = () => host.isConnected || documentElement.append(host);
  paint();
  stay();
  new MutationObserver(stay).observe(documentElement, { childList: true });
  const wasOpen = kept.recall("cps-open");
  if (wasOpen === "1" || (isLinked && wasOpen === null)) show(true);
  if (!frame && kept.talks()) badge = makeFrame("badge", { className: "badge", tabIndex: -1, ariaHidden: "true" });
  logins.begin();
  dispatchEvent(new Event("cps-assistant-ready"));
}

// A module has no current script, and a tag manager may have put us anywhere.
const OURS = 'script[src*="/widget.js"]';
const current = document.currentScript;
const script = current && current.matches(OURS) ? current : [...document.querySelectorAll(OURS)].pop();
const isModern = () =>
  "replaceSync" in CSSStyleSheet.prototype && "ariaLabel" in Element.prototype && CSS.supports("selector(:has(a))");
if (script && !window.cpsAssistant && isModern()) install(script);
