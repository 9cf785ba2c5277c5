// Shows the launcher on the host page, and loads the chat into an iframe of our own origin at the first click.
// It needs nothing of the host but this one script: styles live in a shadow root, so a strict CSP does not mind.
(() => {
  const words = "__WORDS__"; // put here by the server, from words.yml
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const language = (script.dataset.language || document.documentElement.lang).startsWith("en") ? "en" : "lv";
  const say = (name) => words[name][language];
  const MAX_TOKENS = 20; // that are kept for a log-out: they are valid for minutes
  const PHONE = "(max-width: 479px), (max-height: 479px)";
  let frame;
  let isLoaded = false;
  let unread = 0;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; }
    button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483646; padding: 14px 20px; border: 2px solid #fff;
      border-radius: 28px; background: #1a1a1a; color: #fff; font: 600 16px/1.2 system-ui, sans-serif; cursor: pointer;
      box-shadow: 0 2px 12px #0006; }
    button:hover { background: #b00020; }
    button:focus-visible { outline: 3px solid #b00020; outline-offset: 3px; }
    span { margin-left: 8px; padding: 2px 8px; border-radius: 12px; background: #fff; color: #b00020; }
    iframe, div { position: fixed; right: 20px; bottom: 88px; z-index: 2147483647; box-sizing: border-box; width: 402px;
      height: min(642px, calc(100vh - 106px)); border: 1px solid #767676; border-radius: 12px; box-shadow: 0 4px 24px #0006; }
    div { --soft: #f4f4f4; --paper: #fff; background: linear-gradient(#1a1a1a 64px, #0000 0),
      linear-gradient(var(--paper) 0 0) 48px 96px / 70% 120px no-repeat var(--soft); overflow: hidden; }
    div button { position: absolute; top: 0; right: 0; bottom: auto; padding: 8px 14px; border: 0; background: none;
      box-shadow: none; font-size: 20px; }
    iframe { color-scheme: light dark; }
    [aria-busy] { pointer-events: none; }
    [hidden] { display: none; }
    @media (prefers-color-scheme: dark) { div { --soft: #121214; --paper: #2a2a2c; } }
    @media ${PHONE} {
      iframe, div { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; }
    }`);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  const badge = document.createElement("span");
  // What stands there until the chat does: its place, and the way out.
  const place = document.createElement("div");
  const out = document.createElement("button");
  out.textContent = "✕";
  out.ariaLabel = say("close");
  place.hidden = true;
  place.append(out);
  root.append(button, place);

  const isOpen = () => Boolean(frame) && !frame.hidden;
  const post = (message) => isLoaded && frame.contentWindow.postMessage(message, origin);
  const tellFrame = () => post({ type: "cps:shown", shown: isOpen() });
  // Whom the host page's server vouches for: a token, "" for nobody (any more), undefined where it does not say.
  let token = script.dataset.token;
  let leaves = recall("cps-log-out"); // tokens of a customer who has logged out, as JSON, until the chat knows

  function vouch() {
    // The conversation ends now, whether or not it is open here, and so do the tokens that the chat has not seen yet.
    if (leaves && (recall("cps-open") !== null || leaves !== "[]")) load();
    if (leaves) post({ type: "cps:log-out", spent: listed(leaves) });
    if (token !== undefined) post({ type: "cps:token", token });
    if (token) remember("cps-vouched", JSON.stringify(vouched().slice(-MAX_TOKENS)));
  }

  /** Returns the tokens that this tab has had since the last log-out. */
  const vouched = () => [...new Set([...listed(recall("cps-vouched")), ...(token ? [token] : [])])];

  /** Returns a list that was remembered; an earlier release remembered something else. */
  function listed(json) {
    try {
      return JSON.parse(json).map(String);
    } catch {
      return [];
    }
  }

  function logOut() {
    leaves = JSON.stringify(vouched());
    token = "";
    remember("cps-log-out", leaves); // the host page may be left at once
    remember("cps-vouched", "");
    vouch();
  }

  function paint() {
    badge.textContent = `${say("unread")} ${unread}`;
    button.replaceChildren(say(isOpen() ? "close" : "open"), ...(unread ? [badge] : []));
    button.setAttribute("aria-expanded", isOpen());
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = say("frame");
    frame.hidden = true;
    frame.ariaBusy = "true";
    // The chat then shows no conversation before it has heard whose it may be.
    const speaks = leaves || token !== undefined ? "#host-speaks" : "";
    frame.src = `${origin}/chat?language=${language}${speaks}`;
    root.append(frame);
  }

  /** The chat listens now. */
  function begin() {
    isLoaded = true;
    if (root.activeElement === out) frame.focus();
    frame.ariaBusy = null;
    place.hidden = true;
    tellFrame();
    vouch();
  }

  function show(open) {
    load();
    frame.hidden = !open;
    place.hidden = isLoaded || !open;
    tellFrame();
    if (open) unread = 0;
    paint();
    remember("cps-open", open ? "1" : "");
  }

  // So that a reload of the host page, or its next page, finds the chat as it was. Storage may be forbidden there.
  function remember(name, value) {
    try {
      sessionStorage.setItem(name, value);
    } catch {}
  }

  function recall(name) {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  }

  function close() {
    show(false);
    button.focus();
  }

  button.addEventListener("click", () => {
    if (isOpen()) return close();
    show(true);
    (isLoaded ? frame : out).focus();
  });
  out.addEventListener("click", close);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) close();
  });
  addEventListener("message", ({ origin: sender, source, data }) => {
    if (!frame || sender !== origin || source !== frame.contentWindow) return;
    if (data?.type === "cps:ready") begin();
    if (data?.type === "cps:close") close();
    if (data?.type === "cps:logged-out") {
      leaves = "";
      remember("cps-log-out", "");
    }
    if (data?.type === "cps:unread" && !isOpen()) {
      unread = Number(data.count) || 0;
      paint();
    }
  });

  // For a host page whose customers log in and out without a new page.
  window.cpsAssistant = {
    login(newToken) {
      token = String(newToken);
      if (token) vouch();
      else logOut();
    },
    logout: logOut,
  };

  paint();
  document.body.append(host);
  // On a phone the chat would cover the page that the customer just went to.
  if (recall("cps-open") === "1" && !matchMedia(PHONE).matches) show(true);
  // The page before this one vouched for a customer, and this one for nobody.
  if (token === "" && recall("cps-vouched")) logOut();
  else vouch();
})();
