/** Made-up facts of a busy day, for looking at the console without a gateway. Only for development. */

/** A generator of numbers that is the same at each run. @param {number} seed */
const random = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};

const CAUSES = [
  ['proxy-upgrade-stripped', 'proxy', 'A proxy on the way removes the request to switch to WebSocket', 'certain'],
  ['time-idle', 'time', 'A hop closes the connection when it is silent for too long', 'likely'],
  ['frame-reset-first', 'frame', 'A device resets the connection after its first message', 'certain'],
  ['proxy-buffers', 'proxy', 'A proxy holds streamed answers back until they are complete', 'likely'],
  ['tls-inspected', 'tls', 'A device on the way opens TLS and reads along', 'possible'],
];
const NETWORKS = ['198.51.100.0/24', '203.0.113.0/24', '192.0.2.0/24', '2001:db8:40::/48', '10.20.3.0/24'];
const BROWSERS = ['Chrome 141', 'Firefox 140', 'Edge 141', 'Safari 26'];
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';

/** @param {number} hours @param {number} step */
export const series = (hours, step) => {
  const now = Math.floor(Date.now() / 1000);
  const all = [];
  for (let at_unix_s = Math.floor((now - hours * 3600) / step) * step; at_unix_s <= now; at_unix_s += step) {
    const next = random(at_unix_s);
    const date = new Date(at_unix_s * 1000);
    const hour = date.getHours() + date.getMinutes() / 60;
    const day = Math.max(0.06, Math.sin(((hour - 5) / 24) * Math.PI * 1.25)) * 420;
    const trouble = hour > 13.5 && hour < 15 ? 90 : 12;
    for (const [transport, open] of [['websocket', day], ['stream', trouble], ['sse', 5], ['poll', trouble / 4], ['plain', day / 7]]) {
      const level = Math.round(open * (0.92 + next() * 0.16));
      const used = Math.round(level * 0.4);
      const better = transport === 'websocket' || transport === 'plain';
      all.push({ at_unix_s, transport, used, first: Math.round(used * 0.8), fallback: better ? 0 : Math.round(used * 0.9), cut: Math.round(used * (better ? 0.02 : 0.1)), open: level });
    }
  }
  return all;
};

/** @param {number} seed */
const code = seed => {
  const next = random(seed);
  return Array.from({ length: 8 }, () => LETTERS[Math.floor(next() * 32)]).join('');
};

/** @param {number} count */
export const rows = count => Array.from({ length: count }, (_, at) => row(at));

/** @param {number} at */
export const row = at => {
  const next = random(at * 77 + 5);
  const [cause, , title, confidence] = CAUSES[Math.floor(next() ** 2 * CAUSES.length)];
  const kind = next() < 0.2 ? 'check' : 'session';
  const healthy = kind === 'check' && next() < 0.4;
  const started = Date.now() - at * 410_000 * (0.5 + next()) - 9_000;
  return {
    code: at === 0 ? 'k3m9p2xq' : code(at), kind, started_unix_ms: started, updated_unix_ms: started + 4_000,
    network: NETWORKS[Math.floor(next() ** 1.6 * NETWORKS.length)], user: code(1000 + (at % 17)).repeat(2), browser: BROWSERS[Math.floor(next() * 4)],
    host: 'shop.example.com', path: '/graphql', transport: healthy ? 'websocket' : ['stream', 'stream', 'poll', 'sse', ''][Math.floor(next() * 5)],
    from_page: next() < 0.8, verdict: healthy ? 'healthy' : 'fault', findings: healthy ? [] : [{ cause, title, confidence }],
  };
};

