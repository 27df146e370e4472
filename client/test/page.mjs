/** A page of our own, for what the browser tells of one; to be imported before the client. */
export const page = new EventTarget();
/** An event of the page. */
export const tell = (type, more) => page.dispatchEvent(Object.assign(new Event(type), more));

globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.document = { hidden: false };
