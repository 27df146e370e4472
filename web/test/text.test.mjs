/** The texts: both languages whole and alike, causes translated, remedies true to the catalogue. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import causes from '../text/de-causes.js';
import de from '../text/de.js';
import en from '../text/en.js';
import { REASONS, QUICK, SLOW } from '../check/plan.js';
import { choose } from '../check/language.js';
import { nameOf } from '../check/rows.js';
import { spoken } from '../check/spoken.js';
import { CATALOGUE } from './catalogue.mjs';

/** What the rules over page and gateway can find: the causes that their sources name. */
const rules = new URL('../../core/diagnosis/src/rules/sides/', import.meta.url);
const REACHABLE = new Set(readdirSync(rules).filter(name => name.endsWith('.rs'))
  .flatMap(name => [...readFileSync(new URL(name, rules), 'utf8').matchAll(/"([a-z0-9]+(?:-[a-z0-9]+)+)"/g)].map(([, word]) => word))
  .filter(word => CATALOGUE.has(word)));

/** Found, and told in English only. */
const ENGLISH_ONLY = new Set();

/** Names of members with the kind of each; a function counts its parameters. */
const shape = (value, path = '') => (value && typeof value === 'object'
  ? Object.entries(value).flatMap(([key, member]) => shape(member, `${path}.${key}`))
  : [`${path}: ${typeof value} ${typeof value === 'function' ? value.length : ''}`]);

test('both languages have the same members', () => {
  const { causes: _, ...german } = de;
  const { causes: __, ...english } = en;
  assert.deepEqual(shape(german), shape(english));
});

test('no text is empty, and none was left in the other language', () => {
  const same = new Set();
  const walk = (a, b, path) => {
    if (typeof a === 'string') {
      assert.ok(a.trim() && b.trim(), path);
      if (a === b && a.length > 12) same.add(path);
    } else if (typeof a === 'object') for (const key of Object.keys(a)) walk(a[key], b[key], `${path}.${key}`);
  };
  walk({ ...en, causes: {} }, de, '');
  assert.deepEqual([...same], []);
});

test('every cause that page and gateway can find has a German text', () => {
  assert.ok(REACHABLE.size > 20);
  assert.deepEqual([...REACHABLE].filter(cause => !Object.hasOwn(causes, cause) && !ENGLISH_ONLY.has(cause)), []);
});

test('German texts belong to causes of the catalogue', () => {
  assert.deepEqual(Object.keys(causes).filter(cause => !CATALOGUE.has(cause)), []);
});

test('German remedies name the lines of the catalogue, and no others', () => {
  for (const [cause, { user, it, operator = '' }] of Object.entries(causes)) {
    const { remedy } = CATALOGUE.get(cause);
    const english = Object.values(remedy).join(' ');
    for (const [, line] of `${user} ${it} ${operator}`.matchAll(/`([^`]+)`/g)) assert.ok(english.includes(`\`${line}\``), `${cause}: ${line}`);
    for (const [name] of `${user} ${it} ${operator}`.matchAll(/\{\w+\}/g)) assert.ok(['{host}', '{port}'].includes(name), `${cause}: ${name}`);
  }
});

test('each test and each reason has a name in each language', () => {
  for (const texts of [en, de]) {
    for (const row of [...QUICK, ...SLOW]) assert.ok(nameOf(row, texts).length > 4, row.id);
    assert.deepEqual(Object.keys(texts.reasons).sort(), Object.keys(REASONS).sort());
    const names = [...QUICK, ...SLOW].map(row => `${row.group} ${nameOf(row, texts)}`);
    assert.equal(new Set(names).size, names.length);
  }
});

test('a code is spelt letter by letter, in the alphabet of the language', () => {
  assert.deepEqual(spoken('k3m9-p2xq', en.code), ['K like Kilo', '3', 'M like Mike', '9', 'P like Papa', '2', 'X like X-ray', 'Q like Quebec']);
  assert.equal(spoken('k3m9', de.code)[0], 'K wie Köln');
  for (const texts of [en, de]) {
    for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') assert.ok(texts.code.alphabet[letter].toUpperCase().startsWith(letter), letter);
  }
});

test('the language is the first of the browser’s that there is', () => {
  assert.equal(choose(['fr-FR', 'de-CH', 'en']), 'de');
  assert.equal(choose(['en-GB', 'de']), 'en');
  assert.equal(choose(['fr', '__proto__']), 'en');
  assert.equal(choose([]), 'en');
});
