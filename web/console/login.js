/** The login: asks for the token and goes to the console with a cookie. */

const form = /** @type {HTMLFormElement} */ (document.getElementById('login'));
const answer = /** @type {HTMLElement} */ (document.getElementById('answer'));
const field = /** @type {HTMLInputElement} */ (document.getElementById('token'));

/** @param {Response} response */
const says = response =>
  response.status === 429
    ? `Too many wrong tokens. Try again in ${response.headers.get('Retry-After') ?? '60'} seconds.`
    : response.status === 401
      ? 'This is not the token.'
      : `The console answered ${response.status}.`;

form.addEventListener('submit', async event => {
  event.preventDefault();
  answer.textContent = '';
  try {
    const response = await fetch('/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: field.value }),
    });
    if (response.status === 204) {
      // A page at `/` is asked for again, so that its place behind `#` stays.
      if (location.pathname === '/') location.reload();
      else location.replace('/' + location.hash);
      return;
    }
    answer.textContent = says(response);
  } catch {
    answer.textContent = 'The console does not answer.';
  }
  field.select();
});
