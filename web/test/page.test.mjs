/** The page's files: typed, clean under a strict policy, readable in both colour schemes; and the arithmetic of patience. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { heldBack, lateness, transfer, waits } from '../check/patience.js';

const web = new URL('../', import.meta.url);
const read = name => readFileSync(new URL(name, web), 'utf8');
const all = readdirSync(web, { recursive: true }).map(String).filter(name => !name.startsWith('test'));

test('the types hold', () => {
  const tsc = fileURLToPath(new URL('../client/node_modules/typescript/bin/tsc', web));
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', fileURLToPath(new URL('tsconfig.json', web))], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

test('nothing is inline, and no text becomes markup', () => {
  for (const name of all.filter(name => name.endsWith('.html'))) {
    assert.doesNotMatch(read(name), /<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:/i, name);
  }
  for (const name of all.filter(name => name.endsWith('.js'))) {
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'/, name);
  }
});

test('what the check page links is there', () => {
  const links = [...read('check/index.html').matchAll(/(?:href|src)="(\.\/[^"]+)"/g)].map(([, link]) => link);
  assert.ok(links.length >= 3);
  for (const link of links) assert.ok(existsSync(new URL(link, web)), link);
});

/** Relative luminance of WCAG 2.2. */
const luminance = colour => {
  const [red, green, blue] = [1, 3, 5].map(at => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

test('text can be read in light and dark', () => {
  const colours = part => Object.fromEntries([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
  const [light, dark] = read('style/base.css').split('@media (prefers-color-scheme: dark)');
  const schemes = [colours(light), { ...colours(light), ...colours(dark.split('\n}\n')[0]) }];
  assert.notEqual(schemes[0].ground, schemes[1].ground);
  for (const scheme of schemes) {
    const enough = (text, ground, least) => {
      const got = contrast(scheme[text], scheme[ground]);
      assert.ok(got >= least, `${text} on ${ground}: ${got.toFixed(2)}`);
    };
    for (const ground of ['ground', 'surface', 'surface-sunken']) {
      for (const text of ['text', 'text-soft', 'accent']) enough(text, ground, 4.5);
      for (const mark of ['line-strong', 'chart-1', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6']) enough(mark, ground, mark === 'line-strong' ? 2.7 : 3);
    }
    for (const tone of ['ok', 'fault', 'likely', 'context']) {
      enough(tone, `${tone}-ground`, 4.5);
      enough(tone, 'surface', 4.5);
    }
    enough('on-accent', 'accent', 4.5);
    enough('accent', 'accent-ground', 4.5);
  }
});

test('waits follow the network, within limits', () => {
  assert.equal(waits(5, 5).open, 3000);
  assert.ok(waits(3000, 1000).open > 10_000);
  assert.equal(waits(60_000, 60_000).open, 20_000);
  assert.equal(waits(60_000, 60_000).answer, 15_000);
});

test('a transfer that would take too long is left out', () => {
  const patience = waits(20, 20);
  assert.ok(transfer(1024, undefined, patience) >= 3000);
  assert.ok(transfer(1 << 20, { bytes: 65536, elapsed: 100 }, patience) > 3000);
  assert.equal(transfer(1 << 20, { bytes: 65536, elapsed: 4000 }, patience), undefined);
});

test('held back means late and together, not late alone', () => {
  const patience = waits(20, 20);
  const parts = came => came.map((came, n) => ({ sent: n * 250, came }));
  const even = parts([10, 262, 511, 760, 1012, 1260]);
  const together = parts([1260, 1260, 1261, 1262, 1262, 1270]);
  const oneLate = parts([10, 262, 1511, 1512, 1530, 1600]);
  assert.ok(lateness(even) < 20);
  assert.ok(!heldBack(even, 1250, patience));
  assert.ok(heldBack(together, 1250, patience));
  assert.ok(!heldBack(oneLate, 1250, patience));
  assert.equal(lateness([]), 0);
});
