// The shell of the chat: starts or resumes the conversation, speaks its language, and shows what stands between them.

import { createAdapter, idleAdapter, newId, typistOf } from "./adapter.js";
import { conversationApi, newConversation, spendTokens } from "./api.js";
import { identityForm } from "./identity.js";
import { renderMarkdown, renderPlain } from "./markdown.js";
import { remembered } from "./memory.js";
import { headerMenu } from "./menu.js";
import { ratingForm } from "./rating.js";
import { ticketForm } from "./ticket.js";

const byId = (id) => document.getElementById(id);
const config = JSON.parse(byId("config").textContent);
const nonce = byId("config").nonce;
const embedded = parent !== window;

const LOCALES = { lv: "lv-LV", en: "en-US" }; // Web Chat's
const TIMES = { lv: "lv-LV", en: "en-GB" }; // Web Chat would write 8:56 pēcpusdienā, as nobody in Latvia does
const SHORT_BREAK = 2_000; // milliseconds; a shorter one is not worth a word
const MAX_PAUSE = 30_000;
const NEWS = 6_000; // milliseconds that a piece of good news stands there

// Only what Web Chat cannot take from our stylesheet.
const STYLE = {
  accent: "#b00020",
  subtle: "#595959",
  primaryFont: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontSizeSmall: "13px",
  backgroundColor: "#f4f4f4",
  bubbleBackground: "#ffffff",
  bubbleBorderColor: "#d9d9d9",
  bubbleBorderRadius: 12,
  bubbleMinHeight: 0,
  bubbleMinWidth: 0,
  bubbleTextColor: "#1a1a1a",
  bubbleFromUserBackground: "#1a1a1a",
  bubbleFromUserBorderColor: "#1a1a1a",
  bubbleFromUserBorderRadius: 12,
  bubbleFromUserTextColor: "#ffffff",
  emojiSet: {}, // ":)" stays what was typed
  hideToaster: true, // the shell tells about the connection
  hideUploadButton: true,
  sendBoxBorderTop: "solid 1px #767676",
  sendBoxButtonColor: "#b00020",
  sendBoxHeight: 48,
  sendBoxMaxHeight: 120,
  sendBoxPlaceholderColor: "#595959",
  sendBoxTextWrap: true,
  sendTimeout: 60_000, // longer than all tries of the adapter together
  spinnerAnimationBackgroundImage: "none",
  suggestedActionBorderRadius: 20,
  suggestedActionBorderWidth: 1,
  suggestedActionLayout: "flow",
  suggestedActionKeyboardFocusIndicatorBorderRadius: 18,
  transcriptActivityVisualKeyboardIndicatorColor: "#b00020",
  transcriptVisualKeyboardIndicatorColor: "#b00020",
  typingAnimationBackgroundImage: "none", // drawn by our stylesheet: no picture, and still for who wants no motion
};

let language = config.language;
let api; // requests of the current conversation
let adapter;
let store;
let key = 0; // a new one makes Web Chat start afresh
let state = null; // as the server last said
let shown = !embedded;
let waitsForFocus = false;
let unread = 0;
let lastOfAgent = 0; // message id
let seenOfAgent = 0;

// ---- Words

function say(name, values = {}) {
  const [group, word] = name.split(".");
  return config.words[group][word][language].replace(/\{(\w+)\}/g, (_, value) => values[value]);
}

function paintWords() {
  document.documentElement.lang = language;
  document.title = say("chat.title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.ariaLabel = say(element.dataset.label);
    if (element.title) element.title = element.ariaLabel;
  }
  byId("privacy").href = `/privacy?language=${language}`;
  for (const button of byId("languages").children) button.ariaPressed = String(button.lang === language);
}

function paintSpeaker() {
  const { owner, speaker, queue } = state;
  const words = { waiting: queue?.minutes ? "person.queue_wait" : "person.queue", agent: "person.agent", closed: "person.closed" };
  byId("speaking").textContent = say(words[owner] ?? "chat.automated", { name: speaker, ...queue });
  const button = byId("person");
  if (owner === "agent" && document.activeElement === button) focusStart();
  button.hidden = owner === "agent";
  button.textContent = say(owner === "waiting" ? "person.stop" : "person.call");
}

