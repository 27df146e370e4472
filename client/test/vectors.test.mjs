/** Replays the vectors that the Rust core is checked with, so that both ends do the same. See vectors/README.md. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as e from '../src/envelope.js';
import { createChoice } from '../src/choice.js';
import { createSession } from '../src/session.js';

const read = name => JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8'));
const bytes = hex => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = data => Buffer.from(data).toString('hex');
const KINDS = { text: e.TEXT, 'text-more': e.TEXT_MORE, binary: e.BINARY, 'binary-more': e.BINARY_MORE, opened: e.OPENED, refused: e.REFUSED, close: e.CLOSE };
const kindName = kind => Object.keys(KINDS).find(name => KINDS[name] === kind);
const NAMES = { [e.ATTACH]: 'attach', [e.ATTACHED]: 'attached', [e.WITH]: 'with', [e.USE]: 'use', [e.ACK]: 'ack', [e.PING]: 'ping', [e.PONG]: 'pong', [e.SUPERSEDED]: 'superseded', [e.AGAIN]: 'again', [e.END]: 'end', [e.PADDING]: 'padding' };

/** An envelope as the vectors write it; undefined where it is skipped. */
const told = (type, body) => {
  const name = NAMES[type] || kindName(type);
  if (!name) return undefined;
  const whole = count => {
    const [values, rest] = e.numbers(body, count);
    if (rest.length) e.fault();
    return values;
  };
  switch (name) {
    case 'attach': case 'attached': case 'end': return { type: name, json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
    case 'with': return { type: name, key: hex(body.subarray(0, 16)), request: e.numbers(body.subarray(16), 1)[0][0] };
    case 'use': case 'superseded': return { type: name, generation: whole(1)[0] };
    case 'ack': { const [received, credit] = whole(2); return { type: name, received, credit }; }
    case 'ping': case 'pong': return { type: name, body: hex(body) };
    case 'padding': return { type: name, length: body.length };
    case 'again': return { type: name };
    default: { const [[sequence], payload] = e.numbers(body, 1); return { type: name, sequence, payload: hex(payload) }; }
  }
};

/** Back to bytes. */
const encode = ({ type, ...members }) => {
  const code = KINDS[type] ?? Number(Object.keys(NAMES).find(code => NAMES[code] === type));
  const body = 'sequence' in members ? [e.number(members.sequence), bytes(members.payload)]
    : 'generation' in members ? [e.number(members.generation)]
    : 'credit' in members ? [e.number(members.received), e.number(members.credit)]
    : 'key' in members ? [bytes(members.key), e.number(members.request)]
    : 'body' in members ? [bytes(members.body)]
    : 'length' in members ? [new Uint8Array(members.length).fill(32)] : [];
  return e.envelope(code, ...body);
};

/** Decodes in pieces of `step` bytes. */
const decode = (data, step) => {
  const envelopes = [];
  let rest = data.length;
  const feed = e.reader((type, body) => {
    const one = told(type, body);
    if (one) envelopes.push(one);
  });
  try {
    for (let at = 0; at < data.length; at += step) feed(data.subarray(at, at + step));
    return { envelopes };
  } catch (fault) {
    return { envelopes, fault: fault.message, rest };
  }
};

/** Bodies that the client does not look into, or reads leniently: a gateway has to judge them, a client need not. */
const LENIENT = ['ping of 33 bytes', 'again with a body', 'close with one byte', 'close with a reason of 124 bytes', 'close with a reason that is not UTF-8', 'item 0'];
for (const one of read('envelopes').cases.filter(({ name }) => !LENIENT.includes(name))) {
  test(`envelopes: ${one.name}`, () => {
    const data = bytes(one.bytes);
    for (const step of [data.length || 1, 1, 7]) {
      const { envelopes, fault } = decode(data, step);
      if (one.fault && one.fault !== 'cut') assert.ok(fault, one.fault);
      else assert.equal(fault, undefined);
      assert.deepEqual(envelopes, one.envelopes);
    }
    if (one.canonical) assert.equal(hex(e.join(one.envelopes.map(encode))), one.bytes);
  });
}

for (const { name, settings, steps } of read('session').scripts) {
  test(`session: ${name}`, () => {
    const session = createSession({ window: settings.window_bytes, ackDelay: settings.ack_delay_ms, gateway: settings.side === 'gateway' });
    let attached = false;
    for (const [index, step] of steps.entries()) {
      const { at } = step, where = `step ${index}, ${step.do}`;
      const fault = act => {
        try {
          act();
        } catch (error) {
          return error.message;
        }
      };
      switch (step.do) {
        case 'push': assert.equal(session.push(KINDS[step.kind], bytes(step.payload)), step.gives, where); break;
        case 'attach':
          assert.equal(fault(() => session.acknowledge(step.received, step.credit)), step.fault, where);
          session.rewind();
          attached = true;
          break;
        case 'detach': attached = false; break;
        case 'receive': {
          const outcome = fault(() => e.reader((type, body) => session.receive(type, body, at))(bytes(step.bytes)));
          assert.equal(outcome, step.fault, where);
          break;
        }
        case 'deliver': {
          const item = session.deliver() ?? null;
          assert.deepEqual(item && { kind: kindName(item.kind), payload: hex(item.payload), sequence: item.sequence }, step.gives, where);
          break;
        }
        case 'consumed': session.consumed(step.cost - 16, at); break;
        case 'transmit': assert.equal(attached ? hex(e.join(session.transmit(at, step.budget))) : '', step.gives, where); break;
        case 'ack': assert.equal(hex(session.ack()), step.gives, where); break;
        case 'state': {
          const { received, credit, unacknowledged, wants_to_transmit, deadline, buffered_cost } = step.gives;
          assert.deepEqual({
            received: session.received,
            credit: session.credit,
            unacknowledged: [...session.outbox.keys()],
            buffered_cost: [...session.outbox.values()].reduce((sum, { payload }) => sum + payload.length + 16, 0),
            wants_to_transmit: attached && (session.ackAt <= at || !!session.next()),
            deadline: attached && session.ackAt < Infinity ? session.ackAt : null,
          }, { received, credit, unacknowledged, buffered_cost, wants_to_transmit, deadline }, where);
          break;
        }
        default: assert.fail(step.do);
      }
    }
  });
}

for (const { name, allowed, remembered, steps } of read('choice').scripts) {
  test(`choice: ${name}`, () => {
    const choice = createChoice(allowed, remembered ?? undefined);
    const calls = {
      start: at => choice.start(at),
      proven: (at, { transport }) => choice.proven(transport, at),
      failed: (at, { transport }) => choice.failed(transport, at),
      superseded: (at, { transport }) => choice.superseded(transport, at),
      retry: at => choice.retry(at),
      tick: at => choice.tick(at),
      online: (at, { online }) => choice.online(online, at),
      woke: at => choice.woke(at),
      network_changed: at => choice.networkChanged(at),
    };
    const text = ({ action, name, first, ping, wait }) =>
      [action, name ?? wait, first && 'use', ping && 'ping'].filter(word => word !== undefined && word !== false).join(' ');
    for (const [index, step] of steps.entries()) {
      // The client's connection closes its attachments itself.
      if (step.do === 'stop') break;
      calls[step.do](step.at, step);
      assert.deepEqual(choice.act().map(text), step.gives, `step ${index}, ${step.do}`);
      assert.deepEqual([choice.current || null, choice.deadline < Infinity ? choice.deadline : null], [step.current, step.deadline], `step ${index}, ${step.do}`);
    }
  });
}
