/** What is shown for which answer, and what is sent to whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from '../check/gateway.js';
import * as mail from '../check/mail.js';
import { instead, view, withoutAnswer } from '../check/verdict.js';
import de from '../text/de.js';
import en from '../text/en.js';
import { FINDINGS, finding } from './findings.mjs';

const SITE = { name: 'chat.example.com', host: 'chat.example.com', port: 443, secure: true };
const RAN = { controlled: true, foreign: '', stopped: false, failed: 1, unsteady: false, idle: false };
const FACTS = { date: '21 November 2026', browser: 'Firefox 140 (X11)', url: 'https://chat.example.com/.towpath/check', failures: ['Text message: cut'] };
const answer = canned => answerOf({ code: 'k3m9-p2xq', works: ['stream', 'poll'], network: '192.0.2.0/24', findings: [], context: [], ...canned });

test('a fault is told by its cause, with what still works', () => {
  const shown = view(answer(FINDINGS.reset), RAN, en, SITE);
  assert.equal(shown.kind, 'fault');
  assert.equal(shown.tone, 'fault');
  assert.match(shown.title, /cuts at the first message/);
  assert.match(shown.paragraphs.at(-1), /streamed response instead/);
  assert.equal(shown.addressee, 'it');
  assert.equal(shown.told.length, 2);
});

test('in German by the German text, with host and port filled in', () => {
  const shown = view(answer(FINDINGS.reset), RAN, de, SITE);
  assert.match(shown.title, /Proxy lässt .* zu/);
  assert.match(shown.told[0].it, /chat\.example\.com/);
  assert.doesNotMatch(JSON.stringify([shown.told[0].user, shown.told[0].it]), /[{}]/);
});

test('a cause without German text is told in English, and marked so', () => {
  const { told } = view(answer({ verdict: 'fault', findings: [finding('frame-close-race', 'likely', 'x')] }), RAN, de, SITE);
  assert.equal(told[0].lang, 'en');
});

test('what is not certain says so', () => {
  const shown = view(answer(FINDINGS.mute), RAN, en, SITE);
  assert.equal(shown.tone, 'likely');
  assert.equal(shown.paragraphs[0], en.verdict.unsure.likely);
});

test('healthy needs that nothing failed here', () => {
  assert.equal(view(answer({ verdict: 'healthy' }), { ...RAN, failed: 0 }, en, SITE).kind, 'healthy');
  assert.equal(view(answer({ verdict: 'healthy' }), RAN, en, SITE).kind, 'cannot_tell');
});

test('what passed only when tried again is called unsteady', () => {
  const ran = { ...RAN, failed: 0, unsteady: true };
  assert.equal(view(answer({ verdict: 'cannot_tell' }), ran, en, SITE).title, en.verdict.unsteady);
  assert.equal(view(answer({ verdict: 'healthy' }), ran, en, SITE).kind, 'healthy');
});

test('nobody is blamed where ordinary requests fail too', () => {
  const shown = view(answer({ verdict: 'cannot_tell' }), { ...RAN, controlled: false }, en, SITE);
  assert.equal(shown.kind, 'offline');
  assert.equal(shown.addressee, '');
  const portal = view(answer({ verdict: 'cannot_tell' }), { ...RAN, controlled: false, foreign: 'Log in' }, en, SITE);
  assert.match(portal.paragraphs[0], /Log in/);
});

test('without an answer only the connection is spoken of', () => {
  const of = (problem, during) => withoutAnswer(problem, during, en, SITE).kind;
  assert.equal(of({ why: 'unreachable' }, 'begin'), 'offline');
  assert.equal(of({ why: 'unreachable' }, 'report'), 'unsent');
  assert.equal(of({ why: 'busy', seconds: 3 }, 'begin'), 'busy');
  assert.equal(of({ why: 'refused', status: 404 }, 'begin'), 'off');
  assert.equal(of({ why: 'different', words: 'x' }, 'begin'), 'different');
});

test('a remedy that asks nothing of the network goes to the operator', () => {
  const shown = view(answer({ verdict: 'fault', findings: [finding('page-mixed', 'certain', 'x')] }), RAN, en, SITE);
  assert.equal(shown.addressee, 'operator');
  assert.equal(shown.told[0].it, '');
  assert.doesNotMatch(mail.text(shown, FACTS, en, SITE), /Nothing to change/);
});

test('what works instead is not said where WebSockets work', () => {
  assert.equal(instead(['websocket', 'stream'], en, SITE), '');
  assert.match(instead(['poll'], en, SITE), /repeated requests/);
  assert.equal(instead(['constructor'], en, SITE), '');
});

test('a hostile answer is text and nothing else', () => {
  const shown = view(answer(FINDINGS.hostile), RAN, de, SITE);
  assert.equal(shown.title, '<script>alert(1)</script><b>bold</b>');
  const link = mail.link(shown, FACTS, de, SITE);
  assert.doesNotMatch(link, /[\r\n<>"]/);
  assert.deepEqual([...new URL(link).searchParams.keys()], ['subject', 'body']);
  for (const value of [null, 1, 'x', [], { findings: 1 }, { findings: [null, { remedy: 3, evidence: [{}, 4] }] }]) {
    assert.equal(answerOf(value).verdict, 'cannot_tell');
    assert.ok(view(answerOf(value), RAN, en, SITE).title);
  }
});

test('the mail names what to allow, what was measured, and the code', () => {
  const shown = view(answer(FINDINGS.stripped), RAN, en, SITE);
  const text = mail.text(shown, FACTS, en, SITE);
  for (const part of ['Host: chat.example.com', 'Port: 443 (TCP)', 'wss', 'Code: k3m9-p2xq', '192.0.2.0/24', 'squid/5.7', 'http_upgrade_request_protocols websocket allow all', FACTS.url]) {
    assert.ok(text.includes(part), part);
  }
});

test('where there is no finding the mail lists what failed', () => {
  const shown = view(answer({ verdict: 'cannot_tell' }), RAN, en, SITE);
  assert.ok(mail.text(shown, FACTS, en, SITE).includes('Text message: cut'));
});

test('the link stays short enough for mail programs, and says when it was cut', () => {
  for (const texts of [en, de]) {
    for (const canned of Object.values(FINDINGS)) {
      const shown = view(answer(canned), RAN, texts, SITE);
      const link = mail.link(shown, FACTS, texts, SITE);
      assert.ok(link.length <= 1900, `${shown.title}: ${link.length}`);
      const body = new URL(link).searchParams.get('body');
      const whole = mail.text(shown, FACTS, texts, SITE);
      assert.ok(body.replaceAll('\r\n', '\n') === whole || body.includes(texts.mail.shortened));
      assert.ok(!shown.code || link.includes(shown.code));
    }
  }
});

test('browsers are named', () => {
  const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36';
  assert.equal(mail.browser(agent), 'Chromium 139 (Windows NT 10.0)');
  assert.equal(mail.browser(`${agent} Edg/139.0.0.0`), 'Edge 139 (Windows NT 10.0)');
  assert.equal(mail.browser('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), 'Firefox 140 (X11)');
  assert.equal(mail.browser('x'.repeat(200)).length, 80);
});