function paintIdentity() {
  byId("mail").hidden = !state.may_mail;
  const { state: step, name } = state.identity;
  byId("confirmed").hidden = step !== "confirmed";
  byId("confirmed-name").textContent = name ?? say("identity.confirmed");
}

// ---- What the customer is told

let lineTimer = 0;

/** Tells politely how the connection is; nothing takes the line away. */
function tell(text = "", forMilliseconds = 0) {
  clearTimeout(lineTimer);
  lineTimer = forMilliseconds && setTimeout(() => paintLine((lineTimer = 0)), forMilliseconds);
  byId("line").textContent = text;
}

function paintLine() {
  if (!lineTimer) tell(state?.waiting ? say("chat.waiting") : "");
}

function showProblem(text) {
  byId("problem-text").textContent = text;
  byId("problem").hidden = !text;
}

const sendBox = () => document.querySelector("[data-id=webchat-sendbox-input]");
const focusSendBox = () => sendBox()?.focus();

/** Puts the customer where they can begin: on a touch screen not in the box, whose keyboard would cover half the chat. */
function focusStart() {
  waitsForFocus = !sendBox();
  if (waitsForFocus) return;
  if (matchMedia("(pointer: fine)").matches) focusSendBox();
  else byId("title").focus();
}

// ---- Web Chat

/** Hands back what could not be sent, and says why; tells an agent that the customer types. Runs inside Web Chat's store. */
const watchSending = ({ dispatch, getState }) => {
  let choices = [];
  return (next) => (action) => {
    const { type, payload, meta } = action;
    if (type === "WEB_CHAT/SUBMIT_SEND_BOX") {
      const { length } = getState().sendBoxValue.trim();
      if (length > config.limit) return showProblem(say("chat.too_long", { length, limit: config.limit }));
    }
    if (type === "WEB_CHAT/EMIT_TYPING_INDICATOR") {
      if (["waiting", "agent"].includes(state?.owner)) api.typing().catch(() => {});
      return;
    }
    if (type === "DIRECT_LINE/POST_ACTIVITY_PENDING") {
      showProblem("");
      choices = getState().suggestedActions;
    }
    if (type !== "DIRECT_LINE/POST_ACTIVITY_REJECTED") return next(action);

    const unsent = getState().activities.find(({ channelData }) => channelData.clientActivityID === meta.clientActivityID);
    const result = next(action);
    // Web Chat deletes by id, and what was never sent has none: it gets one first.
    const id = `unsent-${meta.clientActivityID}`;
    dispatch({ type: "DIRECT_LINE/INCOMING_ACTIVITY", payload: { activity: { ...unsent, id } } });
    dispatch({ type: "DIRECT_LINE/DELETE_ACTIVITY", payload: { activityID: id } });
    if (unsent.value?.choice) {
      dispatch({ type: "WEB_CHAT/SET_SUGGESTED_ACTIONS", payload: { suggestedActions: choices } });
    } else if (payload.status !== 401) {
      putBack(unsent.text);
    }
    if (payload.status !== 401) showProblem(payload.detail || say(unsent.value?.choice ? "chat.choice_not_sent" : "chat.not_sent"));
    return result;
  };
};

/** Shows when something was said the way it is written here: 20:56, and 22.11. before it on another day. */
const showTime = () => (next) => (request) => {
  const { activity, hideTimestamp, sendState } = request;
  if (sendState !== "sent" || !activity.timestamp) return next(request);
  const at = new Date(activity.timestamp);
  const sameDay = at.toDateString() === new Date().toDateString();
  const day = !sameDay && { day: "numeric", month: "numeric" };
  const children = new Intl.DateTimeFormat(TIMES[language], { hour: "2-digit", minute: "2-digit", ...day }).format(at);
  // Web Chat keeps React to itself, so its own element lends its shape to ours.
  return { ...next(request), type: "time", props: { dateTime: activity.timestamp, hidden: hideTimestamp, children } };
};

const isPicture = (attachment) => attachment?.contentType.startsWith("image/");

