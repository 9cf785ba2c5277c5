// The conversation in the window: begun, resumed, replaced by another one, and left.

import { conversationApi, newConversation } from "./api.js";
import { createConversation, newId } from "./conversation.js";
import { remembered } from "./memory.js";
import { NEWS, showProblem, tell } from "./notes.js";
import { say, spoken } from "./words.js";

const MAX_PAUSE = 30_000; // milliseconds

const pauses = function* () {
  for (let pause = 1_000; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
    yield () => new Promise((resolve) => setTimeout(resolve, pause));
  }
};

/** on: changed, message, line and failed as in conversation.js; state, entered, cleared; unsent gets a text that no
 *  conversation took any more; look waits until the customer has the chat before their eyes. */
export function createSession(on) {
  const memory = remembered("localStorage", "cps-token");
  const knownBy = remembered("localStorage", "cps-known-by"); // who said who the customer is: "website", "code"; or nobody
  let letIn;
  let page; // around the chat
  let replacing = null;

  const session = {
    api: null, // requests of the conversation
    conversation: null,
    state: null, // as the server last said
    knownBy,
    entered: new Promise((resolve) => (letIn = resolve)),
    settled: () => replacing,
    former: () => memory.get(),
    enter,
    begin,
    goOnIn,
    replace,
    leave,
    attempt,
    setPage,
  };

  function tellPage() {
    session.api.page(page.url, page.title).catch(() => {}); // no loss: the agent can ask
  }

  /** An agent may read on which page the customer is. */
  function setPage({ url, title }) {
    if (page?.url === url && page.title === title) return;
    page = { url, title };
    if (session.conversation) tellPage();
  }

  /** Begins a conversation, however long the server takes to come back. */
  async function begin() {
    for (const pause of pauses()) {
      try {
        return (await newConversation(spoken())).token;
      } catch (problem) {
        tell(problem.detail || say("chat.not_opened"));
        await pause();
      }
    }
  }

  function clear() {
    session.conversation?.end();
    session.conversation = session.api = session.state = null;
    session.entered = new Promise((resolve) => (letIn = resolve));
    on.cleared();
  }

  function enter(token) {
    if (session.conversation) clear();
    if (token !== memory.get()) knownBy.set(null);
    memory.set(token);
    session.api = conversationApi(token);
    const isMine = () => mine === session.conversation;
    const mine = createConversation(session.api, {
      ...on,
      state(next) {
        const isFirst = session.state === null;
        session.state = next;
        const { state: step, by_website } = next.identity;
        if (step === "confirmed") knownBy.set(by_website ? "website" : (knownBy.get() ?? "code"));
        on.state(next, isFirst);
      },
      gone: (text) => (isMine() ? replace(token, text) : text && on.unsent(text)),
      moved: (other) => isMine() && goOnIn(other),
      failed: (what, problem) => isMine() && on.failed(what, problem),
    });
    session.conversation = mine;
    if (page) tellPage();
    letIn();
    on.changed();
  }

  function goOnIn(token, words = "chat.fresh") {
    enter(token);
    tell(say(words), NEWS);
  }

  /** The conversation is closed, or the server does not know it: goes on in another, with what was to be sent. */
  function replace(token, text) {
    replacing ??= goOnInAnother(token).finally(() => (replacing = null));
    return replacing.then(() => text && session.api.message(newId(), text).catch(() => on.unsent(text)));
  }

  async function goOnInAnother(token) {
    clear();
    const other = memory.get(); // another tab may have started afresh
    if (other !== token && other) return goOnIn(other);
    memory.set(null);
    await on.look();
    goOnIn(await begin());
  }

  /** The customer has logged out: nothing of the conversation stays here, whether or not the server can be reached. */
  async function leave() {
    await replacing;
    endOnServer(session.api);
    clear();
    memory.set(null);
    await on.look();
    goOnIn(await begin());
  }

  async function endOnServer(left) {
    for (const pause of pauses()) {
      try {
        return await left.end();
      } catch (problem) {
        if (problem.status === 401) return; // it has ended
        await pause();
      }
    }
  }

  /** Runs a request of the conversation; shows what went wrong. */
  async function attempt(work) {
    const asked = session.api;
    showProblem("");
    try {
      await work();
    } catch (problem) {
      if (problem.status !== 401) showProblem(problem.detail || say("chat.failed"));
      else if (session.api === asked) await replace(asked.token);
    }
  }

  return session;
}
