/** The demo's page: joins the switch, the two panels and the diagnosis. */
import { TowpathWebSocket } from '/.towpath/towpath.js';
import { note, shown } from './diagnosis.js';
import { element } from './draw.js';
import { Panel } from './panel.js';
import * as networks from './switch.js';

/** @param {string} id */
const byId = id => /** @type {any} */ (document.getElementById(id));

/** How long a report may take after the search is over, before nothing is left to be said. */
const REPORT_MS = 6000;
const TELL_MS = 500;

const plain = new Panel(byId('plain'));
const towpath = new Panel(byId('towpath'));
/** @type {networks.Network} */
let network;
/** @type {import('./diagnosis.js').Answer | undefined} */
let answer;
/** @type {any} */
let socket;
/** @type {string} */
let path;
/** @type {number | null} the console's port */
let consolePort;

// What was learned of a network would spare the next search the detour that this page is there to show.
TowpathWebSocket.storage = null;

/** @param {'http' | 'ws'} scheme @param {number} port @param {string} path */
const address = (scheme, port, path) => {
  const url = new URL(path, location.href);
  url.protocol = scheme;
  url.port = `${port}`;
  return url.href;
};

/** @param {Node[]} parts */
const say = parts => byId('said').replaceChildren(...parts);

/** @param {string} href @param {string} text @param {string} [more] */
const link = (href, text, more = '') => element('li', {}, element('a', { href, target: '_blank', rel: 'noopener' }, text), more);

const drawLinks = () => {
  const code = answer?.code;
  const about = code ? `?about=${encodeURIComponent(code)}` : '';
  byId('links').replaceChildren(
    link(address('http', network.towpath, `/.towpath/check${about}`), 'Check page', ', through this network: what any user can open'),
    ...(consolePort ? [link(address('http', consolePort, code ? `/#/case/${encodeURIComponent(code)}` : '/'), code ? 'This case in the console' : 'Console', ', for whoever runs the application; the token is in the terminal')] : []),
  );
};

/** @param {networks.Network} chosen */
const choose = chosen => {
  network = chosen;
  byId('explanation').textContent = chosen.explanation;
  for (const panel of [plain, towpath]) panel.network(`“${chosen.title}”`);
  answer = undefined;
  drawLinks();
};

/** What there is to say when no report has come. */
const unreported = () => {
  if (answer) return;
  const { count, of } = towpath.outcome;
  const well = count > 0 && count === of;
  if (well && cuts) {
    say(note(`The connection was cut ${cuts === 1 ? 'once' : `${cuts} times`} and taken up again; nothing was lost.`,
      'So little proves no cause. The gateway remembers it for this network, and keeps connections busier there; the check page can test silence on purpose.'));
  } else {
    say(note(well && lastTransport === 'websocket'
      ? 'Nothing. The WebSocket works here, so the page had nothing to report.'
      : 'No report has come.'));
  }
};
let lastTransport = '';
let cuts = 0;

const run = () => {
  answer = undefined;
  lastTransport = '';
  cuts = 0;
  drawLinks();
  say(note('Listening to what page and gateway see …'));
  const wish = { from: byId('from').value, to: byId('to').value, ...(byId('haulier').checked && { also: 'haulier' }) };
  plain.run(WebSocket, address('ws', network.plain, path), wish);
  const own = socket = /** @type {any} */ (towpath.run(/** @type {any} */ (TowpathWebSocket), address('ws', network.towpath, path), wish));
  own.addEventListener('transportchange', () => {
    if (own !== socket) return;
    lastTransport = own.transport || lastTransport;
    towpath.transport(own.transport);
  });
  own.addEventListener('reconnecting', () => { if (own === socket) cuts += 1; });
  own.addEventListener('report', (/** @type {any} */ event) => {
    if (own !== socket) return;
    answer = event.detail;
    say(shown(event.detail));
    drawLinks();
  });
  own.addEventListener('close', () => setTimeout(() => own === socket && unreported(), REPORT_MS));
};

/** Whoever shows this page in a frame, as slides and tests do, learns what it shows. */
const tell = () => {
  if (parent === window) return;
  const shown = { network: network.name, plain: plain.outcome, towpath: towpath.outcome, answer };
  parent.postMessage(shown, '*');
};

const start = async () => {
  const query = new URLSearchParams(location.search);
  const told = await (await fetch('networks.json')).json();
  ({ path, console: consolePort } = told);
  networks.draw(byId('networks'), told.networks, query.get('network'), choose);
  say(note('Start a search. What goes wrong is told here, with the reason.'));
  byId('form').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    run();
  });
  byId('haulier').checked = !query.has('brief');
  if (query.has('go')) run();
  setInterval(tell, TELL_MS);
};

start().catch(error => say(note(`The demo does not answer: ${error.message}`)));