/** Shows a picture whole, with its alternative text, as a link that opens it by itself. Web Chat would crop it. */
const showPicture = () => (next) => (request) => {
  const shown = next(request);
  if (!isPicture(request.attachment)) return shown;
  const { contentUrl, name } = request.attachment;
  const image = { ...shown, key: "picture", type: "img", props: { alt: name, src: contentUrl, width: 320, height: 180 } };
  const hint = { ...shown, key: "hint", type: "span", props: { className: "hidden", children: ` (${say("chat.new_window")})` } };
  const props = { className: "picture", href: contentUrl, target: "_blank", rel: "noopener noreferrer", children: [image, hint] };
  return { ...shown, type: "a", props };
};

/** Shows agents' messages and notices as what they are: plain text, and whose it is. */
const showPlain = () => (next) => (request) => {
  const { message } = request.activity.channelData ?? {};
  const label = { agent: message?.speaker, notice: say("chat.notice") }[message?.author];
  if (!label || isPicture(request.attachment)) return next(request);
  const __html = renderPlain(message.text, label, say("chat.new_window"));
  const className = `webchat__text-content plain ${message.author}`;
  return { ...next(request), type: "div", props: { className, dangerouslySetInnerHTML: { __html } } };
};

/** Tells who cannot see it that the assistant speaks: Web Chat would say so of agents, too. */
function renderAssistant(markdown) {
  return `<span class="hidden">${say("chat.assistant")}</span>${renderMarkdown(markdown, say("chat.new_window"))}`;
}

/** Shows who is typing beside the dots; Web Chat only reads it out. */
const showTypist = () => (next) => (request) => {
  const dots = next(request);
  if (!dots) return dots;
  const children = say("webchat.TYPING_INDICATOR_ALT", { name: typistOf(state, say) });
  const name = { ...dots, key: "name", type: "span", props: { "aria-hidden": true, children } };
  return { ...dots, type: "div", props: { className: "typing", children: [{ ...dots, key: "dots" }, name] } };
};

/** Reads a new picture out by its alternative text; Web Chat would only say that there is one. */
const readPicture = () => (next) => (request) => {
  const shown = next(request);
  if (!isPicture(request.attachment)) return shown;
  return () => ({ ...shown(), type: "article", props: { children: request.attachment.name } });
};

function paintWebChat() {
  const names = Object.keys(config.words.webchat);
  const overrides = names.map((name) => [name, say(`webchat.${name}`, { name: typistOf(state, say) })]);
  WebChat.renderWebChat(
    {
      key,
      activityStatusMiddleware: showTime,
      attachmentForScreenReaderMiddleware: readPicture,
      attachmentMiddleware: () => (next) => showPlain()(showPicture()(next)),
      directLine: adapter,
      store,
      locale: LOCALES[language],
      nonce,
      overrideLocalizedStrings: { ...Object.fromEntries(overrides), ACTIVITY_BOT_SAID_ALT: " " }, // "" would be the default
      renderMarkdown: renderAssistant,
      role: "main",
      sendTypingIndicator: true,
      styleOptions: STYLE,
      suggestedActionsAccessKey: false,
      typingIndicatorMiddleware: showTypist,
      userID: "customer",
    },
    byId("webchat"),
  );
}

// ---- The conversation

const memory = remembered("localStorage", "cps-token");
const knownBy = remembered("localStorage", "cps-known-by"); // who said who the customer is: "website", "code"; or nobody

