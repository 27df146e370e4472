/** A finding as a text for whoever has to change something. Pure. */
import { grouped } from './code.js';

/** @typedef {'user' | 'it' | 'operator'} Reader */

export const READERS = /** @type {Record<Reader, string>} */ ({
  user: 'The user',
  it: "The user's IT department",
  operator: 'Whoever runs the server',
});

/**
 * @param {Record<string, any>} one the case
 * @param {Record<string, any>} finding
 * @param {Reader} reader
 */
export const mail = (one, finding, reader) => {
  const facts = finding.evidence.map((/** @type {any} */ fact) => `  - ${fact.shows}`);
  return [
    `Subject: ${one.host}: ${finding.title} (case ${grouped(one.code)})`,
    '',
    finding.summary,
    '',
    'What to do',
    `  ${finding.remedy[reader]}`,
    '',
    ...(reader === 'user' ? [] : [
      `What was seen (${finding.confidence})`,
      ...facts,
      '',
      `  When:    ${new Date(one.started_unix_ms).toISOString()}`,
      `  Network: ${one.network}`,
      `  Browser: ${one.browser}`,
      `  Target:  ${one.host}${one.path}`,
      '',
    ]),
    `Case: ${grouped(one.code)}`,
  ].join('\n');
};
