/** What a gateway would answer to a report, for each network of `server.mjs`: texts of the catalogue, made-up evidence. */
import { CATALOGUE } from './catalogue.mjs';

const fill = text => text.replaceAll('{host}', 'chat.example.com').replaceAll('{port}', '443');

export const finding = (cause, confidence, ...evidence) => {
  const { title, layer, remedy } = CATALOGUE.get(cause);
  return {
    cause, confidence, layer, title,
    summary: evidence[0] ?? 'Made up.',
    evidence: evidence.map((shows, at) => ({ observation: at + 1, shows })),
    counter_evidence: [],
    untested: ['the same from another network'],
    remedy: { user: fill(remedy.user), it: fill(remedy.it), operator: fill(remedy.operator) },
  };
};

const fault = (...findings) => ({ verdict: 'fault', findings });

export const FINDINGS = {
  refused: fault(finding('proxy-ws-policy', 'certain',
    'The page tried a WebSocket twice and both failed; no request for it reached the gateway.',
    'An ordinary request to the same host passed at the same moment, in 24 ms.')),
  stripped: fault(finding('proxy-inspect-strip', 'certain',
    'The request for the WebSocket arrived with Sec-WebSocket-Key and without Upgrade: a hop took it away.',
    'It carried Via: 1.1 proxy.corp.example (squid/5.7).',
    'Its TLS hello is not one of the browser that User-Agent names.',
    'An ordinary request to the same host passed.')),
  reset: fault(finding('proxy-101-rst', 'certain',
    'A WebSocket that said nothing stayed open for 1.5 s.',
    'The one that sent a message was reset 3 ms after it; the gateway received no byte of it.'),
  finding('frame-close-race', 'possible', 'It ended without a close frame.')),
  mute: fault(finding('proxy-101-mute', 'likely',
    'The WebSocket opened; a message was not answered within 3 s.', 'The gateway received no byte behind the handshake.')),
  buffered: fault(finding('proxy-buffer', 'certain', 'Six pieces sent 250 ms apart came together, up to 1.3 s late.')),
  'small-bodies': fault(finding('proxy-connect-denied', 'likely', 'An upload of 1 MiB was answered with status 413, which the gateway did not send.')),
  'small-messages': fault(finding('frame-too-big', 'likely', 'A message of 4 KiB came back, one of 128 KiB ended the connection.')),
  'cut-idle': fault(finding('time-idle', 'certain', 'Connections without traffic ended after 15 s; the busy one lived.')),
  inspected: { verdict: 'healthy', works: ['websocket', 'stream', 'sse', 'poll'], context: [finding('tls-intercept-trusted', 'likely', 'The TLS hello is not the browser’s.')] },
  possible: fault(finding('unknown-below-app', 'possible', 'Three connections ended without a close frame.')),
  unknown: { verdict: 'cannot_tell', findings: [finding('unknown-below-app', 'possible', 'Three connections ended without a close frame.')] },
  operator: fault(finding('page-csp', 'certain', 'The browser named connect-src as the directive that forbade it.')),
  hostile: fault({
    ...finding('proxy-101-rst', 'certain', '<img src=x onerror=alert(1)>', '"; DROP TABLE cases; --'),
    cause: '__proto__', title: '<script>alert(1)</script><b>bold</b>',
    remedy: { user: '<b>user</b> {host}', it: '<a href="javascript:alert(1)">it</a>\r\nBcc: all@example.com', operator: '' },
  }),
};
