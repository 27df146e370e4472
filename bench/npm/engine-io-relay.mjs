// An Engine.IO server in front of a WebSocket backend: each session has a connection of its own to the backend.
import { createServer } from "node:http";
import { Server } from "engine.io";
import { WebSocket } from "ws";

const http = createServer();
const server = new Server({ transports: ["websocket"], perMessageDeflate: false });
server.attach(http);
server.on("connection", (socket) => {
  const early = [];
  const backend = new WebSocket(process.argv[3], { perMessageDeflate: false });
  backend.on("open", () => early.splice(0).forEach((data) => backend.send(data)));
  backend.on("message", (data, isBinary) => socket.send(isBinary ? data : data.toString()));
  backend.on("close", () => socket.close());
  backend.on("error", () => socket.close());
  socket.on("message", (data) => {
    if (backend.readyState === WebSocket.OPEN) backend.send(data);
    else early.push(data);
  });
  socket.on("close", () => backend.terminate());
});
http.listen(Number(process.argv[2]), "127.0.0.1", 4096);
