/**
 * From the gateway's answer to what is shown: which words for whom. Pure.
 *
 * It names no cause of its own. Without an answer it says what is known of the connection, and blames nobody.
 */

/**
 * @typedef {import('./gateway.js').Answer} Answer
 * @typedef {import('./gateway.js').Finding} Finding
 * @typedef {import('./gateway.js').Problem} Problem
 * @typedef {typeof import('../text/en.js').default} Texts
 *
 * @typedef {object} Site
 * @property {string} name As in the address bar: host, and port where it is not the usual one.
 * @property {string} host
 * @property {number} port
 * @property {boolean} secure
 *
 * @typedef {object} Told A finding in the reader's language.
 * @property {string} cause
 * @property {string} lang Of these texts: English where there is no translation.
 * @property {string} title
 * @property {'certain' | 'likely' | 'possible'} confidence
 * @property {string} user
 * @property {string} it Empty where the network can do nothing.
 * @property {string} operator Empty where the server can do nothing.
 * @property {Finding} finding As the gateway sent it, in English.
 *
 * @typedef {'healthy' | 'fault' | 'cannot_tell' | 'offline' | 'busy' | 'off' | 'unsent' | 'stopped' | 'different'} Kind
 * @typedef {object} View
 * @property {Kind} kind
 * @property {'ok' | 'fault' | 'likely' | 'context'} tone
 * @property {string} title
 * @property {string[]} paragraphs
 * @property {string} code Empty where there is none.
 * @property {Told[]} told The most probable cause first.
 * @property {Told[]} context What is worth knowing and no fault.
 * @property {'it' | 'operator' | ''} addressee Who can mend it, besides the user.
 * @property {string} network
 */

/** Remedies of the catalogue that ask for nothing begin with these words; some go on with an exception. */
const NOTHING = /^Nothing to change( (in your network|on the server))?[.;]/;
const HARDLY_ANYTHING = /^Nothing to change\b/;

/** @type {(text: string, site: Site) => string} */
const filled = (text, { host, port }) => text.replaceAll('{host}', host).replaceAll('{port}', String(port)).replaceAll('{path}', '/');

/**
 * @param {Finding} finding
 * @param {Texts} texts
 * @param {Site} site
 * @returns {Told}
 */
const tell = (finding, texts, site) => {
  /** @type {Record<string, { title: string, user: string, it: string, operator?: string }>} */
  const known = texts.causes;
  const own = Object.hasOwn(known, finding.cause) ? known[finding.cause] : undefined;
  const { user, it, operator } = finding.remedy;
  return {
    cause: finding.cause,
    lang: own ? texts.lang : 'en',
    confidence: finding.confidence,
    title: own?.title ?? finding.title,
    user: filled(own?.user ?? user, site),
    it: NOTHING.test(it) ? '' : filled(own?.it ?? it, site),
    operator: NOTHING.test(operator) ? '' : filled(own?.operator ?? operator, site),
    finding,
  };
};

/**
 * What still works, in a sentence. Nothing where WebSockets work.
 * @param {string[]} works
 * @param {Texts} texts
 * @param {Site} site
 */
export const instead = (works, texts, site) => {
  if (works.includes('websocket') || works.includes('plain')) return '';
  /** @type {Record<string, string>} */
  const ways = texts.ways;
  const way = ['stream', 'sse', 'poll'].find(name => works.includes(name));
  return way ? texts.verdict.instead(site.name, ways[way]) : '';
};

/** @type {View} */
const BLANK = { kind: 'cannot_tell', tone: 'context', title: '', paragraphs: [], code: '', told: [], context: [], addressee: '', network: '' };

/**
 * What to show where the gateway gave no verdict.
 * @param {Problem} problem
 * @param {'begin' | 'report'} during
 * @param {Texts} texts
 * @param {Site} site
 * @returns {View}
 */
export const withoutAnswer = (problem, during, texts, site) => {
  const { verdict } = texts;
  const say = (/** @type {Kind} */ kind, /** @type {string} */ title, /** @type {string[]} */ ...paragraphs) =>
    ({ ...BLANK, kind, title, paragraphs });
  if (problem.why === 'busy') return say('busy', verdict.busy, verdict.busyLead(problem.seconds));
  if (problem.why === 'different') return say('different', verdict.different(site.name), verdict.differentLead(problem.words));
  if (during === 'report') return say('unsent', verdict.unsent(site.name), verdict.unsentLead);
  if (problem.why === 'refused') return say('off', verdict.off(site.name), verdict.offLead(problem.status));
  return say('offline', verdict.offline(site.name), verdict.offlineLead(site.name));
};

/**
 * @param {Answer} answer
 * @param {{ controlled: boolean, foreign: string, stopped: boolean, failed: number, unsteady: boolean, idle: boolean }} run
 * @param {Texts} texts
 * @param {Site} site
 * @returns {View}
 */
export const view = (answer, run, texts, site) => {
  const { verdict } = texts;
  const told = answer.findings.map(finding => tell(finding, texts, site));
  const context = answer.context.map(finding => tell(finding, texts, site));
  const base = { ...BLANK, code: answer.code, context, network: answer.network };
  const [first] = told;
  const fallback = instead(answer.works, texts, site);
  if (answer.verdict === 'fault' && first) {
    const sure = first.confidence === 'certain' ? [] : [verdict.unsure[first.confidence]];
    const measured = texts.lang === 'en' && first.finding.summary ? [`${texts.mail.summary}: ${first.finding.summary}`] : [];
    const paragraphs = [...sure, first.user, ...measured, ...(fallback ? [fallback] : [])];
    const addressee = first.it && !HARDLY_ANYTHING.test(first.finding.remedy.it) ? 'it' : first.operator ? 'operator' : '';
    return { ...base, kind: 'fault', tone: first.confidence === 'certain' ? 'fault' : 'likely', title: first.title, paragraphs, told, addressee };
  }
  if (run.foreign) {
    return { ...base, kind: 'different', title: verdict.different(site.name), paragraphs: [verdict.differentLead(run.foreign)], told };
  }
  if (!run.controlled && !run.stopped) {
    return { ...base, kind: 'offline', title: verdict.offline(site.name), paragraphs: [verdict.offlineLead(site.name)], told };
  }
  if (run.stopped) return { ...base, kind: 'stopped', title: verdict.stopped, paragraphs: [verdict.stoppedLead], told };
  if (answer.verdict === 'healthy' && !run.failed) {
    const lead = run.idle ? verdict.healthyLeadIdle : verdict.healthyLead;
    return { ...base, kind: 'healthy', tone: 'ok', title: verdict.healthy(site.name), paragraphs: run.unsteady ? [lead, verdict.unsteadyLead] : [lead] };
  }
  if (!run.failed && run.unsteady) return { ...base, title: verdict.unsteady, paragraphs: [verdict.unsteadyLead], told };
  const lead = run.failed ? verdict.cannotTellLead : verdict.nothingLead;
  return {
    ...base, kind: 'cannot_tell', title: run.failed ? verdict.cannotTell : verdict.nothing, told,
    paragraphs: [lead, ...(fallback ? [fallback] : [])], addressee: run.failed ? 'it' : '',
  };
};
