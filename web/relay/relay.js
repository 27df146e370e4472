/**
 * Keeps the page current: asks for it again and takes over what is new. Without this script the page shows what was
 * true when it was loaded.
 */

const PAUSE_MS = 2000;
const PARTS = ['summary', 'tiles', 'troubles', 'sides', 'links'];

const live = /** @type {HTMLElement} */ (document.getElementById('live'));
const text = /** @type {HTMLElement} */ (document.getElementById('live-text'));

/** @param {'live' | 'lost'} state @param {string} words */
const say = (state, words) => {
  live.dataset.state = state;
  // A screen reader speaks what changes, so the same is not said again.
  if (text.textContent !== words) text.textContent = words;
};

/** Takes over the parts that differ; the rest keeps its focus and its selection. @param {Document} next */
const take = next => {
  document.title = next.title;
  for (const id of PARTS) {
    const [now, then] = [document.getElementById(id), next.getElementById(id)];
    if (now && then && !now.isEqualNode(then)) now.replaceChildren(...then.childNodes);
  }
};

const ask = async () => {
  try {
    const answer = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`the relay answers ${answer.status}`);
    take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    say('live', 'Live');
  } catch {
    say('lost', 'The relay does not answer; this is what it said last');
  }
};

const run = async () => {
  // A page in the background asks for nothing.
  if (document.visibilityState === 'visible') await ask();
  setTimeout(run, PAUSE_MS);
};

document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask());
run();
