// The demo's application: one search on one socket, whatever the constructor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { search } from '../demo/search.js';

/** A socket that does what it is told. */
class Socket {
  sent = [];
  constructor(url) {
    this.url = url;
  }
  send(text) {
    this.sent.push(text);
  }
}

const listen = () => {
  const heard = [];
  return { heard, opened: () => heard.push('opened'), offer: offer => heard.push(offer.product), closed: code => heard.push(code) };
};

test('nothing is said before the socket is open, and then what is looked for', () => {
  const on = listen();
  const socket = search(Socket, 'ws://host/promotions', { from: '0150', to: '9170' }, on);
  assert.deepEqual([socket.url, socket.sent], ['ws://host/promotions', []]);
  socket.onopen();
  assert.deepEqual(socket.sent.map(JSON.parse), [{ from: '0150', to: '9170' }]);
  assert.deepEqual(on.heard, ['opened']);
});

test('each offer is handed on, and the code of the end', () => {
  const on = listen();
  const socket = search(Socket, 'ws://host/promotions', { from: '0150', to: '9170', also: 'haulier' }, on);
  for (const product of ['Letter', 'Parcel']) socket.onmessage({ data: JSON.stringify({ product, number: 1, of: 2 }) });
  socket.onclose({ code: 1006 });
  assert.deepEqual(on.heard, ['Letter', 'Parcel', 1006]);
});
