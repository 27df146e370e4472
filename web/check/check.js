/**
 * Starts the check page: begins a run, lets it test, reports it, shows the verdict. One state, drawn as a whole or in part.
 */
import { button, byId, element, fill } from './element.js';
import { begin, report } from './gateway.js';
import { LANGUAGES, choose, remember, remembered } from './language.js';
import { browser } from './mail.js';
import * as draw from './draw.js';
import { fullNameOf, list, outcomeOf, update } from './rows.js';
import { Run } from './run.js';
import { sheet } from './sheet.js';
import { watch } from './signals.js';
import { tools } from './tools.js';
import { view, withoutAnswer } from './verdict.js';

/**
 * @typedef {import('./gateway.js').Answer} Answer
 * @typedef {import('./gateway.js').Begun} Begun
 * @typedef {import('./gateway.js').Problem} Problem
 */

/** The gateway forgets a run after 15 minutes. A page that was left open begins another one before it tests on. */
const RUN_MS = 10 * 60_000;

const SPREAD_MS = 5000;

const base = new URL('.', location.href);
const site = {
  name: location.host,
  host: location.hostname,
  port: Number(location.port) || (location.protocol === 'https:' ? 443 : 80),
  secure: location.protocol === 'https:',
};
const about = /^[a-z0-9-]{4,20}$/i.exec(new URLSearchParams(location.search).get('about') ?? '')?.[0] ?? null;

const state = {
  language: choose([...remembered(), ...navigator.languages]),
  phase: /** @type {'begin' | 'quick' | 'slow' | 'report' | 'done'} */ ('begin'),
  begun: /** @type {Begun | undefined} */ (undefined),
  run: /** @type {Run | undefined} */ (undefined),
  answer: /** @type {Answer | undefined} */ (undefined),
  problem: /** @type {{ problem: Problem, during: 'begin' | 'report' } | undefined} */ (undefined),
  stop: new AbortController(),
  /** Whether the quick tests were stopped, and whether the slow ones ran or shall run. */
  stopped: false,
  slow: false,
  wantSlow: false,
  /** What goes on by itself where the gateway asked for patience. */
  later: /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined),
  date: new Date(),
};
let signals = watch(window);

const texts = () => LANGUAGES[state.language].texts;

const shownView = () => {
  if (state.problem) return withoutAnswer(state.problem.problem, state.problem.during, texts(), site);
  if (!state.answer || !state.run) return undefined;
  const failed = [...state.run.rows.values()].filter(({ state }) => state === 'failed').length;
  return view(state.answer, { controlled: state.run.controlled, foreign: state.run.foreign, stopped: state.stopped, failed, unsteady: state.run.unsteady, idle: state.slow }, texts(), site);
};

const facts = () => ({
  date: state.date.toLocaleString(state.language, { dateStyle: 'long', timeStyle: 'long' }),
  browser: browser(navigator.userAgent),
  url: `${location.origin}${location.pathname}`,
  failures: [...state.run?.rows.values() ?? []].filter(({ state }) => state === 'failed')
    .map(shown => `${fullNameOf(shown.row, texts())}: ${outcomeOf(shown, texts())}`),
});

/** Said to screen readers, and only when it changed. @param {string} text */
const announce = text => {
  const region = byId('announce');
  if (region.textContent !== text) region.textContent = text;
};

const drawProgress = () => {
  const { progress, actions } = texts();
  const rows = [...state.run?.rows.values() ?? []];
  const done = rows.filter(({ state }) => state !== 'waiting' && state !== 'running').length;
  const left = Math.ceil((1 - (state.run?.progress ?? 0)) * 60);
  const text = { begin: progress.begin, quick: progress.running(done, rows.length), slow: progress.idle(left), report: progress.report, done: '' }[state.phase];
  const shown = document.querySelector('#progress p');
  if (shown && state.phase !== 'done') {
    shown.textContent = text;
    document.querySelector('#progress progress')?.setAttribute('value', String(state.run?.progress ?? 0));
    return;
  }
  fill('progress', state.phase === 'done' ? [] : [
    element('h2', {}, progress.title),
    element('p', { class: 'number' }, text),
    element('progress', { max: '1', value: String(state.run?.progress ?? 0), 'aria-label': progress.title }),
    element('div', { class: 'row' },
      button(actions.idle, event => {
        state.wantSlow = !state.wantSlow;
        /** @type {HTMLElement} */ (event.currentTarget).setAttribute('aria-pressed', String(state.wantSlow));
      }, 'toggle', { 'aria-pressed': String(state.wantSlow), hidden: state.phase === 'slow' || state.slow }),
      button(progress.stop, () => state.stop.abort(), 'button-quiet', { id: 'stop' })),
  ]);
};

const drawTests = () => fill('tests', ...(state.run ? [element('h2', {}, texts().tests.title), list(state.run.rows.values(), texts())] : []));

