/** The catalogue of causes as the gateway tells it, read from its files. For tests and development. */
import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../../core/diagnosis/catalogue/', import.meta.url);
const ORDER = ['dns', 'tcp', 'tls', 'proxy', 'endpoint', 'http', 'frame', 'time', 'page', 'app', 'meta'];

/** The little of TOML that these files use. @param {string} text */
const parse = text => {
  /** @type {any[]} */
  const all = [];
  let target = /** @type {any} */ (undefined);
  for (const line of text.split('\n')) {
    if (line.startsWith('[[cause]]')) all.push((target = { remedy: {} }));
    else if (line.startsWith('[cause.remedy]')) target = all[all.length - 1].remedy;
    else {
      const [, name, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
      if (name) target[name] = JSON.parse(value);
    }
  }
  return all;
};

export const causes = readdirSync(FOLDER)
  .filter(name => name.endsWith('.toml'))
  .sort((one, other) => ORDER.indexOf(one.slice(0, -5)) - ORDER.indexOf(other.slice(0, -5)))
  .flatMap(name => parse(readFileSync(new URL(name, FOLDER), 'utf8')));
