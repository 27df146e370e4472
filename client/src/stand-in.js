/**
 * Stands in for `window.WebSocket` for chosen addresses, so that a page needs one script tag and no change:
 * `<script src="/.towpath/stand-in.js" data-match="/chat wss://api.example.com/*"></script>`
 * Without `data-match` it is for every address on the host that the script came from. All other addresses get
 * the browser's own WebSocket.
 */
import { attempt } from './attempt.js';
import { TowpathWebSocket } from './towpath.js';

/**
 * @param {object} options
 * @param {string} [options.match] addresses, absolute or relative to the page, with `*` for anything; separated by spaces
 * @param {any} [scope] whose WebSocket is replaced
 * @returns {() => void} puts back the one before
 */
export const standIn = ({ match = '/*' }, scope = globalThis) => {
  const before = scope.WebSocket;
  /** @param {string} url */
  const absolute = url => new URL(url, scope.document?.baseURI || scope.location?.href).href.replace(/^http/, 'ws');
  const patterns = new RegExp(`^(${(match.match(/\S+/g) || []).map(
    pattern => absolute(pattern).replace(/[^\w*]/g, '\\$&').replace(/\*/g, '.*')).join('|')})$`);
  /** @type {any} */
  const proxy = scope.WebSocket = new Proxy(TowpathWebSocket, {
    construct(target, args, self) {
      // What is no address is for the browser's own constructor to refuse.
      const chosen = attempt(() => patterns.test(absolute(`${args[0]}`))) ? target : before;
      return Reflect.construct(chosen, args, self === proxy ? chosen : self);
    },
    get: (target, key) => (key === Symbol.hasInstance
      ? /** @param {unknown} object */ object => object instanceof target || object instanceof before
      : Reflect.get(target, key)),
  });
  return () => {
    scope.WebSocket = before;
  };
};

/** @type {any} */
const script = globalThis.document?.querySelector('script[src*="stand-in.js"]');
if (script) {
  const { match, transports, report } = script.dataset;
  if (transports) TowpathWebSocket.transports = transports.split(' ');
  TowpathWebSocket.report = report !== 'off';
  standIn({ match: match || new URL('/*', script.src).href });
}
