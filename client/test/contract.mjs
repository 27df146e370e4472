/** docs/reports.md, section 2, as a strict judge of what pages send: unknown members are faults here. */
import assert from 'node:assert/strict';

const whole = value => Number.isInteger(value) && value >= 0;
const text = value => typeof value === 'string' && value.length <= 256;
const flag = value => typeof value === 'boolean';
const port = value => whole(value) && value < 65536;
const among = (...names) => value => names.includes(value);
const maybe = judge => value => value === undefined || judge(value);
const shape = members => value => {
  assert.equal(typeof value, 'object');
  for (const name of Object.keys(value)) assert.ok(members[name], `unknown member ${name}`);
  for (const [name, judge] of Object.entries(members)) assert.ok(judge(value[name]), `${name}: ${JSON.stringify(value[name])}`);
  return true;
};

const end = shape({
  end: among('open', 'cancelled', 'overtaken', 'closed', 'failed', 'silent', 'held_back'), code: maybe(port), status: maybe(port),
});
const attempt = shape({
  at: whole, transport: among('websocket', 'stream', 'sse', 'poll'), opened_ms: maybe(whole), proven_ms: maybe(whole), ended_ms: maybe(whole), end,
});
const page = shape({
  user_agent: text, origin: text, online: flag, hidden: flag, secure: flag, native_websocket: flag, csp_directive: maybe(text),
  mixed_content: flag, http_version: maybe(text), slept: flag, network_changed: flag,
});
const report = shape({
  version: among(1),
  session: shape({ token: maybe(text), fresh: maybe(text) }),
  attempt: id => /^[a-z0-9]{6,16}$/.test(id),
  now: whole,
  page,
  attempts: list => list.length <= 64 && list.every(attempt),
  ended: maybe(shape({ outcome: maybe(text), code: maybe(port) })),
});

/** The report in a body; throws where it is not as the contract says. @param {string} body */
export const judged = body => {
  assert.ok(Buffer.byteLength(body) <= 32768, 'too long');
  const told = JSON.parse(body);
  report(told);
  for (const { at, end, ended_ms } of told.attempts) {
    assert.ok(at <= told.now);
    assert.equal(end.end === 'open', ended_ms === undefined);
  }
  return told;
};
