/** Where the endpoints of the protocol are. */

/**
 * The endpoint's address: the application's own path, then the endpoint. `fetch` takes no credentials in it.
 * @param {URL} application
 * @param {string} endpoint
 * @param {string} scheme
 */
export const address = (application, endpoint, scheme) => {
  const url = new URL(application);
  url.protocol = url.protocol.replace('ws', scheme);
  url.pathname = url.pathname.replace(/\/?$/, '/.towpath/' + endpoint);
  url.search = url.username = url.password = '';
  return url.href;
};
