// The shell of the chat: starts or resumes the conversation, speaks its language, and shows what stands around it.

import { conversationApi, newConversation, spendTokens } from "./api.js";
import { composer } from "./composer.js";
import { createConversation, newId } from "./conversation.js";
import { identityForm } from "./identity.js";
import { remembered } from "./memory.js";
import { headerMenu } from "./menu.js";
import { NEWS, noteLine, showProblem, tell, tellLasting } from "./notes.js";
import { ratingForm } from "./rating.js";
import { ticketForm } from "./ticket.js";
import { paintConversation } from "./transcript.jsx";
import { say, speak, spoken } from "./words.js";

const byId = (id) => document.getElementById(id);
const embedded = parent !== window;
const limit = Number(byId("box").dataset.limit); // characters of a message
const MAX_PAUSE = 30_000; // milliseconds

let api; // requests of the current conversation
let conversation = null;
let state = null; // as the server last said
let shown = !embedded;
let unread = 0;
let lastOfAgent = 0; // message id
let seenOfAgent = 0;

// ---- What is shown

let isPainting = false;
let canRead = false; // or there is no hope of it: then Markdown is shown as it is

function loadMarkdown({ nonce, dataset }) {
  const script = Object.assign(document.createElement("script"), { src: dataset.markdown });
  script.setAttribute("nonce", nonce);
  script.onload = script.onerror = () => {
    canRead = true;
    paint();
  };
  document.head.append(script);
}

/** Paints the conversation, once for all that changes at the same time, and not before its Markdown can be read. */
function paint() {
  if (isPainting || !canRead) return;
  isPainting = true;
  queueMicrotask(() => {
    isPainting = false;
    const now = conversation?.shown();
    paintConversation(byId("conversation"), now, choose);
    paintPerson(now?.choices ?? []);
  });
}

/** Shows the way to a person once: not above the conversation where a suggested answer leads there. */
function paintPerson(choices) {
  const button = byId("person");
  const isOffered = choices.some(({ command, title }) => command === "ask_person" || title === say("person.call"));
  const isHidden = !state || state.owner === "agent" || isOffered;
  if (isHidden && document.activeElement === button) focusStart();
  button.hidden = isHidden;
}

function paintSpeaker() {
  const { owner, speaker, queue } = state;
  const words = { waiting: queue?.minutes ? "person.queue_wait" : "person.queue", agent: "person.agent", closed: "person.closed" };
  byId("speaking").textContent = say(words[owner] ?? "chat.automated", { name: speaker, ...queue });
  byId("person").textContent = say(owner === "waiting" ? "person.stop" : "person.call");
}

function paintIdentity() {
  byId("mail").hidden = !state.may_mail;
  const { state: step, name } = state.identity;
  byId("confirmed").hidden = step !== "confirmed";
  byId("confirmed-name").textContent = name ?? say("identity.confirmed");
}

/** Leaves the customer one field at a time: a form takes the composer's place, unless something is written there. */
function paintFields() {
  byId("composer").hidden = writing.isEmpty() && Boolean(document.querySelector(".field:not([hidden])"));
}

/** Puts the customer where they can begin: on a touch screen not in the box, whose keyboard would cover half the chat. */
function focusStart() {
  if (matchMedia("(pointer: fine)").matches && !byId("composer").hidden) writing.focus();
  else byId("title").focus();
}

// ---- What the customer says

const writing = composer({
  onSend(text) {
    showProblem("");
    if (text.length > limit) showProblem(say("chat.too_long", { length: text.length, limit }));
    else conversation?.say(text);
    return Boolean(conversation) && text.length <= limit;
  },
  onTyping() {
    const isRead = ["waiting", "agent"].includes(state?.owner);
    if (isRead) api.typing().catch(() => {});
    return isRead;
  },
});

function choose(choice) {
  showProblem("");
  conversation.choose(choice);
  focusStart();
}

/** Hands back what could not be sent, and says why. */
function noteFailed({ text, choice }, problem) {
  if (!choice) writing.putBack(text);
  showProblem(problem.detail || say(choice ? "chat.choice_not_sent" : "chat.not_sent"));
}

// ---- The conversation

const memory = remembered("localStorage", "cps-token");
const knownBy = remembered("localStorage", "cps-known-by"); // who said who the customer is: "website", "code"; or nobody

