/** What is checked in beside the sources: current, typed and small. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (...words) => {
  // As a process of its own, not as a part of this run of tests.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8', env: { ...env, TOWPATH_DIST: '1' } });
  assert.equal(status, 0, stdout + stderr);
};

test('the types hold, and types/ is what tsc makes of the sources', t => {
  const out = mkdtempSync(join(tmpdir(), 'types-'));
  t.after(() => rmSync(out, { recursive: true }));
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--outDir', out);
  const list = folder => readdirSync(folder, { recursive: true }).map(String).filter(name => name.endsWith('.d.ts')).sort();
  assert.deepEqual(list(join(root, 'types')), list(out));
  for (const name of list(out)) assert.equal(readFileSync(join(root, 'types', name), 'utf8'), readFileSync(join(out, name), 'utf8'), name);
});

test('dist/ is current', () => run('scripts/dist.mjs', '--check'));

test('what pages load does what the sources do, its names made short', () => {
  run('--test', '--test-concurrency=3', 'test/carry.test.mjs', 'test/life.test.mjs', 'test/report.test.mjs');
});

test('what a page loads stays under 8 KB', () => {
  const size = name => gzipSync(readFileSync(join(root, 'dist', name)), { level: 9 }).length;
  assert.ok(size('towpath.js') < 8000, `towpath.js has ${size('towpath.js')}`);
  assert.ok(size('report.js') < 3000, `report.js has ${size('report.js')}`);
  assert.ok(size('stand-in.js') < 8300, `stand-in.js has ${size('stand-in.js')}`);
});
