/**
 * The application: one search on one WebSocket. It knows nothing of Towpath; whoever calls it chooses the constructor.
 */

/**
 * @typedef {{ product: string, price: string, days: number, number: number, of: number }} Offer
 * @typedef {{ opened(): void, offer(offer: Offer): void, closed(code: number): void }} Listener
 */

/**
 * @param {new (url: string) => WebSocket} Socket
 * @param {string} url
 * @param {{ from: string, to: string, also?: string }} wish
 * @param {Listener} on
 */
export const search = (Socket, url, wish, on) => {
  const socket = new Socket(url);
  socket.onopen = () => {
    socket.send(JSON.stringify(wish));
    on.opened();
  };
  socket.onmessage = event => on.offer(JSON.parse(event.data));
  socket.onclose = event => on.closed(event.code);
  return socket;
};
