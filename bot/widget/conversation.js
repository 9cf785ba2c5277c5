// One conversation as the window shows it: what has arrived, what is on its way, and which buttons make sense.

import { Problem } from "./api.js";
import { listen } from "./stream.js";

const PAUSES = [1_000, 3_000]; // milliseconds before the second and the third try of a message

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // browsers offer it on https and localhost only
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Begins to listen. on: message, state, line, gone as in stream.js, where gone may get the text that was not sent any more;
 *  moved gets the key of the conversation in which the customer goes on; failed gets what was not sent, and the problem. */
export function createConversation(api, on) {
  const key = newId();
  const messages = [];
  let sending = [];
  let history; // the number of messages that were there before the window: the state follows them
  let state = null;
  let choices = { notice: [], assistant: [] }; // they stay until the customer says something, whatever is added
  let failed = {}; // the text that came back into the box: sent again, it keeps its client_id and cannot double

  /** Tells whether a button makes sense, as things stand. */
  function isOpen({ command }) {
    const { owner, wants_ticket } = state ?? { owner: "assistant" };
    if (command === "cancel_person") return owner === "waiting";
    if (command === "leave_message") return owner !== "agent" && !wants_ticket;
    if (command === "ask_person") return owner === "assistant" || owner === "closed";
    return owner === "assistant";
  }

  function receive(message) {
    const { author, client_id } = message;
    if (author === "customer" || author === "agent") choices = { notice: [], assistant: [] };
    else if (message.choices.length) choices[author] = message.choices;
    messages.push(message);
    sending.find((one) => one.client_id === client_id)?.arrive(message);
    sending = sending.filter((one) => one.client_id !== client_id);
    on.message(message);
  }

  function receiveState(next) {
    state = next;
    history ??= messages.length;
    on.state(state);
  }

  /** Sends what a request sends, again if no answer comes: the server knows it by its client_id. */
  async function persist(request, arrival) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await Promise.race([arrival, request()]);
      } catch (problem) {
        const mayPass = [0, 502, 504].includes(problem.status);
        if (!mayPass || attempt === PAUSES.length) throw problem;
        await new Promise((resolve) => setTimeout(resolve, PAUSES[attempt]));
      }
    }
  }

  async function send(content, request) {
    const mine = { ...content, author: "customer", at: new Date().toISOString(), choices: [] };
    const arrival = new Promise((resolve) => (mine.arrive = resolve));
    sending = [...sending, mine];
    on.changed();
    try {
      const { token } = await persist(request, arrival);
      mine.isStored = true;
      line.hurry();
      // It may have come under an earlier attempt's number.
      if (messages.some((one) => one.client_id === mine.client_id)) sending = sending.filter((one) => one !== mine);
      failed = {};
      if (token) on.moved(token);
    } catch (problem) {
      sending = sending.filter((one) => one !== mine);
      const isTyped = !mine.choice && !mine.isFile;
      if (isTyped) failed = mine;
      if (problem.status === 401) on.gone(isTyped ? mine.text : "");
      else on.failed(mine, problem instanceof Problem ? problem : new Problem(0));
    }
    on.changed();
  }

  const line = listen(api, { ...on, message: receive, state: receiveState });

  return {
    /** What is shown: all messages in their order, how many of them are old, the open buttons, and the state. */
    shown: () => ({
      key,
      messages: [...messages, ...sending],
      history: history ?? messages.length,
      choices: sending.length ? [] : [...choices.notice, ...choices.assistant].filter(isOpen),
      state,
    }),
    say(text) {
      const client_id = failed.text === text ? failed.client_id : newId();
      return send({ client_id, text }, () => api.message(client_id, text));
    },
    sendFile(file) {
      const client_id = newId();
      return send({ client_id, text: file.name, isFile: true }, () => api.sendFile(client_id, file));
    },
    choose({ id: choice, title: text }) {
      const client_id = newId();
      return send({ client_id, text, choice }, () => api.choice(client_id, choice));
    },
    ...line,
  };
}
