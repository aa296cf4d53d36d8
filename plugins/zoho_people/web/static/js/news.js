/** Notices a run that published while the page is open: asks now and then, and only while somebody looks. */

const EVERY_MS = 60_000;

/** Call `look` every minute while the page is seen, and when it is seen again. */
export function whileSeen(look) {
  let last = Date.now();
  const tick = () => {
    if (document.hidden || Date.now() - last < EVERY_MS) return;
    last = Date.now();
    look();
  };
  setInterval(tick, EVERY_MS / 4);
  document.addEventListener("visibilitychange", tick);
}
