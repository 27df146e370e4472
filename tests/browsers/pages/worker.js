// Carries messages from inside a dedicated or shared worker. The request comes as a message: see worker.html.

import { carry } from '/carry.js';

const serve = (port) => {
  port.onmessage = async ({ data: { client, url, plan } }) => {
    try {
      const { TowpathWebSocket } = await import(client);
      port.postMessage({ value: await carry(TowpathWebSocket, url, plan) });
    } catch (error) {
      port.postMessage({ error: `${error}` });
    }
  };
};

if ('SharedWorkerGlobalScope' in self) {
  self.onconnect = ({ ports }) => serve(ports[0]);
} else {
  serve(self);
}
