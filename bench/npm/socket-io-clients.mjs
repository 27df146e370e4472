// Socket.IO clients that send at a steady pace. Prints each message that arrives: direction, client, number, sent, received.
import { io } from "socket.io-client";

const [port, clients, messages, interval, start, duration] = process.argv.slice(2, 8).map(Number);
const variant = process.argv[8];
const now = () => performance.timeOrigin + performance.now();

const options = { transports: ["websocket"], forceNew: true };
if (variant !== "plain") Object.assign(options, { retries: 100, ackTimeout: 2000 });
if (variant === "quick") Object.assign(options, { reconnectionDelay: 100, reconnectionDelayMax: 400 });

for (let client = 0; client < clients; client += 1) {
  const socket = io(`ws://127.0.0.1:${port}`, { ...options, auth: { client } });
  socket.on("down", (number, sent) => process.stdout.write(`down ${client} ${number} ${sent} ${now()}\n`));
  for (let number = 1; number <= messages; number += 1) {
    const due = start + interval * number + (interval * client) / clients;
    setTimeout(() => socket.emit("up", number, now()), Math.max(0, due - now()));
  }
}
setTimeout(() => process.exit(0), start + duration - now());
