/** The catalogue of causes as the gateway knows it, read from its files: strings of the parts that a page is shown. */
import { readFileSync, readdirSync } from 'node:fs';

const folder = new URL('../../core/diagnosis/catalogue/', import.meta.url);
const STRING = /^(\w+) = ("(?:[^"\\]|\\.)*")$/gm;

/** Each cause by its id, with `title`, `layer`, `vantages` and `remedy`. */
export const CATALOGUE = new Map(readdirSync(folder).filter(name => name.endsWith('.toml')).flatMap(name =>
  readFileSync(new URL(name, folder), 'utf8').split('[[cause]]').slice(1).map(block => {
    const strings = Object.fromEntries([...block.matchAll(STRING)].map(([, key, value]) => [key, JSON.parse(value)]));
    const { id, title, layer, user, it, operator } = strings;
    const vantages = JSON.parse(/^vantages = (\[.*\])$/m.exec(block)[1]);
    return [id, { id, title, layer, vantages, remedy: { user, it, operator } }];
  })));
