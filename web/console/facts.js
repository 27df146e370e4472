/** One observation in words, for people who were not there. Pure. */
import { counted, size, span, transportName } from './words.js';

/** @typedef {Record<string, any>} Fact an observation as the server sends it */

/** @type {Record<string, (fact: Fact) => string>} */
const ATTEMPT_ENDS = {
  open: () => 'alive when the page reported',
  cancelled: () => 'given up, since another had won',
  overtaken: () => 'a later one took over',
  closed: end => `closed in order${end.code ? ` with ${end.code}` : ''}`,
  failed: end => (end.status ? `failed with status ${end.status}` : end.code ? `failed with close code ${end.code}` : 'failed'),
  silent: () => 'nothing came in the time allowed',
  held_back: () => 'small chunks were held back on the way',
};

/** @type {Record<string, (fact: Fact) => string>} */
const ATTACHMENT_ENDS = {
  open: () => 'it lives',
  closed: end => `closed in order by ${end.by_client ? 'the page' : "the backend's side"}${end.code ? ` with ${end.code}` : ''}`,
  superseded: () => 'the page went over to another',
  end_of_stream: () => 'the stream ended (FIN) without a word',
  reset: () => 'the connection was reset (RST)',
  silent: () => 'nothing was heard for too long',
  gateway: end => `the gateway ended it: ${end.outcome}`,
  backend: () => "the backend's side broke first",
};

/** @type {Record<string, (test: Fact) => string>} */
const TESTS = {
  fetch: () => 'Ordinary request',
  socket_silent: () => 'WebSocket, silent',
  socket_text: () => 'WebSocket, text',
  socket_binary: () => 'WebSocket, binary',
  socket_large: test => `WebSocket, ${size(test.bytes)}`,
  socket_server_first: () => 'WebSocket, server first',
  socket_compressed: () => 'WebSocket, compressed',
  socket_trickle: () => 'WebSocket, message by message',
  stream: () => 'Streamed response',
  event_stream: () => 'Event stream',
  long_poll: () => 'Long poll',
  post: test => `Upload of ${size(test.bytes)}`,
  socket_idle: test => `WebSocket, silent for ${span(test.idle_ms)}`,
  stream_idle: test => `Stream, silent for ${span(test.idle_ms)}`,
  socket_busy: test => `WebSocket, busy for ${span(test.lasts_ms)}`,
};

/** @type {Record<string, (outcome: Fact) => string>} */
const OUTCOMES = {
  passed: () => 'passed',
  not_opened: outcome => (outcome.timed_out ? 'never opened' : `did not open${outcome.status ? ` (status ${outcome.status})` : ''}`),
  cut: outcome => `cut after ${span(outcome.after_ms)}${outcome.code ? ` (${outcome.code})` : ''}`,
  silent: outcome => `nothing came for ${span(outcome.waited_ms)}`,
  held_back: outcome => `came ${span(outcome.late_ms)} late and together`,
  different: outcome => `something else came: ${outcome.detail}`,
  not_run: outcome => `not done: ${outcome.reason}`,
};

/** @param {Record<string, (fact: Fact) => string>} words @param {string | undefined} name @param {Fact} fact */
const say = (words, name, fact) => (name && Object.hasOwn(words, name) ? words[name](fact) : (name ?? 'unknown'));

/** How an attempt, an attachment or a test ended. @param {Fact} fact */
export const ending = fact =>
  fact.fact === 'page_test' ? say(OUTCOMES, fact.outcome?.outcome, fact.outcome)
    : say(fact.fact === 'attempt' ? ATTEMPT_ENDS : ATTACHMENT_ENDS, fact.end?.end, fact.end);

/** What a test of the check page did. @param {Fact} fact */
export const testName = fact => say(TESTS, fact.test?.test, fact.test ?? {});

/** @param {(string | false | undefined)[]} parts */
const list = parts => parts.filter(Boolean).join(' · ');

/** @type {Record<string, (fact: Fact) => string>} */
const TELLERS = {
  target: fact => `${fact.scheme}://${fact.host}:${fact.port}${fact.path}`,
  arrival: fact => list([
    `${fact.request.method} ${fact.request.version}, answered ${fact.status}`,
    lostUpgrade(fact) && 'Sec-WebSocket-Key without Upgrade',
    header(fact, 'via') && `Via: ${header(fact, 'via')}`,
    fact.hello && `TLS ${fact.hello.ja4}`,
    fact.round_trip_us && `round trip ${span(fact.round_trip_us / 1000)}`,
    counted(fact.request.headers.length, 'header'),
  ]),
  attachment: fact => list([
    ending(fact),
    `lived ${span(fact.age_ms)}`,
    !fact.attached && 'never attached',
    fact.http2 && 'HTTP/2',
    `up ${size(fact.bytes_up)}, down ${size(fact.bytes_down)}`,
    fact.first_up_ms === null || fact.first_up_ms === undefined ? 'nothing came up' : `first came up after ${span(fact.first_up_ms)}`,
    `silent at its end for ${span(fact.silent_up_ms)} up, ${span(fact.silent_down_ms)} down`,
    fact.round_trip_us && `round trip ${span(fact.round_trip_us / 1000)}`,
  ]),
  attempt: fact => list([
    ending(fact),
    fact.opened_ms != null ? `opened after ${span(fact.opened_ms)}` : 'never opened',
    fact.proven_ms != null ? `data both ways after ${span(fact.proven_ms)}` : 'no data both ways',
    fact.ended_ms != null && `ended after ${span(fact.ended_ms)}`,
  ]),
  page: fact => list([
    fact.online ? 'online' : 'offline',
    fact.secure ? 'came over TLS' : 'came without TLS',
    fact.http_version && `page over ${fact.http_version}`,
    fact.hidden && 'in the background',
    fact.csp_directive && `its policy forbids ${fact.csp_directive}`,
    fact.mixed_content && 'unencrypted WebSocket in an encrypted page',
    !fact.native_websocket && 'WebSocket is not the browser’s own',
    fact.slept && 'slept meanwhile',
    fact.network_changed && 'changed its network',
    fact.user_agent,
  ]),
  page_test: fact => `${ending(fact)}, ${span(fact.elapsed_ms)}`,
  history: fact => list([
    `${counted(fact.ends.length, 'connection')} of ${counted(fact.clients, 'client')} in ${span(fact.span_ms)}`,
  ]),
};

/** What happened, in one line. @param {Fact} fact */
export const tells = fact => {
  try {
    return say(TELLERS, fact.fact, fact);
  } catch {
    // A fact of a shape that this page does not know yet.
    return fact.fact;
  }
};

/** @type {Record<string, (fact: Fact) => string>} */
const TITLES = {
  target: () => 'What was asked for',
  arrival: fact => `Request for ${transportName(fact.transport)}`,
  attachment: fact => `${transportName(fact.transport)}${fact.generation ? ` no. ${fact.generation}` : ''}`,
  attempt: fact => `Attempt of ${transportName(fact.transport)}`,
  page: () => 'The page and its browser',
  page_test: fact => testName(fact),
  history: () => 'How this network fared',
};

/** What an observation is about. @param {Fact} fact */
export const titled = fact => say(TITLES, fact.fact, fact);

/** @param {Fact} fact @param {string} name */
const header = (fact, name) => fact.request.headers.find((/** @type {{ name: string }} */ one) => one.name.toLowerCase() === name)?.value;

/** @param {Fact} fact */
export const lostUpgrade = fact =>
  fact.request.version !== 'HTTP/2' && header(fact, 'sec-websocket-key') !== undefined && !/websocket/i.test(header(fact, 'upgrade') ?? '');
