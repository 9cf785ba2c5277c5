// The conversation: what was said before the window opened, and a log of what is said from then on.

import { Fragment, render } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { arrange } from "./arrange.js";
import { Home } from "./home.jsx";
import { locale, say, spoken } from "./words.js";

const ADDRESS = /(https?:\/\/[^\s<>"'()]*[^\s<>"'().,;:!?*])/g;
const LONG = 1_000; // characters; a longer text folds
const NEAR = 60; // pixels from the end within which a reader follows what is said
const ONE_ANSWER = 3_000; // milliseconds within which messages are one answer, read from its beginning
const STEPS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

const Hidden = ({ children }) => <span class="hidden">{children}</span>;

const Link = ({ href, children }) => (
  <a href={href} target="_blank" rel="noopener noreferrer">
    {children}
    <Hidden> ({say("chat.new_window")})</Hidden>
  </a>
);

/** What a person, or the website side, wrote: links, and nothing else. */
const Plain = ({ text }) => text.split(ADDRESS).map((part, index) => (index % 2 ? <Link href={part}>{part}</Link> : part));

/** What the assistant wrote: Markdown, or its plain text where the script for it could not be loaded. */
function Rich({ text }) {
  const { renderMarkdown } = window;
  if (!renderMarkdown) return <Plain text={text} />;
  const __html = useMemo(() => renderMarkdown(text, say("chat.new_window")), [text, spoken()]);
  return <div dangerouslySetInnerHTML={{ __html }} />;
}

const Verbatim = ({ text }) => text;

const CONTENTS = { assistant: Rich, customer: Verbatim, agent: Plain, notice: Plain };

/** A drawing, at an address relative to our page. */
const Picture = ({ url, alt }) => (
  <a class="picture" href={`.${url}`} target="_blank" rel="noopener noreferrer">
    <img src={`.${url}`} alt={alt} width="320" height="180" />
    <Hidden> ({say("chat.new_window")})</Hidden>
  </a>
);

/** A file that the customer sent: a picture is shown, and both can be saved. read(id): its content. */
function SentFile({ id, file, text, read }) {
  const [address, setAddress] = useState("");
  useLayoutEffect(() => {
    let made = "";
    let isGone = false;
    read(id).then(
      (content) => {
        if (!isGone) setAddress((made = URL.createObjectURL(content)));
      },
      () => {}, // its name stands there
    );
    return () => {
      isGone = true;
      URL.revokeObjectURL(made);
    };
  }, [id]);
  if (!address) return null;
  return (
    <a class="file" href={address} download={text}>
      {file.kind !== "pdf" && <img src={address} alt="" />}
      {say("chat.save_file")}
      <Hidden> {text}</Hidden>
    </a>
  );
}

/** A long text shows its beginning; a press, or the focus on one of its links, the rest. */
function Folding({ text, children }) {
  const [folds, setFolds] = useState(text.length > LONG);
  if (!folds) return <div class="text">{children}</div>;
  return (
    <>
      <div class="text folded" onFocusIn={() => setFolds(false)}>
        {children}
      </div>
      <button type="button" class="unfold" onClick={() => setFolds(false)}>
        {say("chat.show_all")}
      </button>
    </>
  );
}

const clock = (at) => new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(at);

const nameOf = ({ author, speaker }) =>
  ({ customer: say("chat.you"), agent: speaker, notice: say("chat.notice") })[author] ?? say("chat.assistant");

/** How far a message to a person has come. */
const progress = (id, state) => (id <= state.agent_read ? "chat.read" : id <= state.agent_delivered ? "chat.delivered" : "");

/** how: words on how far the customer's newest message has come. */
function Message({ message, begins, ends, how, readFile }) {
  const { author, text, picture, at, client_id, isStored } = message;
  const Content = CONTENTS[author];
  const key = client_id ?? message.id;
  const isNamed = begins && (author === "assistant" || author === "agent");
  const isOnItsWay = client_id && !message.id && !isStored;
  return (
    <article class={`message ${author}`} tabIndex={-1} aria-labelledby={`who-${key} said-${key}`}>
      {isNamed && <span class="avatar" aria-hidden="true">{author === "agent" ? nameOf(message)[0] : "CPS"}</span>}
      <div class="said">
        <p id={`who-${key}`} class={isNamed ? "name" : "hidden"}>{nameOf(message)}</p>{" "}
        <div class="bubble" id={`said-${key}`}>
          <Folding text={text}><Content text={text} /></Folding>
          {picture && <Picture {...picture} />}
          {message.file && <SentFile {...message} read={readFile} />}
        </div>
      </div>
      {author !== "notice" && (ends || isOnItsWay) && (
        <p class="status">
          {!isOnItsWay && <time dateTime={at}>{clock(new Date(at))}</time>}
          {author === "customer" && <span aria-hidden="true"> {isOnItsWay ? say("chat.sending") : "✓"}</span>}
          {how && <span aria-live="off"> {say(how)}</span>}
        </p>
      )}
    </article>
  );
}

const Entries = ({ entries, newest, how, readFile }) =>
  entries.map(({ message, day, ...place }) => (
    <Fragment key={message.client_id ?? message.id}>
      {day && <p class="day">{day}</p>}
      <Message message={message} {...place} how={message === newest ? how : ""} readFile={readFile} />
    </Fragment>
  ));

/** Keeps what is new in view, from its beginning, for who has read up to there; who reads what is older is left alone. */
function useFollowing(ref, messages) {
  const now = useRef({ follows: true, count: 0, anchor: null, at: 0, goal: 0 }).current;

  function settle() {
    const box = ref.current;
    const end = box.scrollHeight - box.clientHeight;
    const top = now.anchor?.isConnected ? now.anchor.offsetTop - 8 : end;
    now.goal = Math.min(end, top);
    if (now.follows) box.scrollTop = now.goal;
  }

  useLayoutEffect(() => {
    const shown = ref.current.querySelectorAll(".message");
    if (messages.at(-1)?.author === "customer") {
      if (messages.length > now.count) now.follows = true;
      now.anchor = null;
    } else if (messages.length > now.count) {
      const firstNew = messages.findLastIndex(({ author }, index) => author === "customer" || index < now.count) + 1;
      const isSameAnswer = now.anchor && Date.now() - now.at < ONE_ANSWER;
      if (!isSameAnswer) [now.anchor, now.at] = [shown[Math.min(firstNew, shown.length - 1)], Date.now()];
    }
    now.count = messages.length;
    settle();
  });
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => ref.current && settle()); // a keyboard comes up, a form opens
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);

  return {
    onScroll() {
      const { scrollTop, scrollHeight, clientHeight } = ref.current;
      now.follows = scrollTop > Math.min(now.goal, scrollHeight - clientHeight) - NEAR;
    },
    isAtEnd: () => ref.current.scrollHeight - ref.current.scrollTop - ref.current.clientHeight < NEAR,
    toEnd() {
      now.anchor = null;
      now.follows = true;
      settle();
    },
  };
}

