/**
 * Tells the gateway what this page saw of its attempts to connect (docs/reports.md, section 2). It is loaded behind the
 * first failure, and never on a healthy network. No message, query, cookie or address of the page goes into a report;
 * the only secret is the session's proof, in the body. It must never disturb the session: whatever goes wrong is dropped.
 */
import { address } from './address.js';

/** The first report goes out so long after the failure, and others at most so often while things change. */
const FIRST_MS = 2000, AGAIN_MS = 30000, WAIT_MS_MAX = 3600000;
const REPORTS_MAX = 20, FAILURES_MAX = 3, SEND_MS_MAX = 15000;
/** Bounds of what is told, and of what is believed. */
const TEXT_MAX = 256, ANSWER_LETTERS_MAX = 262144, LIST_MAX = 64;

/**
 * What the connection shows: when it began, whether the gateway asks, its proof, id and attempts, how it ended, the
 * constructor underneath, whether the device slept or changed its network, and what a policy forbade.
 * @typedef {[
 *   startedAt: number, wanted: boolean, session: object, attempt: string, timeline: Record<string, any>[],
 *   ended: {outcome?: string, code?: number} | undefined, WebSocket: any, slept: boolean, networkChanged: boolean,
 *   violation: SecurityPolicyViolationEvent | undefined,
 * ]} View
 */
/**
 * @typedef {object} Answer
 * @property {string} code
 * @property {'healthy' | 'fault' | 'cannot_tell'} verdict
 * @property {object[]} findings
 * @property {object[]} context
 * @property {string[]} works names of transports
 * @property {string} network the prefix of the client's address
 */

const scope = /** @type {any} */ (globalThis);

/** @param {unknown} text */
const short = text => `${text ?? ''}`.slice(0, TEXT_MAX);

/**
 * One attempt as reports have it. A clock that was set back meanwhile must make no negative times.
 * @param {Record<string, any>} trace
 * @param {number} startedAt
 */
const attemptOf = ({ at, transport, opened, worked, ended, end, code, status }, startedAt) => {
  /** @param {number | undefined} time */
  const since = time => (time ? Math.max(0, time - at) : undefined);
  return {
    at: Math.max(0, at - startedAt),
    transport,
    opened_ms: since(opened),
    proven_ms: since(worked),
    ended_ms: since(ended),
    end: { end, ...(end === 'failed' ? { code, status: status === 200 ? undefined : status } : {}) },
  };
};

/** How the browser reached this host lately, for example `h2`. @param {string} origin */
const httpVersion = origin => scope.performance?.getEntriesByType?.('resource')
  .filter(/** @param {any} entry */ entry => entry.name.startsWith(origin + '/') && entry.nextHopProtocol)
  .pop()?.nextHopProtocol;

/** @param {any} WebSocket */
const isNative = WebSocket => {
  try {
    return !WebSocket || /\[native code\]/.test(Function.prototype.toString.call(WebSocket));
  } catch {
    return false;
  }
};

/** @param {URL} application @param {View} view */
const pageOf = (application, [, , , , , , WebSocket, slept, networkChanged, violation]) => {
  const { navigator, location, document } = scope, origin = short(location?.origin), secure = origin.startsWith('https:');
  return {
    user_agent: short(navigator?.userAgent),
    origin,
    online: navigator?.onLine !== false,
    hidden: !!document?.hidden,
    secure,
    native_websocket: isNative(WebSocket),
    csp_directive: violation && short(violation.effectiveDirective),
    mixed_content: secure && application.protocol === 'ws:' && !/^(localhost|127\.|\[::1\])/.test(application.hostname),
    http_version: httpVersion(application.origin.replace('ws', 'http')),
    slept,
    network_changed: networkChanged,
  };
};

/** What can be believed of an answer, or nothing. @param {string} text @returns {Answer | undefined} */
const answerOf = text => {
  const { code, verdict, findings = [], context = [], works = [], network = '' } = JSON.parse(text) ?? {};
  /** @param {unknown} list @param {string} type */
  const are = (list, type) => Array.isArray(list) && list.length <= LIST_MAX && list.every(one => one && typeof one === type);
  return typeof code === 'string' && /^[a-z0-9]{4}-[a-z0-9]{4}$/.test(code) && ['healthy', 'fault', 'cannot_tell'].includes(verdict) &&
    are(findings, 'object') && are(context, 'object') && are(works, 'string') && typeof network === 'string'
    ? { code, verdict, findings, context, works, network } : undefined;
};

