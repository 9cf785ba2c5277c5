// Gives Web Chat the conversation in the shape it knows (Direct Line): activities in, activities out.

import { Problem } from "./api.js";
import { listen } from "./stream.js";

const ONLINE = 2; // Direct Line's word for a line that works; the shell itself tells the customer when it does not
const CUSTOMER = { id: "customer", role: "user" };
const OTHERS = { id: "others", role: "bot" }; // the assistant and the agents: Web Chat knows two sides
const PAUSES = [1_000, 3_000]; // milliseconds before the second and the third try of a message

/** An observable that replays what it has seen to whoever subscribes: Web Chat subscribes twice. */
function replaying() {
  const seen = [];
  const observers = new Set();
  return {
    next(value) {
      seen.push(value);
      for (const observer of observers) observer.next(value);
    },
    subscribe(observer) {
      for (const value of seen) observer.next(value);
      observers.add(observer);
      return { unsubscribe: () => observers.delete(observer) };
    },
  };
}

/** Returns the name of who is typing when somebody is. */
export const typistOf = (state, say) => (state?.owner === "agent" ? state.speaker : say("chat.typist"));

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // browsers offer it on https and localhost only
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Makes what Web Chat is given between two conversations: it shows nothing, and sends nothing. */
export const idleAdapter = () => ({
  activity$: replaying(),
  connectionStatus$: replaying(),
  end() {},
  postActivity: () => ({
    subscribe(observer) {
      observer.error(new Problem(0));
      return { unsubscribe() {} };
    },
  }),
});

/** Makes the object that Web Chat calls directLine. on: message, state, line, gone as in stream.js; on.gone may get the
 *  text that was not sent any more; on.moved gets the key of the conversation in which the customer goes on. */
export function createAdapter(api, say, on) {
  const activities = replaying();
  const connection = replaying();
  const activityIds = new Map(); // our client_id -> Web Chat's clientActivityID
  const arrived = new Map(); // message id -> message
  const arrivals = new Map(); // client_id -> what to do once the stream brings the message
  let state = { typing: false, owner: "assistant" };
  let choices = { notice: [], assistant: [] }; // they stay until the customer says something, whatever is added
  let last; // message
  let failed = {}; // the text that came back into the box: sent again, it keeps its client_id and cannot double

  /** Tells whether a button makes sense, as things stand. */
  function isOpen({ command }) {
    const { owner, wants_ticket } = state;
    if (command === "cancel_person") return owner === "waiting";
    if (command === "leave_message") return owner !== "agent" && !wants_ticket;
    if (command === "ask_person") return owner === "assistant" || owner === "closed";
    return owner === "assistant";
  }

  function toActivity(message) {
    const { id, author, speaker, text, at, client_id, picture } = message;
    const open = [...choices.notice, ...choices.assistant].filter(isOpen);
    return {
      type: "message",
      id: String(id),
      timestamp: at,
      from: author === "customer" ? CUSTOMER : OTHERS,
      // What is read out; the assistant's Markdown gets its name where it is rendered.
      text: { agent: `${speaker}: ${text}`, notice: `${say("chat.notice")} ${text}` }[author] ?? text,
      textFormat: author === "assistant" ? "markdown" : "plain",
      attachments: picture ? [{ contentType: "image/svg+xml", contentUrl: picture.url, name: picture.alt }] : [],
      channelData: { "webchat:sequence-id": id, clientActivityID: activityIds.get(client_id), message },
      suggestedActions: {
        actions: open.map(({ id: choice, title }) => ({ type: "messageBack", title, displayText: title, value: { choice } })),
      },
    };
  }

  function receive(message) {
    const { author } = message;
    if (author === "customer" || author === "agent") choices = { notice: [], assistant: [] };
    else if (message.choices.length) choices[author] = message.choices;
    arrived.set(message.id, message);
    last = message;
    activities.next(toActivity(message));
    arrivals.get(message.client_id)?.(message.id);
    if (state.typing) showTyping(); // Web Chat takes the dots away at each message
    on.message(message);
  }

  function receiveState(next) {
    const changedHands = next.owner !== state.owner || next.wants_ticket !== state.wants_ticket;
    state = next;
    on.state(state);
    if (changedHands && last) activities.next(toActivity(last)); // with the buttons that make sense now
    showTyping();
  }

  function showTyping() {
    // Web Chat shows the dots for as long as the last typing activity says.
    const typingAnimationDuration = state.typing ? "Infinity" : 0;
    activities.next({
      type: "typing",
      id: "typing",
      from: { ...OTHERS, name: typistOf(state, say) },
      channelData: { webChat: { styleOptions: { typingAnimationDuration } } },
    });
  }

  function sent({ id, token }) {
    if (token) on.moved(token);
    return id;
  }

  /** Sends one message, again if no answer comes: the server knows it by its client_id. Returns its id. */
  async function send(clientId, text, choice) {
    const viaStream = new Promise((resolve) => arrivals.set(clientId, resolve));
    for (let attempt = 0; ; attempt++) {
      try {
        const request = choice ? api.choice(clientId, choice) : api.message(clientId, text);
        return await Promise.race([viaStream, request.then(sent)]);
      } catch (problem) {
        const mayPass = [0, 502, 504].includes(problem.status);
        if (!mayPass || attempt === PAUSES.length) throw problem;
        await new Promise((resolve) => setTimeout(resolve, PAUSES[attempt]));
      }
    }
  }

  async function post(activity) {
    if (activity.type !== "message") return "";
    const choice = activity.value?.choice;
    const text = activity.text ?? "";
    const clientId = !choice && failed.text === text ? failed.clientId : newId();
    activityIds.set(clientId, activity.channelData.clientActivityID);
    try {
      const id = await send(clientId, text, choice);
      if (arrived.has(id)) activities.next(toActivity(arrived.get(id))); // it came under an earlier attempt's number
      failed = {};
      return String(id);
    } catch (problem) {
      if (problem.status === 401) on.gone(choice ? "" : text);
      if (!choice) failed = { text, clientId };
      throw problem instanceof Problem ? problem : new Problem(0);
    }
  }

  connection.next(ONLINE);
  const end = listen(api.token, { ...on, message: receive, state: receiveState });

  return {
    activity$: activities,
    connectionStatus$: connection,
    end,
    postActivity: (activity) => ({
      subscribe(observer) {
        post(activity).then(
          (id) => observer.next(id),
          (problem) => observer.error(problem),
        );
        return { unsubscribe() {} };
      },
    }),
  };
}
