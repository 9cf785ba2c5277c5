// Listens to a conversation's server-sent events, and comes back by itself after every interruption.

import { EventSource } from "eventsource";

const FIRST_PAUSE = 500; // milliseconds; doubles up to the longest
const MAX_PAUSE = 15_000;
const SILENCE = 60_000; // the server sends at least a comment well before this; after it, the line is dead

/** Calls on.message, on.state, on.line(isUp) and on.gone (the conversation is closed); returns a function that ends it. */
export function listen(token, on) {
  let source;
  let timer;
  let pause = FIRST_PAUSE;
  let lastId = 0;
  let lastByteAt = Date.now();
  let ended = false;

  async function fetchWithToken(url, init) {
    const headers = { ...init.headers, Authorization: `Bearer ${token}` };
    if (lastId) headers["Last-Event-ID"] = String(lastId);
    const response = await fetch(url, { ...init, headers });
    if (!response.ok || !response.body) return response;
    const noteTime = new TransformStream({
      transform(chunk, controller) {
        lastByteAt = Date.now();
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(noteTime), response);
  }

  function connect() {
    clearTimeout(timer);
    source?.close();
    if (ended) return;
    lastByteAt = Date.now();
    source = new EventSource("/api/conversation/events", { fetch: fetchWithToken });
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE;
      on.line(true);
    });
    source.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.id <= lastId) return;
      lastId = message.id;
      on.message(message);
    });
    // Too many windows show this conversation: the one that is looked at comes back, the others after some silence.
    source.addEventListener("replaced", () => source.close());
    source.addEventListener("state", ({ data }) => on.state(JSON.parse(data)));
    source.addEventListener("error", ({ code }) => {
      if (code === 401) {
        end();
        on.gone();
      } else later();
    });
  }

  // The package would reconnect by itself, but not after an error status, and not more and more slowly.
  function later() {
    source.close();
    on.line(false);
    clearTimeout(timer);
    timer = setTimeout(connect, pause * (0.75 + Math.random() / 2)); // spread, so that not all come back at once
    pause = Math.min(pause * 2, MAX_PAUSE);
  }

  function checkSilence() {
    if (Date.now() - lastByteAt > SILENCE) connect();
  }

  function checkSight() {
    if (source.readyState === source.CLOSED && !document.hidden) connect();
    else checkSilence();
  }

  function end() {
    ended = true;
    clearTimeout(timer);
    clearInterval(watch);
    source?.close();
    removeEventListener("online", connect);
    removeEventListener("offline", later);
    document.removeEventListener("visibilitychange", checkSight);
  }

  const watch = setInterval(checkSilence, SILENCE / 4);
  addEventListener("online", connect);
  addEventListener("offline", later);
  document.addEventListener("visibilitychange", checkSight); // a phone that slept may hold a dead line
  connect();
  return end;
}
