/** The relay's page keeps itself current, and says so when it cannot; with as much of a browser as it uses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

/** @param {string} html */
const part = html => ({
  html,
  get childNodes() { return [this.html]; },
  taken: 0,
  /** @param {{ html: string }} other */
  isEqualNode(other) { return this.html === other.html; },
  /** @param {string} next */
  replaceChildren(next) { this.html = next; this.taken += 1; },
});

const shown = { summary: part('a'), tiles: part('a'), troubles: part('a'), sides: part('a'), links: part('a') };
const live = { dataset: {} };
const text = { textContent: '' };
const elements = { ...shown, live, 'live-text': text };

/** What the relay answers next: parts by name, or an error. */
let next = /** @type {Record<string, string> | Error} */ ({});
let later = () => {};

const documentOf = parts => ({ title: parts.title ?? 'x', getElementById: id => (id in parts ? part(parts[id]) : null) });
const listeners = {};
Object.assign(globalThis, {
  document: { title: '', visibilityState: 'visible', getElementById: id => elements[id] ?? null, addEventListener: (name, listener) => { listeners[name] = listener; } },
  DOMParser: class { parseFromString(parts) { return documentOf(JSON.parse(parts)); } },
  fetch: async () => {
    if (next instanceof Error) throw next;
    return { ok: !next.status, status: next.status, text: async () => JSON.stringify(next) };
  },
});
const wait = globalThis.setTimeout;
globalThis.setTimeout = /** @type {any} */ (run => { later = run; });

/** Until everything that is due has happened. */
const settled = () => new Promise(done => { wait(done, 5); });

test('only what differs is taken over', async () => {
  next = { title: '1 not ready', tiles: 'b', sides: 'a' };
  await import('../relay/relay.js');
  await settled();
  assert.equal(document.title, '1 not ready');
  assert.deepEqual([shown.tiles.html, shown.tiles.taken, shown.sides.taken, shown.links.taken], ['b', 1, 0, 0]);
  assert.deepEqual([live.dataset.state, text.textContent], ['live', 'Live']);
});

test('a relay that is gone is told, and so is its return', async () => {
  for (const gone of [new Error('no'), { status: '503' }]) {
    next = gone;
    later();
    await settled();
    assert.equal(live.dataset.state, 'lost');
    assert.match(text.textContent, /what it said last/);
    assert.equal(shown.tiles.html, 'b');
  }
  next = { tiles: 'c' };
  later();
  await settled();
  assert.deepEqual([live.dataset.state, shown.tiles.html], ['live', 'c']);
});

test('a page in the background asks for nothing until it is seen', async () => {
  document.visibilityState = 'hidden';
  next = { tiles: 'd' };
  later();
  await settled();
  assert.equal(shown.tiles.html, 'c');
  document.visibilityState = 'visible';
  listeners.visibilitychange();
  await settled();
  assert.equal(shown.tiles.html, 'd');
});