const drawResult = () => {
  const shown = state.phase === 'done' || state.phase === 'slow' ? shownView() : undefined;
  const { actions } = texts();
  fill('result', ...(shown ? draw.result(shown, texts()) : []));
  fill('send', ...(shown && state.phase === 'done' ? draw.send(shown, facts(), texts(), site) : []));
  fill('details', ...(shown && state.answer ? draw.details(shown, texts()) : []));
  fill('actions', ...(state.phase === 'done' && shown ? [
    state.problem?.during === 'report' && button(actions.send, () => void deliver(), 'button-main'),
    state.run?.controlled && !state.problem && !state.slow && !state.stopped && button(actions.idle, () => void slow()),
    button(actions.again, () => void start()),
    !shown.addressee && shown.code && button(actions.print, () => print()),
  ] : []));
  byId('result').setAttribute('aria-labelledby', 'verdict');
  byId('sheet').replaceChildren(.../** @type {Node[]} */ (shown && state.run
    ? sheet(shown, facts(), state.run.rows.values(), state.answer?.works ?? [], texts(), site)
    : []));
  document.body.classList.toggle('has-sheet', !!shown);
};

const drawPage = () => {
  const { page } = texts();
  document.documentElement.lang = state.language;
  document.title = page.title(site.name);
  byId('title').textContent = page.title(site.name);
  byId('skip').textContent = page.skip;
  byId('skip').hidden = false;
  fill('intro', ...page.intro.map(text => element('p', {}, text)), about && element('p', {}, page.about(about)));
  fill('top', element('p', { class: 'soft site' }, site.name), element('div', { class: 'row languages', role: 'group', 'aria-label': page.language },
    Object.entries(LANGUAGES).map(([tag, { name }]) => button(name, () => switchTo(tag), 'button-quiet', { lang: tag, id: `language-${tag}`, 'aria-pressed': String(tag === state.language) }))));
};

const drawAll = () => {
  drawPage();
  fill('progress');
  drawProgress();
  drawResult();
  drawTests();
};

/** @param {string} tag */
const switchTo = tag => {
  state.language = tag;
  remember(tag);
  drawAll();
  byId(`language-${tag}`).focus();
};

/** Moves on to the next phase. @param {typeof state.phase} phase */
const enter = phase => {
  state.phase = phase;
  fill('progress');
  drawProgress();
  drawResult();
  const { progress } = texts();
  announce({ begin: progress.begin, quick: progress.title, slow: progress.idle(60), report: progress.report, done: progress.done }[phase]);
};

/** Shows the verdict, and leads there whoever is not busy elsewhere on the page; the others are told. */
const conclude = () => {
  enter('done');
  const active = document.activeElement;
  if (!active || active === document.body) byId('result').focus();
  else announce(shownView()?.title ?? '');
  if (state.problem?.problem.why !== 'busy') return;
  // Spread, so that a whole office does not come back in the same second.
  const wait = state.problem.problem.seconds * 1000 + Math.random() * SPREAD_MS;
  state.later = setTimeout(() => void (state.problem?.during === 'report' ? deliver() : start()), wait);
};

const deliver = async () => {
  clearTimeout(state.later);
  const { begun, run } = state;
  if (!begun || !run) return;
  enter('report');
  const got = await report(fetch.bind(window), base, begun, { now: run.now, page: signals.page(), tests: run.report });
  state.problem = 'problem' in got ? { problem: got.problem, during: 'report' } : undefined;
  if ('answer' in got) state.answer = got.answer;
  conclude();
};

/** Goes on with the tests that take a minute. @returns {Promise<void>} */
const slow = async () => {
  const { run } = state;
  if (!run) return;
  state.wantSlow = run.now > RUN_MS;
  if (state.wantSlow) return start();
  state.stop = new AbortController();
  run.resume(state.stop.signal);
  enter('slow');
  const timer = setInterval(drawProgress, 1000);
  const tests = run.slow();
  drawTests();
  await tests;
  clearInterval(timer);
  state.slow = !state.stop.signal.aborted;
  return deliver();
};

/** Begins anew. @returns {Promise<void>} */
const start = async () => {
  clearTimeout(state.later);
  Object.assign(state, { begun: undefined, run: undefined, answer: undefined, problem: undefined, stopped: false, slow: false, stop: new AbortController(), date: new Date() });
  signals.stop();
  signals = watch(window);
  state.phase = 'begin';
  drawAll();
  const got = await begin(fetch.bind(window), base, about);
  if ('problem' in got) {
    state.problem = { problem: got.problem, during: 'begin' };
    return conclude();
  }
  state.begun = got.begun;
  const run = new Run(tools({ base, attempt: got.begun.attempt, signals, window }), state.stop.signal, got.begun, shown => {
    update(shown, texts());
    drawProgress();
  });
  state.run = run;
  drawTests();
  enter('quick');
  await run.quick();
  state.stopped = state.stop.signal.aborted;
  if (state.wantSlow && run.controlled && !state.stopped) return slow();
  return deliver();
};

void start();
