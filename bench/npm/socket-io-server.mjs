// A Socket.IO server with connection state recovery that sends to each client at a steady pace.
// Prints each message that arrives: direction, client, number, sent, received.
import { createServer } from "node:http";
import { Server } from "socket.io";

const [port, clients, messages, interval, start] = process.argv.slice(2, 7).map(Number);
const now = () => performance.timeOrigin + performance.now();

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
});
const known = new Set();

function talk(client) {
  for (let number = 1; number <= messages; number += 1) {
    const due = start + interval * number + (interval * client) / clients;
    // Broadcasts to a room are what recovery keeps while a client is away.
    setTimeout(() => io.to(`client ${client}`).emit("down", number, now()), Math.max(0, due - now()));
  }
}

io.on("connection", (socket) => {
  const client = Number(socket.handshake.auth.client);
  socket.join(`client ${client}`);
  if (!known.has(client)) {
    known.add(client);
    talk(client);
  }
  socket.on("up", (number, sent, done) => {
    process.stdout.write(`up ${client} ${number} ${sent} ${now()}\n`);
    if (typeof done === "function") done();
  });
});
http.listen(port, "127.0.0.1", 4096);