/** @param {number} hours */
export const overview = hours => {
  const step = hours <= 1 ? 60 : hours <= 6 ? 300 : hours <= 24 ? 900 : hours <= 168 ? 7200 : 28800;
  return {
    hours, step_seconds: step, series: series(hours, step), users: 57,
    now: { connections: 511, sessions: 438, plain: 58 },
    findings: CAUSES.map(([cause, layer, title], at) => ({ cause, layer, title, users: [31, 14, 8, 5, 1][at], cases: [120, 33, 9, 11, 1][at], networks: [3, 4, 1, 1, 1][at], last_unix_ms: Date.now() - at * 1_900_000 - 20_000 })),
    networks: NETWORKS.map((network, at) => ({ network, users: [28, 12, 9, 5, 3][at], cases: [90, 40, 20, 12, 3][at], fallbacks: [80, 12, 9, 12, 0][at], first_fault_unix_ms: Date.now() - (at + 1) * 5_400_000, last_unix_ms: Date.now(), causes: [{ cause: CAUSES[at][0], title: CAUSES[at][2], cases: 5 }] })),
  };
};

const headers = (/** @type {[string, string][]} */ ...all) => all.map(([name, value]) => ({ name, value }));

/** @param {string} asked */
export const oneCase = asked => {
  const started = Date.now() - 95_000;
  let id = 0;
  const fact = (/** @type {number} */ at_ms, /** @type {string} */ vantage, /** @type {object} */ rest) => ({ id: ++id, at_ms, vantage, ...rest });
  const attachment = { generation: 0, http2: false, attached: true, used: true, first_up_ms: 30, silent_up_ms: 400, silent_down_ms: 300, bytes_up: 5230, bytes_down: 48_200, messages_up: 12, messages_down: 80, round_trip_us: 21_000 };
  const observations = [
    fact(0, 'gateway', { fact: 'target', url: 'wss://shop.example.com/graphql', scheme: 'wss', host: 'shop.example.com', port: 443, path: '/graphql' }),
    fact(0, 'page', { fact: 'attempt', transport: 'websocket', opened_ms: null, proven_ms: null, ended_ms: 212, end: { end: 'failed', code: 1006, status: null } }),
    fact(48, 'gateway', { fact: 'arrival', transport: 'websocket', status: 426, network: '198.51.100.0/24', trusted_hops: 0, round_trip_us: 21_000, hello: null, request: { method: 'GET', target: '/graphql/.towpath/websocket', version: 'HTTP/1.1', headers: headers(['host', ''], ['via', '1.1 gate7 (squid)'], ['sec-websocket-key', ''], ['sec-websocket-version', '13'], ['user-agent', 'Mozilla/5.0']) } }),
    fact(160, 'page', { fact: 'attempt', transport: 'stream', opened_ms: 96, proven_ms: 131, ended_ms: 61_800, end: { end: 'failed', code: null, status: null } }),
    fact(204, 'gateway', { fact: 'arrival', transport: 'stream', status: 200, network: '198.51.100.0/24', trusted_hops: 0, round_trip_us: 21_000, hello: null, request: { method: 'POST', target: '/graphql/.towpath/stream', version: 'HTTP/1.1', headers: headers(['host', ''], ['via', '1.1 gate7 (squid)']) } }),
    fact(61_900, 'gateway', { fact: 'attachment', transport: 'stream', ...attachment, generation: 1, age_ms: 61_690, silent_down_ms: 60_010, end: { end: 'end_of_stream' } }),
    fact(61_950, 'page', { fact: 'attempt', transport: 'websocket', opened_ms: null, proven_ms: null, ended_ms: 190, end: { end: 'failed', code: 1006, status: null } }),
    fact(61_999, 'gateway', { fact: 'arrival', transport: 'websocket', status: 426, network: '198.51.100.0/24', trusted_hops: 0, round_trip_us: 21_000, hello: null, request: { method: 'GET', target: '/graphql/.towpath/websocket', version: 'HTTP/1.1', headers: headers(['via', '1.1 gate7 (squid)'], ['sec-websocket-key', '']) } }),
    fact(62_060, 'page', { fact: 'attempt', transport: 'stream', opened_ms: 88, proven_ms: 120, ended_ms: null, end: { end: 'open' } }),
    fact(62_100, 'gateway', { fact: 'arrival', transport: 'stream', status: 200, network: '198.51.100.0/24', trusted_hops: 0, round_trip_us: 21_000, hello: null, request: { method: 'POST', target: '/graphql/.towpath/stream', version: 'HTTP/1.1', headers: headers(['via', '1.1 gate7 (squid)']) } }),
    fact(62_300, 'page', { fact: 'page', user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/141', origin: 'https://shop.example.com', online: true, hidden: false, secure: true, native_websocket: true, csp_directive: null, mixed_content: false, http_version: 'http/1.1', slept: false, network_changed: false }),
    fact(94_000, 'gateway', { fact: 'attachment', transport: 'stream', ...attachment, generation: 3, age_ms: 31_900, end: { end: 'open' } }),
  ];
  const remedy = {
    user: 'Nothing to do: this site works over another transport, only slower. If it annoys you, forward this to your IT department.',
    it: 'Let the proxy hand on the headers Upgrade and Connection for shop.example.com port 443 (RFC 6455), or exempt the host from HTTP inspection. Squid: http_upgrade_request_protocols websocket allow all.',
    operator: 'Nothing is wrong at your end. Sessions go over a streamed response there; keep that transport enabled.',
  };
  return {
    live: true,
    case: {
      code: asked, kind: 'session', started_unix_ms: started, updated_unix_ms: Date.now(), network: '198.51.100.0/24', user: code(1001).repeat(2), browser: 'Chrome 141', host: 'shop.example.com', path: '/graphql', transport: 'stream', from_page: true, observations,
      diagnosis: {
        verdict: 'fault', open: [],
        findings: [
          { cause: CAUSES[0][0], layer: 'proxy', title: CAUSES[0][2], confidence: 'certain', summary: 'The WebSocket request arrived at the gateway without Upgrade, twice, and the page saw both fail. A proxy that names itself gate7 handed it on.', evidence: [{ observation: 3, shows: 'A request came with Sec-WebSocket-Key and without Upgrade: no browser sends that.' }, { observation: 2, shows: 'The page saw its WebSocket fail with 1006 before it opened.' }, { observation: 4, shows: 'An ordinary streamed request of the same page passed at the same time.' }], counter_evidence: [], untested: ['WebSocket over TLS on another port'], remedy },
          { cause: CAUSES[1][0], layer: 'time', title: CAUSES[1][2], confidence: 'likely', summary: 'The streamed response ended without a word after 60 s of silence.', evidence: [{ observation: 6, shows: 'The stream ended after 60 s of silence.' }], counter_evidence: [], untested: [], remedy },
        ],
        context: [],
      },
    },
  };
};

/** @param {string} network */
export const network = network => {
  const next = random(9);
  const ends = Array.from({ length: 60 }, (_, at) => {
    const cut = next() < 0.55;
    const age = cut ? 60_000 + next() * 500_000 * (next() < 0.5 ? 0.002 : 1) : next() * 900_000;
    const quiet = cut ? 59_700 + next() * 700 : next() * 20_000;
    return { at_ms: at * 55_000, client: 1 + Math.floor(next() * 9), attachment: { transport: ['websocket', 'stream', 'plain'][Math.floor(next() * 3)], generation: 1, attached: true, used: true, age_ms: Math.max(age, quiet), silent_up_ms: quiet, silent_down_ms: quiet + 20, bytes_up: 10, bytes_down: 10, end: cut ? { end: 'reset' } : { end: 'closed', by_client: true, code: 1000 } } };
  });
  return {
    network, together: oneCase('k3m9p2xq').case.diagnosis.findings.slice(1), cases: rows(40).filter(one => one.network === network).slice(0, 12),
    findings: CAUSES.slice(0, 2).map(([cause, , title], at) => ({ cause, title, cases: [9, 4][at] })),
    history: { network, span_ms: 3_300_000, clients: 9, arrivals: [{ client: 1, whole: 40, lost_upgrade: 0 }, { client: 2, whole: 0, lost_upgrade: 12 }], ends },
  };
};
