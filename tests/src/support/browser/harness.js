// Plays a scenario and hands its outcome to the collector that the page's fragment names.

/**
 * Plays `scenario`, an async function, and reports `{ value }` or `{ error }`; then goes back to the collector.
 * A scenario that takes longer than `seconds` has failed.
 */
export async function run(scenario, seconds) {
  const collector = location.hash.slice(1);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario took longer than ${seconds} s`)), seconds * 1000);
  });
  let outcome;
  try {
    outcome = { value: (await Promise.race([scenario(), late])) ?? null };
  } catch (error) {
    outcome = { error: `${error}\n${error?.stack ?? ''}` };
  }
  clearTimeout(timer);
  const text = JSON.stringify(outcome);
  try {
    await fetch(collector, { method: 'POST', body: text });
    location.replace(new URL('/', collector));
  } catch {
    // A secure page may not fetch from a plain address in every browser, but it may always go there.
    location.replace(`${collector}?${encodeURIComponent(text)}`);
  }
}
