// An Engine.IO server that sends every message back. Only the websocket transport, without compression.
import { createServer } from "node:http";
import { Server } from "engine.io";

const http = createServer();
const server = new Server({ transports: ["websocket"], perMessageDeflate: false });
server.attach(http);
server.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data));
});
http.listen(Number(process.argv[2]), "127.0.0.1", 4096);
