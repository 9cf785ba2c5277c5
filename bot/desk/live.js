// What the live pages share: a line that comes back by itself, the state of the connection, a sound, a badge in the title.

export const csrf = document.body.dataset.csrf;
const TIMEOUT = 15_000; // milliseconds
const FIRST_PAUSE = 500, MAX_PAUSE = 10_000; // milliseconds

/** Posts a form's fields; returns the response, or null when none came. */
export function post(path, fields = {}) {
  return fetch(path, { method: "POST", headers: { "x-csrf": csrf }, body: new URLSearchParams(fields), signal: AbortSignal.timeout(TIMEOUT) }).catch(() => null);
}

/** Listens to a stream. address(): where from. handlers: what to do with each kind of event. line: tells how it stands. */
export function listen(address, handlers, line) {
  let source, pause = FIRST_PAUSE;

  function connect() {
    source = new EventSource(address());
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE;
      line("");
    });
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, ({ data }) => handle(data));
    }
    source.addEventListener("ended", () => {
      source.close();
      line("ended");
    });
    source.addEventListener("error", async () => {
      source.close();
      line("offline");
      // A stream does not tell why it is refused.
      if ((await post("/desk/here"))?.status === 401) return line("ended");
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, MAX_PAUSE);
    });
  }

  connect();
}

const title = document.title;

/** Shows a number in the title of the tab. */
export function badge(count) {
  document.title = count ? `(${count}) ${title}` : title;
}

let audio;

/** Plays two short tones, where the browser allows it. */
export function ring() {
  audio ??= new AudioContext();
  [660, 880].forEach((frequency, index) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const begin = audio.currentTime + index * 0.15;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.1, begin);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.14);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.15);
  });
}
