/**
 * Writes `dist/`: all modules in one file each, minified, for pages that load it in one request. `src/` works as it is.
 * No bundler: the modules are joined in the order of their imports. `--check` only says whether `dist/` is current.
 *
 * It relies on how this project writes its modules: each import and export stands on lines of its own, line
 * comments start a line, and no two modules have the same name at their top level (checked).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const IMPORT = /^import [^;]*?'(\.[^']+)';\n/gm;
const EXPORT_DEFAULT = /^export default \w+;\n/gm;

/** The modules that `file` needs, each behind those that it needs itself. */
const order = (file, seen = new Set()) => {
  for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORT)) order(resolve(dirname(file), path), seen);
  return seen.add(file);
};

/** The code without comments, imports and exports. */
const bare = text => text
  .replace(/\/\*\*[\s\S]*?\*\/ ?/g, '')
  .replace(/^\s*\/\/.*\n/gm, '')
  .replace(IMPORT, '')
  .replace(EXPORT_DEFAULT, '')
  .replace(/^export (?!default)/gm, '');

const whole = file => {
  const code = [...order(file)].map(path => bare(readFileSync(path, 'utf8'))).join('');
  const names = [...code.matchAll(/^(?:const|let|class) (\w+)/gm)].map(([, name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice) throw new Error(`two modules have the name ${twice} at their top level`);
  return code;
};

const licence = '// MIT OR Apache-2.0\n';
/**
 * Properties that only our own modules see: neither part of the API, nor of JSON on the wire, nor used of an object of
 * the browser's (browsers have others of some of these names), nor written by a name in a string.
 */
const OURS = [
  'abandon', 'ack', 'ackAt', 'ackDelay', 'acknowledge', 'act', 'action', 'again', 'arm', 'ask', 'attach', 'awake', 'back', 'buffered',
  'closed', 'consumed', 'counted', 'credit', 'current', 'deadline', 'deliver', 'engine', 'fail', 'failed', 'fault', 'first', 'flush',
  'forbidden', 'gateway', 'heard', 'item', 'kind', 'leave', 'link', 'name', 'networkChanged', 'note', 'outbox', 'owner', 'pause',
  'payload', 'ping', 'pongAt', 'prove', 'proven', 'reader', 'receive', 'remembered', 'renew', 'rewind', 'say', 'secret', 'sequence',
  'silentAt', 'start', 'started', 'superseded', 'take', 'tick', 'timeline', 'told', 'total', 'trace', 'transmit', 'used', 'wait', 'with',
  'woke',
];
const small = async (code, module, ours = OURS) => licence + (await minify(code, {
  module,
  ecma: 2022,
  compress: { passes: 5, unsafe: true, unsafe_comps: true, unsafe_arrows: true, unsafe_methods: true, pure_getters: true, keep_fargs: false },
  mangle: { properties: { builtins: true, regex: new RegExp(`^(${ours.join('|')})$`) } },
})).code + '\n';
const module = whole(join(root, 'src/towpath.js'));
const report = whole(join(root, 'src/report.js'));
const standIn = whole(join(root, 'src/stand-in.js'));
const files = {
  'towpath.js': await small(`${module}export { TowpathWebSocket, TowpathWebSocket as default };\n`, true),
  'report.js': await small(report, true, ['']),
  'stand-in.js': await small(`(() => {\n${standIn}})();\n`, true),
};

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(files)) {
  const path = join(root, 'dist', name);
  if (check) {
    if (readFileSync(path, 'utf8') !== text) throw new Error(`dist/${name} is not current: npm run dist`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  console.log(`${name}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped`);
}
