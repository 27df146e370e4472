// A local WebSocket endpoint whose connections are opened inside a page of a browser that puppeteer-core drives.
// What the page hears comes by `exposeFunction`, what it shall send goes by `evaluate`.
import { createServer } from "node:http";
import puppeteer from "puppeteer-core";
import { WebSocketServer } from "ws";

const [port, backend, executablePath] = process.argv.slice(2);
const locals = new Map();

async function start() {
  const args = ["--disable-dev-shm-usage"];
  if (process.getuid() === 0) args.push("--no-sandbox");
  const headless = executablePath.includes("headless-shell") ? "shell" : true;
  const browser = await puppeteer.launch({ executablePath, headless, pipe: true, args });
  const page = await browser.newPage();
  await page.exposeFunction("heard", (id, kind, data) => {
    const local = locals.get(id);
    if (kind === "text") local?.send(data);
    else if (kind === "binary") local?.send(Buffer.from(data, "base64"));
    else local?.close();
  });
  await page.goto(`http://${backend}/`);
  await page.evaluate(prepare);
  for (const name of ["SIGTERM", "SIGINT"]) {
    process.on(name, () => browser.close().finally(() => process.exit(0)));
  }
  return page;
}

// Runs in the page.
function prepare() {
  const sockets = new Map();
  const base64 = (buffer) => {
    const bytes = new Uint8Array(buffer);
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return btoa(text);
  };
  window.connect = (id, url) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("refused"));
      socket.onclose = () => window.heard(id, "close", "");
      socket.onmessage = ({ data }) =>
        typeof data === "string" ? window.heard(id, "text", data) : window.heard(id, "binary", base64(data));
      sockets.set(id, socket);
    });
  window.say = (id, kind, data) => {
    const socket = sockets.get(id);
    if (kind === "text") socket.send(data);
    else if (kind === "binary") socket.send(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)));
    else socket.close();
  };
}

const started = start();
const server = createServer();
const endpoint = new WebSocketServer({ noServer: true, perMessageDeflate: false });
let last = 0;
server.on("upgrade", async (request, socket, head) => {
  const page = await started;
  const id = (last += 1);
  await page.evaluate((id, url) => window.connect(id, url), id, `ws://${backend}/`);
  endpoint.handleUpgrade(request, socket, head, (local) => {
    locals.set(id, local);
    const say = (kind, data) => page.evaluate((...words) => window.say(...words), id, kind, data).catch(() => {});
    local.on("message", (data, isBinary) => say(isBinary ? "binary" : "text", data.toString(isBinary ? "base64" : "utf8")));
    local.on("close", () => {
      locals.delete(id);
      say("close", "");
    });
  });
});
server.listen(Number(port), "127.0.0.1", 4096);
