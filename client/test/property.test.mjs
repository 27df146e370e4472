/**
 * Two engines joined by a simulated network with a clock of its own: random sends both ways, cuts, lost, doubled and
 * reordered bodies. Everything must arrive exactly once and in order, within the window at each step.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BINARY, OPENED, TEXT, join, reader } from '../src/envelope.js';
import { createSession } from '../src/session.js';

const MESSAGES = 1_000_000, CUTS = 10_000, WINDOW = 8192;

/** A small seeded generator (xorshift32): the same run each time. */
const randoms = seed => () => {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 2 ** 32;
};

/** One end: what it sent, what it expects next, and what is on its way to it. */
const end = gateway => ({ session: createSession({ window: WINDOW, gateway }), sent: 0, next: 0, held: 0, inbound: [] });

const run = (seed, messages, cuts) => {
  const random = randoms(seed), below = n => Math.floor(random() * n);
  const ends = [end(false), end(true)];
  let now = 0, cut = 0, delivered = 0, steps = 0;
  const payload = index => {
    const bytes = new Uint8Array(4 + index % 7);
    new DataView(bytes.buffer).setUint32(0, index);
    return bytes;
  };
  const write = (from, to) => {
    const bytes = join(from.session.transmit(now, 400 + below(4000)));
    if (!bytes.length) return;
    to.inbound.push(bytes);
    if (random() < 0.01) to.inbound.push(bytes);
  };
  const take = (to, bytes) => {
    reader((type, body) => to.session.receive(type, body, now))(bytes);
    for (let item; (item = to.session.deliver());) {
      if (item.kind !== OPENED) {
        assert.equal(new DataView(item.payload.buffer, item.payload.byteOffset).getUint32(0), to.next++);
        assert.equal(item.kind, to.next % 2 ? BINARY : TEXT);
        delivered++;
      }
      to.held += item.payload.length + 16;
      assert.ok(to.held <= WINDOW);
      // A slow application now and then.
      if (random() < 0.9) {
        to.session.consumed(to.held - 16, now);
        to.held = 0;
      }
    }
    if (to.held && random() < 0.5) {
      to.session.consumed(to.held - 16, now);
      to.held = 0;
    }
  };
  ends[1].session.push(OPENED, new Uint8Array());
  const attach = () => {
    const [one, other] = ends.map(({ session }) => [session.received, session.credit]);
    ends[0].session.acknowledge(...other);
    ends[1].session.acknowledge(...one);
    for (const { session } of ends) session.rewind();
  };
  attach();
  while (delivered < messages) {
    assert.ok(steps++ < messages * 20, 'it stalls');
    now += below(30);
    for (const [index, from] of ends.entries()) {
      const to = ends[1 - index];
      for (let i = below(12); i-- && from.sent < messages / 2; from.sent++) from.session.push(from.sent % 2 ? TEXT : BINARY, payload(from.sent));
      write(from, to);
      while (to.inbound.length && random() < 0.8) {
        // Bodies overtake each other.
        take(to, to.inbound.splice(below(Math.min(3, to.inbound.length)), 1)[0]);
      }
      if (from.held) {
        from.session.consumed(from.held - 16, now);
        from.held = 0;
      }
    }
    if (random() < cuts * 12 / messages) {
      cut++;
      // Late bodies of the attachment before may still arrive; most are lost.
      for (const one of ends) one.inbound = one.inbound.filter(() => random() < 0.2);
      attach();
    }
  }
  return { cut, ends };
};

test(`${MESSAGES} messages over at least ${CUTS} cuts arrive once, in order, within the window`, () => {
  const { cut, ends } = run(20251121, MESSAGES, CUTS);
  assert.ok(cut >= CUTS, `${cut} cuts`);
  assert.deepEqual(ends.map(({ next }) => next), [MESSAGES / 2, MESSAGES / 2]);
});

for (let seed = 1; seed <= 40; seed++) test(`seed ${seed}`, () => void run(seed * 7919, 2000, 100));
