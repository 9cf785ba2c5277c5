// The shell of the chat: puts its parts together, and shows what stands around the conversation.

import { composer, fileButton } from "./composer.js";
import { wireHeader } from "./header.js";
import { createSearch } from "./home.jsx";
import { followHost, sight } from "./host.js";
import { identityForm } from "./identity.js";
import { NEWS, noteLine, showProblem, tell, tellLasting } from "./notes.js";
import { ratingForm } from "./rating.js";
import { createSeen } from "./seen.js";
import { createSession } from "./session.js";
import { ticketForm } from "./ticket.js";
import { paintConversation } from "./transcript.jsx";
import { say, speak, spoken } from "./words.js";

const byId = (id) => document.getElementById(id);
const MAX_FILE = 10_000_000; // bytes; as on the server
const limit = Number(byId("box").dataset.limit); // characters of a message

const session = createSession({
  look: sight.look,
  changed: paint,
  message: noteMessage,
  state: noteState,
  cleared: clear,
  line(isUp) {
    noteLine(isUp);
    if (isUp) seen.look();
  },
  failed: noteFailed,
  unsent: (text) => writing.putBack(text),
});
const seen = createSeen(session);

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
    const now = session.conversation?.shown();
    paintConversation(byId("conversation"), now, {
      found: search.found(),
      readFile: (id) => session.api.file(id),
      onChoose: choose,
      onUnhelpful: markUnhelpful,
      onAsk: ask,
    });
    paintPerson(now?.choices ?? []);
  });
}

/** Shows the way to a person once: not above the conversation where a suggested answer leads there. */
function paintPerson(choices) {
  const button = byId("person");
  const isOffered = choices.some(({ command, title }) => command === "ask_person" || title === say("person.call"));
  const isHidden = session.state?.owner === "agent" || isOffered;
  if (isHidden && document.activeElement === button) focusStart();
  button.hidden = isHidden;
}

function paintSpeaker() {
  const { owner, speaker, queue } = session.state;
  const words = { waiting: queue?.minutes ? "person.queue_wait" : "person.queue", agent: "person.agent", closed: "person.closed" };
  byId("speaking").textContent = say(words[owner] ?? "chat.automated", { name: speaker, ...queue });
  byId("attach").hidden = !["waiting", "agent"].includes(owner);
  byId("person").textContent = say(owner === "waiting" ? "person.stop" : "person.call");
}

function paintIdentity() {
  byId("mail").hidden = !session.state.may_mail;
  const { state: step, name } = session.state.identity;
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

/** Takes all that is shown of a conversation out of the window. */
function clear() {
  paint();
  for (const id of ["confirmed", "mail", "attach"]) byId(id).hidden = true;
  byId("confirmed-name").textContent = byId("speaking").textContent = "";
  byId("person").textContent = say("person.call");
  byId("restart-dialog").close();
  showProblem("");
  identity.show("none");
  ticket.show(false);
  rating.show(false);
  paintFields();
  seen.clear();
}

// ---- What the customer says

const search = createSearch({ api: () => session.api, shown: () => session.conversation?.shown(), changed: paint });

const writing = composer({
  onSend(text) {
    showProblem("");
    if (text.length > limit) showProblem(say("chat.too_long", { length: text.length, limit }));
    else session.conversation?.say(text);
    return Boolean(session.conversation) && text.length <= limit;
  },
  onChange: (text) => search.type(text),
  onTyping() {
    const isRead = ["waiting", "agent"].includes(session.state?.owner);
    if (isRead) session.api.typing().catch(() => {});
    return isRead;
  },
});

/** Sends a file; that the assistant cannot look at it, it says itself. */
function sendFile(file) {
  showProblem("");
  if (file.size > MAX_FILE) showProblem(say("chat.file_too_large"));
  else session.conversation?.sendFile(file);
}

fileButton(sendFile);

function choose(choice) {
  showProblem("");
  session.conversation.choose(choice);
  focusStart();
}

/** Asks a question of the home; what was typed to find it has done its work. */
function ask(question) {
  showProblem("");
  writing.clear();
  session.conversation.say(question);
  focusStart();
}

function markUnhelpful(id) {
  focusStart();
  session.attempt(() => session.api.unhelpful(id)).then(() => session.conversation?.hurry());
}

/** Hands back what could not be sent, and says why. */
function noteFailed({ text, choice, isFile }, problem) {
  if (isFile && problem.status === 409) return session.conversation.hurry(); // the chat says why
  if (isFile) return showProblem(problem.detail || say("chat.failed"));
  if (!choice) writing.putBack(text);
  showProblem(problem.detail || say(choice ? "chat.choice_not_sent" : "chat.not_sent"));
}

// ---- What the customer hears

function noteMessage(message) {
  paint();
  paintFields();
  seen.note(message);
}

function noteState(next, isFirst) {
  seen.noteState(next);
  if (spoken() !== next.language) speak(next.language);
  paint();
  paintSpeaker();
  paintIdentity();
  tellLasting(next.waiting ? say("chat.waiting") : "");
  rating.show(next.may_rate);
  const isNew = new Map([[ticket, ticket.show(next.wants_ticket)], [identity, identity.show(next.identity.state)]]);
  const appeared = [...isNew.keys()].find((form) => isNew.get(form));
  // At a reload the customer has asked for nothing, and half a written message must not be torn away.
  if (appeared && !isFirst && sight.shown && writing.isEmpty()) appeared.focus();
  paintFields();
}

// ---- The forms

const ours = { api: () => session.api, say };

/** A form is done with: the customer goes on in the composer. */
function goOnWriting() {
  paintFields();
  writing.focus();
}

function identified({ token, resumed } = {}) {
  if (!token) return goOnWriting();
  session.goOnIn(token, resumed ? "chat.resumed" : "chat.fresh");
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

byId("problem-hide").addEventListener("click", () => {
  showProblem("");
  goOnWriting();
});

// ---- Start

paintPerson([]);
const host = followHost(session, {
  onShown() {
    seen.look();
    if (document.hasFocus()) focusStart();
  },
});
wireHeader(session, { onRestart: goOnWriting, onLogOut: () => host.leave().then(focusStart) });
loadMarkdown(document.currentScript); // after the request for a conversation: both are on their way at once