/** The text of an answer of any length, if it is not too long. @param {Response} response */
const textOf = async response => {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader(), decoder = new TextDecoder();
  let text = '';
  for (let read; !(read = await reader.read()).done;) {
    text += decoder.decode(read.value, { stream: true });
    if (text.length > ANSWER_LETTERS_MAX) {
      reader.cancel();
      return '';
    }
  }
  return text;
};

/**
 * Reports from now on, until the connection has ended or enough was said.
 * @param {URL} application the connection's address
 * @param {() => View} look
 * @param {(answer: Answer) => void} tell
 */
export default (application, look, tell) => {
  /** what was reported last; it takes a change to report again */
  let told = '', reports = 0, failures = 0, over = false;
  const url = new URL(address(application, 'report', 'http'));
  // A page that came over TLS may ask no other way; where this is wrong, the report is lost with the rest.
  if (scope.location?.protocol === 'https:') url.protocol = 'https:';

  const stop = () => {
    over = true;
    scope.removeEventListener?.('pagehide', leave);
    return 0;
  };

  /** The next report, if there is one to make. */
  const compose = () => {
    const view = look(), [startedAt, wanted, session, attempt, timeline, ended] = view;
    const attempts = timeline.map(trace => attemptOf(trace, startedAt));
    const facts = JSON.stringify([attempts, ended]);
    if (over || !wanted || facts === told) return;
    told = facts;
    reports++;
    return JSON.stringify({
      version: 1,
      session,
      attempt,
      now: Math.max(0, Date.now() - startedAt),
      page: pageOf(application, view),
      attempts,
      ended: ended && { outcome: ended.outcome === '' ? 'unreachable' : ended.outcome, code: ended.code },
    });
  };

  /** @param {string} body @param {RequestInit} [more] */
  const post = (body, more) => fetch(url, {
    method: 'POST', body, credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'origin', ...more,
  });

  /** Sends a report. @param {string} body @returns {Promise<number>} how long to wait now, or 0 for ever */
  const send = async body => {
    const patience = new AbortController(), timer = setTimeout(() => patience.abort(), SEND_MS_MAX);
    try {
      const response = await post(body, { signal: patience.signal });
      failures = 0;
      if (response.status === 200) {
        const answer = answerOf(await textOf(response));
        if (answer) tell(answer);
      } else if (response.status !== 429) return stop();
      else {
        told = '';
        const wait = Number(response.headers.get('retry-after')) * 1000;
        return Math.min(Math.max(wait || 0, AGAIN_MS), WAIT_MS_MAX);
      }
    } catch (error) {
      // An answer that is no JSON is dropped; what did not arrive is said again.
      if (!(error instanceof SyntaxError)) {
        told = '';
        if (++failures === FAILURES_MAX) return stop();
      }
    } finally {
      clearTimeout(timer);
    }
    return AGAIN_MS;
  };

  const round = async () => {
    const body = compose(), wait = body ? await send(body) : AGAIN_MS;
    const [, wanted, , , , ended] = look();
    if (!wait || !wanted || reports >= REPORTS_MAX || (ended && told)) return void stop();
    later(wait);
  };

  /** In node, nothing stays alive for a report. @param {number} wait */
  const later = wait => /** @type {any} */ (setTimeout(round, wait)).unref?.();

  /**
   * The page goes away: nobody reads the answer. A failure so young that it was not reported yet may be the leaving
   * itself: some browsers cut connections before they say that they leave.
   */
  const leave = () => {
    const body = reports && reports < REPORTS_MAX && compose();
    if (!body) return;
    if ('keepalive' in Request.prototype) post(body, { keepalive: true }).catch(() => {});
    else scope.navigator.sendBeacon(url, body);
  };

  scope.addEventListener?.('pagehide', leave);
  later(FIRST_MS);
};
