// A worker that says that a page of the desk is open: browsers slow a page's own timers down where it is not looked at.

const BEAT = 15_000; // milliseconds

onmessage = ({ data: csrf }) => {
  const beat = async () => {
    const answer = await fetch("/desk/here", { method: "POST", headers: { "x-csrf": csrf } }).catch(() => null);
    if (answer) postMessage(answer.ok ? await answer.json() : { stale: answer.status === 403 });
  };
  setInterval(beat, BEAT);
  beat();
};