/** Begins a conversation, however long the server takes to come back. */
async function begin() {
  for (let pause = 1_000; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
    try {
      return (await newConversation(language)).token;
    } catch (problem) {
      tell(problem.detail || say("chat.not_opened"));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Takes all that is shown of a conversation out of the window. */
function clear() {
  adapter?.end();
  adapter = idleAdapter();
  api = state = null;
  lastOfAgent = seenOfAgent = 0;
  key += 1;
  store = WebChat.createStore({}, watchSending);
  paintWebChat();
  for (const id of ["confirmed", "mail", "person"]) byId(id).hidden = true;
  byId("confirmed-name").textContent = byId("speaking").textContent = "";
  byId("restart-dialog").close();
  showProblem("");
  identity.show("none");
  ticket.show(false);
  rating.show(false);
  unread = 0;
  tellUnread();
}

function enter(token) {
  if (adapter) clear();
  if (token !== memory.get()) knownBy.set(null);
  memory.set(token);
  api = conversationApi(token);
  key += 1;
  store = WebChat.createStore({}, watchSending);
  const mine = (adapter = createAdapter(api, say, {
    message: noteMessage,
    state: noteState,
    line: noteLine,
    gone: (text) => (mine === adapter ? replace(token, text) : text && putBack(text)),
    moved: (other) => mine === adapter && goOnIn(other),
  }));
  paintWebChat();
}

function goOnIn(token) {
  enter(token);
  tell(say("chat.fresh"), NEWS);
}

let replacing = null;

/** The conversation is closed, or the server does not know it: goes on in another, with what was to be sent. */
function replace(token, text) {
  replacing ??= goOnInAnother(token).finally(() => (replacing = null));
  return replacing.then(() => text && api.message(newId(), text).catch(() => putBack(text)));
}

async function goOnInAnother(token) {
  clear();
  const other = memory.get(); // another tab may have started afresh
  if (other !== token && other) return goOnIn(other);
  memory.set(null);
  await look();
  goOnIn(await begin());
}

/** The customer has logged out: nothing of the conversation stays here, whether or not the server can be reached. */
async function leave() {
  await replacing;
  endOnServer(api);
  clear();
  memory.set(null);
  await look();
  goOnIn(await begin());
}

async function endOnServer(left) {
  for (let pause = 1_000; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
    try {
      return await left.end();
    } catch (problem) {
      if (problem.status === 401) return; // it has ended
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function putBack(text) {
  const both = [text, store.getState().sendBoxValue].filter(Boolean).join("\n");
  store.dispatch({ type: "WEB_CHAT/SET_SEND_BOX", payload: { text: both } });
}

function noteMessage({ id, author }) {
  if (author === "agent") {
    lastOfAgent = id;
    tellSeenSoon();
  }
  if (shown || author === "customer") return;
  unread += 1;
  tellUnread();
}

function tellUnread() {
  parent.postMessage({ type: "cps:unread", count: unread }, "*"); // a number is no secret, whoever embeds us
}

let seenTimer;

/** Tells the agent up to where the customer has read; once for all that arrives together. */
function tellSeenSoon() {
  clearTimeout(seenTimer);
  seenTimer = setTimeout(async () => {
    const id = lastOfAgent;
    if (!shown || document.visibilityState !== "visible" || id <= seenOfAgent) return;
    await api.seen(id).then(
      () => (seenOfAgent = id),
      () => {}, // the next message, or the next look at the chat, tells it
    );
  }, 300);
}

function noteState(next) {
  const first = state === null;
  const newTypist = typistOf(next, say) !== typistOf(state, say);
  state = next;
  if (language !== next.language || newTypist) {
    language = next.language;
    paintWords();
    paintWebChat();
  }
  if (first && waitsForFocus) focusStart();
  const { state: step, by_website } = next.identity;
  if (step === "confirmed") knownBy.set(by_website ? "website" : (knownBy.get() ?? "code"));
  paintSpeaker();
  paintIdentity();
  paintLine();
  rating.show(next.may_rate);
  const isNew = new Map([[ticket, ticket.show(next.wants_ticket)], [identity, identity.show(next.identity.state)]]);
  const appeared = [...isNew.keys()].find((form) => isNew.get(form));
  // At a reload the customer has asked for nothing, and half a written message must not be torn away.
  if (appeared && !first && shown && !store.getState().sendBoxValue) appeared.focus();
}

let breakTimer;
let told = false;

function noteLine(isUp) {
  if (isUp) {
    clearTimeout(breakTimer);
    breakTimer = null;
    if (told) tell(say("chat.online"), 4_000);
    else paintLine();
    told = false;
    tellSeenSoon();
  } else {
    breakTimer ??= setTimeout(() => {
      told = true;
      tell(say("chat.offline"));
    }, SHORT_BREAK);
  }
}

/** Runs a request of the header; shows what went wrong. */
async function attempt(work) {
  const asked = api;
  showProblem("");
  try {
    await work();
  } catch (problem) {
    if (problem.status !== 401) showProblem(problem.detail || say("chat.failed"));
    else if (api === asked) await replace(asked.token);
  }
}

// ---- The header

const ours = { api: () => api, say };

function identified(token) {
  if (!token) return focusSendBox();
  goOnIn(token);
  focusStart();
}

const identity = identityForm({ ...ours, announce: (text) => tell(text, NEWS), onDone: identified });
const ticket = ticketForm({ ...ours, limit: config.limit, onDone: focusSendBox });
const rating = ratingForm({
  ...ours,
  onDone(wasSent) {
    if (wasSent) tell(say("rating.thanks"), NEWS);
    focusSendBox();
  },
});

byId("person").addEventListener("click", ({ detail }) => {
  if (detail > 1) return; // a double click must not take back what its first half asked for
  attempt(() => (state.owner === "waiting" ? api.noPerson() : api.person()));
});

const closeMenu = headerMenu();

byId("save").addEventListener("click", () =>
  attempt(async () => {
    const file = `cps-${new Date().toLocaleDateString("sv")}.txt`; // Swedes write 2026-11-24
    const href = URL.createObjectURL(await api.transcript());
    Object.assign(document.createElement("a"), { href, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(href), MAX_PAUSE);
    tell(say("chat.saved", { file }), NEWS);
  }),
);

byId("mail").addEventListener("click", () =>
  attempt(async () => {
    await api.mail();
    tell(say("chat.mailed"), NEWS);
  }),
);

byId("languages").addEventListener("click", ({ target }) => {
  if (target.lang && target.lang !== language) attempt(() => api.language(target.lang));
});

byId("log-out").addEventListener("click", () => (turn = turn.then(leave).then(focusStart)));

byId("restart").addEventListener("click", () => byId("restart-dialog").showModal());
byId("restart-dialog").addEventListener("close", ({ target }) => {
  if (target.returnValue !== "yes") return;
  target.returnValue = "";
  attempt(async () => {
    enter((await api.restart()).token);
    focusSendBox();
  });
});

byId("problem-hide").addEventListener("click", () => {
  showProblem("");
  focusSendBox();
});

function close() {
  parent.postMessage({ type: "cps:close" }, "*");
}

byId("close").hidden = !embedded;
byId("close").addEventListener("click", close);
addEventListener("keydown", (event) => {
  // Web Chat and the dialog have their own use for Escape, and say so.
  if (event.key !== "Escape" || event.defaultPrevented || byId("restart-dialog").open) return;
  if (!closeMenu() && embedded) close();
});

// ---- What the host page says of the customer

let turn; // what it says is done one after the other

let looked = () => {};

/** Waits until the customer has the chat before their eyes: a conversation that nobody sees need not begin. */
const look = () => shown || new Promise((resolve) => (looked = resolve));

/** Has the host page's word for who the customer is checked. */
async function vouch(token) {
  const asked = api;
  knownBy.set("website");
  try {
    await api.vouched(token);
  } catch (problem) {
    if (problem.status !== 401) return showProblem(problem.detail || say("chat.failed"));
    if (api === asked) await replace(asked.token); // it was another customer's, and has ended
    knownBy.set("website");
    await attempt(() => api.vouched(token));
  }
}

/** Does what follows from a log-out, or from whom the host page vouches for: "" for nobody. */
async function follow({ type, token, spent }) {
  await replacing;
  const who = knownBy.get();
  if (spent?.length) spendTokens(spent, language).catch(() => {}); // they end by themselves within minutes
  if (type === "cps:log-out") parent.postMessage({ type: "cps:logged-out" }, "*");
  if (api && (type === "cps:log-out" ? who : token === "" && who === "website")) await leave();
  if (!api) {
    await look();
    enter(await begin());
  }
  if (token) await vouch(String(token));
  if (!adapter) enter(memory.get());
}

addEventListener("message", ({ source, data }) => {
  if (!embedded || source !== parent) return;
  if (data?.type === "cps:token" || data?.type === "cps:log-out") turn = turn.then(() => follow(data));
  if (data?.type !== "cps:shown") return;
  shown = data.shown;
  if (!shown) return;
  looked();
  unread = 0;
  tellSeenSoon();
  if (document.hasFocus()) focusStart();
});

document.addEventListener("visibilitychange", tellSeenSoon);

// ---- Start

/** Resumes the conversation; where the host page is about to say who is there, it is not shown before that. */
async function start() {
  const former = memory.get();
  if (location.hash !== "#host-speaks") enter(former ?? (await begin()));
  else if (former) api = conversationApi(former);
}

paintWords();
turn = start();
