/**
 * The text for the IT department or the operator, and the link that puts it into an e-mail. Pure.
 */

/**
 * @typedef {import('./verdict.js').View} View
 * @typedef {import('./verdict.js').Site} Site
 * @typedef {import('./verdict.js').Texts} Texts
 * @typedef {object} Facts
 * @property {string} date As the reader writes it.
 * @property {string} browser
 * @property {string} url Of the check page.
 * @property {string[]} failures What failed, one line each.
 */

/** Mail programs and systems cut links at about 2,000 signs (encoded). */
const LINK_MAX = 1900;
const EVIDENCE_MAX = 8;

/** A browser's name and version, from its `User-Agent`. @type {(agent: string) => string} */
export const browser = agent => {
  const known = [[/ Edg[A-Z]*\/(\d+)/, 'Edge'], [/ OPR\/(\d+)/, 'Opera'], [/Firefox\/(\d+)/, 'Firefox'], [/Chrom[a-z]*\/(\d+)/, 'Chromium'], [/Version\/([\d.]+).* Safari/, 'Safari']];
  for (const [pattern, name] of /** @type {[RegExp, string][]} */ (known)) {
    const version = pattern.exec(agent)?.[1];
    if (version) return `${name} ${version} (${/\(([^;)]+)/.exec(agent)?.[1] ?? ''})`;
  }
  return agent.slice(0, 80);
};

/** @type {(title: string, lines: string[]) => string[]} */
const section = (title, lines) => (lines.some(Boolean) ? [`${title}:`, ...lines.filter(Boolean).map(line => `  ${line.replace(/\s+/g, ' ')}`), ''] : []);

/**
 * @param {View} view
 * @param {Facts} facts
 * @param {Texts} texts
 * @param {Site} site
 */
export const allowed = (view, facts, texts, site) =>
  (view.addressee === 'operator' ? [] : texts.mail.allowLines(site.host, site.port, site.secure));

/** Who would have to change what; the operator's part only where the network's does not suffice. @type {(view: View, texts: Texts) => [string, string][]} */
export const remedies = (view, { mail }) => {
  const [first] = view.told;
  if (!first) return [];
  return view.addressee === 'operator' ? [[mail.operator, first.operator], [mail.it, first.it]] : [[mail.it, first.it]];
};

/** What was measured, in short lines. @type {(view: View, facts: Facts) => string[]} */
export const evidence = (view, facts) => {
  const shown = view.told[0]?.finding.evidence.map(({ shows }) => shows) ?? [];
  return [...(shown.length ? shown : facts.failures)].slice(0, EVIDENCE_MAX);
};

/** @type {(view: View, facts: Facts, texts: Texts, site: Site) => [string, string][]} */
export const about = (view, facts, { mail }, site) => /** @type {[string, string][]} */ ([
  [mail.site, site.name],
  [mail.code, view.code],
  [mail.date, facts.date],
  [mail.network, view.network],
  [mail.browser, facts.browser],
]).filter(([, value]) => value);

/**
 * The text in full.
 * @param {View} view
 * @param {Facts} facts
 * @param {Texts} texts
 * @param {Site} site
 * @param {string[]} [measured] In place of all evidence.
 */
export const text = (view, facts, texts, site, measured = evidence(view, facts)) => {
  const { mail, verdict } = texts;
  const [first] = view.told;
  const confidence = first && view.kind === 'fault' ? ` (${verdict.confidence[first.confidence]})` : '';
  return [
    mail.hello, '',
    mail.opening(site.name), '',
    ...section(mail.cause, [`${view.title}${confidence}`]),
    ...section(mail.summary, [view.kind === 'fault' && first ? first.finding.summary : '']),
    ...remedies(view, texts).flatMap(([title, remedy]) => section(title, [remedy])),
    ...section(mail.allow, allowed(view, facts, texts, site)),
    ...section(mail.evidence, measured),
    ...section(mail.facts, about(view, facts, texts, site).map(([name, value]) => `${name}: ${value}`)),
    `${mail.link}: ${facts.url}`, '',
    mail.bye, '',
  ].join('\n');
};

/**
 * A link that opens the mail program with the text, as much of it as fits.
 * @param {View} view
 * @param {Facts} facts
 * @param {Texts} texts
 * @param {Site} site
 */
export const link = (view, facts, texts, site) => {
  const address = (/** @type {string} */ body) =>
    `mailto:?subject=${encodeURIComponent(texts.mail.subject(site.name, view.code))}&body=${encodeURIComponent(body.replaceAll('\n', '\r\n'))}`;
  let measured = evidence(view, facts);
  let whole = text(view, facts, texts, site, measured);
  while (address(whole).length > LINK_MAX && measured.length) {
    measured = measured.slice(0, -1);
    whole = text(view, facts, texts, site, [...measured, texts.mail.shortened]);
  }
  // Evidence alone did not make it short enough: then the text ends early, at a line.
  const lines = whole.split('\n');
  while (address([...lines, texts.mail.shortened].join('\n')).length > LINK_MAX && lines.length > 6) lines.splice(-1);
  return address(lines.length === whole.split('\n').length ? whole : [...lines, texts.mail.shortened].join('\n'));
};