/** Moves the focus from message to message. */
function walk(event) {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = [...event.currentTarget.querySelectorAll(".message")];
  const here = all.indexOf(document.activeElement.closest(".message"));
  const next = here < 0 ? (step < 0 ? all.length - 1 : 0) : Math.min(Math.max(here + step, 0), all.length - 1);
  if (!all.length) return;
  event.preventDefault();
  all[Number.isFinite(step) ? next : step < 0 ? 0 : all.length - 1].focus();
}

function Typing({ name, isHeard }) {
  return (
    <div class="typing" aria-hidden={!isHeard}>
      <i />
      <span>{say("chat.typing", { name })}</span>
    </div>
  );
}

/** Below the newest answer: one press says that it did not help. It stands outside of the log, which reads all aloud. */
function Unhelpful({ messages, state, onPress }) {
  const [pressed, setPressed] = useState(0);
  const id = state?.unmarked_answer;
  if (!id || id === pressed || messages.at(-1).id !== id) return null;
  function press() {
    setPressed(id);
    onPress(id);
  }
  return (
    <button type="button" class="unhelpful" onClick={press}>
      {say("chat.unhelpful")}
    </button>
  );
}

function Transcript({ messages, history, state, found, onUnhelpful, onAsk, readFile }) {
  const ref = useRef();
  const { isAtEnd, toEnd, onScroll } = useFollowing(ref, messages);
  const [isBehind, setBehind] = useState(false);
  const entries = arrange(messages);
  const byAgent = state?.owner === "agent";
  const newest = messages.findLast(({ author }) => author === "customer");
  const told = { newest, how: newest?.id && state ? progress(newest.id, state) : "", readFile };
  useLayoutEffect(() => setBehind(!isAtEnd()), [messages.length]);
  return (
    <div id="transcript">
      <div
        class="scroller"
        ref={ref}
        role="group"
        tabIndex={0}
        aria-label={say("chat.transcript")}
        onKeyDown={walk}
        onScroll={() => {
          onScroll();
          setBehind(!isAtEnd());
        }}
      >
        <div class="history">
          <Entries entries={entries.slice(0, history)} {...told} />
        </div>
        <div role="log" aria-label={say("chat.log")}>
          <Entries entries={entries.slice(history)} {...told} />
          {state?.typing && <Typing name={byAgent ? state.speaker : say("chat.typist")} isHeard={byAgent} />}
        </div>
        <Unhelpful messages={messages} state={state} onPress={onUnhelpful} />
        <Home messages={messages} history={history} state={state} found={found} onAsk={onAsk} />
      </div>
      {isBehind && (
        <button type="button" class="icon jump" aria-label={say("chat.to_end")} title={say("chat.to_end")} onClick={toEnd}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5v14m-6-6 6 6 6-6" /></svg>
        </button>
      )}
    </div>
  );
}

/** The suggested answers: one stop of the keyboard, in which the arrow keys move. */
function Choices({ choices, onChoose }) {
  const [at, setAt] = useState(0);
  const here = Math.min(at, choices.length - 1);
  if (!choices.length) return null;
  function move(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const button = event.currentTarget.children[here + step];
    if (!button) return;
    event.preventDefault();
    setAt(here + step);
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  return (
    <div class="choices" role="toolbar" aria-label={say("chat.choices")} onKeyDown={move}>
      {choices.map((choice, index) => (
        <button type="button" key={choice.id} tabIndex={index === here ? 0 : -1} onClick={() => onChoose(choice)}>
          {choice.title}
        </button>
      ))}
    </div>
  );
}

/** Shows a conversation, or nothing. */
export function paintConversation(root, shown, { found, onChoose, onUnhelpful, onAsk, readFile }) {
  const empty = { messages: [], history: 0, choices: [], state: null };
  const { key, choices, ...rest } = shown ?? empty;
  root.querySelector(".skeleton")?.remove();
  render(
    <>
      <Transcript key={key} {...rest} found={found} onUnhelpful={onUnhelpful} onAsk={onAsk} readFile={readFile} />
      <Choices choices={choices} onChoose={onChoose} />
    </>,
    root,
  );
}
