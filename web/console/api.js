/** What the console asks its server. A login that is over leads to the login page. */

/** Something went wrong; the text is for people. */
export class Trouble extends Error {
  /** @param {string} says @param {number} [status] */
  constructor(says, status = 0) {
    super(says);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {Record<string, string | number | undefined>} [query]
 * @returns {Promise<any>}
 */
export const get = async (path, query = {}) => {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) asked.set(name, String(value));
  const text = asked.size ? `${path}?${asked}` : path;
  const response = await fetch(text).catch(() => {
    throw new Trouble('The console does not answer. Is the gateway running?');
  });
  if (response.status === 401) {
    location.reload();
    // The page is about to go; nothing after this may run.
    await new Promise(() => {});
  }
  if (!response.ok) throw new Trouble(`${(await response.text()).trim() || response.statusText} (${response.status})`, response.status);
  return response.json();
};

export const logOut = async () => {
  await fetch('/logout', { method: 'POST' });
  location.reload();
};
