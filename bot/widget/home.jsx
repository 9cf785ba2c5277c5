// What stands below the conversation before the customer's first message: where they stand in the walkthrough, what is
// asked most, and, as they type, the questions that fit. Enter sends what is typed all the same.

import { say, spoken } from "./words.js";

const PAUSE = 250; // milliseconds without a letter, after which it is looked for
const MIN_LENGTH = 3; // letters that tell something
const MAX_LENGTH = 200;

const mostAsked = JSON.parse(document.getElementById("conversation").dataset.questions);

const isOurs = (one) => one.author === "customer";

/** Tells whether the home may be shown below a conversation; arguments as in conversation.js. */
function isAtHome({ messages, history, state }) {
  const isBusy = !state || state.owner !== "assistant" || state.wants_ticket || ["email", "code"].includes(state.identity.state);
  return !isBusy && !messages.slice(history).some(isOurs);
}

/** Looks for questions as the customer types. api(): the conversation's requests, or nothing. shown(): the conversation,
 *  or nothing. changed(): paint anew. */
export function createSearch({ api, shown, changed }) {
  let wanted = "";
  let found = null; // what fits; nothing is looked for: null
  let timer;

  async function look(query) {
    const questions = await api()
      ?.questions(spoken(), query)
      .then((answer) => answer.questions)
      .catch(() => []); // no loss: what is typed can be sent
    if (query !== wanted) return;
    found = questions ?? [];
    changed();
  }

  return {
    found: () => found,
    type(text) {
      const now = shown();
      const query = now && isAtHome(now) ? text.trim().slice(0, MAX_LENGTH) : "";
      if (query === wanted) return;
      wanted = query;
      clearTimeout(timer);
      if (query.length >= MIN_LENGTH) timer = setTimeout(look, PAUSE, query);
      else if (found) {
        found = null;
        changed();
      }
    },
  };
}

/** messages and history as in conversation.js. found: as above. onAsk(question). */
export function Home({ messages, history, state, found, onAsk }) {
  if (!isAtHome({ messages, history, state })) return null;
  const isNew = !messages.some(isOurs);
  const questions = found ?? (isNew ? mostAsked[spoken()] : []);
  const step = !found && state.step;
  return (
    <section class="home" aria-label={say(found ? "home.found" : "home.title")}>
      {step && (
        <p class="step">
          <span>{say("home.step", step)}</span>
          <button type="button" onClick={() => onAsk(say("home.go_on"))}>{say("home.go_on")}</button>
        </p>
      )}
      <p class="hidden" role="status">{found && `${say("home.found")}: ${found.length}`}</p>
      {questions.length > 0 && <h2>{say(found ? "home.found" : "home.title")}</h2>}
      <ul>
        {questions.map((question) => (
          <li key={question}>
            <button type="button" onClick={() => onAsk(question)}>{question}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
