// Arranges messages as a messenger does: by day, and by who speaks for some minutes.

import { locale, say } from "./words.js";

const PAUSE = 5 * 60_000; // milliseconds after which the time is worth telling again
const DAY = { weekday: "long", day: "numeric", month: "long" };

const dayOf = ({ at }) => new Date(at).toDateString();

function nameOfDay(message) {
  const today = new Date();
  const yesterday = new Date();
  yesterday.setDate(today.getDate() - 1);
  if (dayOf(message) === today.toDateString()) return say("chat.today");
  if (dayOf(message) === yesterday.toDateString()) return say("chat.yesterday");
  return new Intl.DateTimeFormat(locale(), DAY).format(new Date(message.at));
}

const isApart = (one, next) =>
  one.author !== next.author ||
  one.speaker !== next.speaker ||
  dayOf(one) !== dayOf(next) ||
  new Date(next.at) - new Date(one.at) > PAUSE;

/** Returns for each message whether its speaker begins and ends there, and the day, if it is another than before. */
export function arrange(messages) {
  return messages.map((message, index) => {
    const [before, after] = [messages[index - 1], messages[index + 1]];
    const isNewDay = before ? dayOf(before) !== dayOf(message) : dayOf(message) !== new Date().toDateString();
    return {
      message,
      begins: !before || isApart(before, message),
      ends: !after || isApart(message, after),
      day: isNewDay ? nameOfDay(message) : "",
    };
  });
}