/** Begins a conversation, however long the server takes to come back. */
async function begin() {
  for (let pause = 1_000; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
    try {
      return (await newConversation(spoken())).token;
    } catch (problem) {
      tell(problem.detail || say("chat.not_opened"));
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Takes all that is shown of a conversation out of the window. */
function clear() {
  conversation?.end();
  conversation = api = state = null;
  lastOfAgent = seenOfAgent = 0;
  paint();
  for (const id of ["confirmed", "mail", "person"]) byId(id).hidden = true;
  byId("confirmed-name").textContent = byId("speaking").textContent = "";
  byId("restart-dialog").close();
  showProblem("");
  identity.show("none");
  ticket.show(false);
  rating.show(false);
  paintFields();
  unread = 0;
  tellUnread();
}

function enter(token) {
  if (conversation) clear();
  if (token !== memory.get()) knownBy.set(null);
  memory.set(token);
  api = conversationApi(token);
  const mine = createConversation(api, {
    changed: paint,
    message: noteMessage,
    state: noteState,
    line(isUp) {
      noteLine(isUp);
      if (isUp) tellSeenSoon();
    },
    gone: (text) => (mine === conversation ? replace(token, text) : text && writing.putBack(text)),
    moved: (other) => mine === conversation && goOnIn(other),
    failed: (what, problem) => mine === conversation && noteFailed(what, problem),
  });
  conversation = mine;
  paint();
}

function goOnIn(token) {
  enter(token);
  tell(say("chat.fresh"), NEWS);
}

let replacing = null;

/** The conversation is closed, or the server does not know it: goes on in another, with what was to be sent. */
function replace(token, text) {
  replacing ??= goOnInAnother(token).finally(() => (replacing = null));
  return replacing.then(() => text && api.message(newId(), text).catch(() => writing.putBack(text)));
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

function noteMessage({ id, author }) {
  if (author === "agent") {
    lastOfAgent = id;
    tellSeenSoon();
  }
  paint();
  paintFields();
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
  state = next;
  if (spoken() !== next.language) speak(next.language);
  paint();
  const { state: step, by_website } = next.identity;
  if (step === "confirmed") knownBy.set(by_website ? "website" : (knownBy.get() ?? "code"));
  paintSpeaker();
  paintIdentity();
  tellLasting(next.waiting ? say("chat.waiting") : "");
  rating.show(next.may_rate);
  const isNew = new Map([[ticket, ticket.show(next.wants_ticket)], [identity, identity.show(next.identity.state)]]);
  const appeared = [...isNew.keys()].find((form) => isNew.get(form));
  // At a reload the customer has asked for nothing, and half a written message must not be torn away.
  if (appeared && !first && shown && writing.isEmpty()) appeared.focus();
  paintFields();
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

/** A form is done with: the customer goes on in the composer. */
function goOnWriting() {
  paintFields();
  writing.focus();
}

function identified(token) {
  if (!token) return goOnWriting();
  goOnIn(token);
  focusStart();
}

const identity = identityForm({ ...ours, announce: (text) => tell(text, NEWS), onDone: identified });
const ticket = ticketForm({ ...ours, limit, onDone: goOnWriting });
const rating = ratingForm({
  ...ours,
  onDone(wasSent) {
    if (wasSent) tell(say("rating.thanks"), NEWS);
    goOnWriting();
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
  if (target.lang && target.lang !== spoken()) attempt(() => api.language(target.lang));
});

byId("log-out").addEventListener("click", () => (turn = turn.then(leave).then(focusStart)));

byId("restart").addEventListener("click", () => byId("restart-dialog").showModal());
byId("restart-dialog").addEventListener("close", ({ target }) => {
  if (target.returnValue !== "yes") return;
  target.returnValue = "";
  attempt(async () => {
    enter((await api.restart()).token);
    goOnWriting();
  });
});

byId("problem-hide").addEventListener("click", () => {
  showProblem("");
  goOnWriting();
});

function close() {
  parent.postMessage({ type: "cps:close" }, "*");
}

byId("close").hidden = !embedded;
byId("close").addEventListener("click", close);
addEventListener("keydown", (event) => {
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
  if (spent?.length) spendTokens(spent, spoken()).catch(() => {}); // they end by themselves within minutes
  if (type === "cps:log-out") parent.postMessage({ type: "cps:logged-out" }, "*");
  if (api && (type === "cps:log-out" ? who : token === "" && who === "website")) await leave();
  if (!api) {
    await look();
    enter(await begin());
  }
  if (token) await vouch(String(token));
  if (!conversation) enter(memory.get());
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

turn = start();
if (embedded) parent.postMessage({ type: "cps:ready" }, "*");
loadMarkdown(document.currentScript); // after the request for a conversation: both are on their way at once
