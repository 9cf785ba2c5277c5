// Listens to a conversation by server-sent events, and comes back by itself after every interruption. Where a proxy
// holds the events back, it polls meanwhile, and says nothing of it.

import { EventSource } from "eventsource";

const FIRST_PAUSE = 500; // milliseconds; doubles up to the longest
const MAX_PAUSE = 15_000;
const PATIENCE = 5_000; // within which a stream that works says something
const SILENCE = 40_000; // the server sends at least a comment well before this; after it, the line is dead
const POLL = 3_000; // between two polls
const POLL_UNSEEN = 20_000; // where nobody looks

/** Calls on.message, on.state, on.line(isUp) and on.gone (the conversation is closed); returns end(), and hurry(), which
 *  has what is about to come fetched soon. */
export function listen(api, on) {
  let source;
  let timer;
  let pause = FIRST_PAUSE;
  let lastId = 0;
  let lastByteAt = Date.now();
  let patience; // runs out where nothing comes
  let pollTimer; // there while it polls
  let ended = false;

  async function fetchWithToken(url, init) {
    const headers = { ...init.headers, Authorization: `Bearer ${api.token}` };
    if (lastId) headers["Last-Event-ID"] = String(lastId);
    const response = await fetch(url, { ...init, headers });
    if (!response.ok || !response.body) return response;
    const noteTime = new TransformStream({
      transform(chunk, controller) {
        noteByte();
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(noteTime), response);
  }

  function noteByte() {
    lastByteAt = Date.now();
    clearTimeout(patience);
    clearTimeout(pollTimer);
    patience = pollTimer = undefined;
  }

  function receive(message) {
    if (message.id <= lastId) return;
    lastId = message.id;
    on.message(message);
  }

  function connect() {
    clearTimeout(timer);
    source?.close();
    if (ended) return;
    lastByteAt = Date.now();
    if (!pollTimer) patience ??= setTimeout(poll, PATIENCE);
    source = new EventSource(new URL("api/conversation/events", location), { fetch: fetchWithToken });
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE;
      on.line(true);
    });
    source.addEventListener("message", ({ data }) => receive(JSON.parse(data)));
    // Too many windows show this conversation: the one that is looked at comes back, the others after some silence.
    source.addEventListener("replaced", () => source.close());
    source.addEventListener("state", ({ data }) => on.state(JSON.parse(data)));
    source.addEventListener("error", ({ code }) => (code === 401 ? leave() : later()));
  }

  // The package would reconnect by itself, but not after an error status, and not more and more slowly.
  function later() {
    source.close();
    if (!pollTimer) on.line(false);
    clearTimeout(timer);
    timer = setTimeout(connect, pause * (0.75 + Math.random() / 2)); // spread, so that not all come back at once
    pause = Math.min(pause * 2, MAX_PAUSE);
  }

  async function poll() {
    clearTimeout(patience);
    clearTimeout(pollTimer);
    patience = undefined;
    const mine = (pollTimer = setTimeout(poll, document.hidden ? POLL_UNSEEN : POLL));
    let news;
    try {
      news = await api.news(lastId);
    } catch ({ status }) {
      if (status === 401) return leave();
    }
    if (ended || mine !== pollTimer) return; // the stream is back, or another poll is under way
    on.line(Boolean(news));
    if (!news) return;
    news.messages.forEach(receive);
    on.state(news.state);
  }

  function checkSilence() {
    if (Date.now() - lastByteAt < SILENCE) return;
    connect();
    hurry();
  }

  function checkSight() {
    if (source.readyState === source.CLOSED && !document.hidden) connect();
    else checkSilence();
    if (pollTimer) hurry();
  }

  function hurry() {
    if (patience || pollTimer) poll();
  }

  function leave() {
    end();
    on.gone();
  }

  function end() {
    ended = true;
    for (const one of [timer, patience, pollTimer]) clearTimeout(one);
    pollTimer = undefined;
    clearInterval(watch);
    source?.close();
    removeEventListener("online", connect);
    removeEventListener("offline", later);
    document.removeEventListener("visibilitychange", checkSight);
  }

  const watch = setInterval(checkSilence, SILENCE / 8);
  addEventListener("online", connect);
  addEventListener("offline", later);
  document.addEventListener("visibilitychange", checkSight); // a phone that slept may hold a dead line
  connect();
  return { end, hurry };
}
