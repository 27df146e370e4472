//! `link.js` alone, with sockets that do what they are told: what a real server meets only by chance.

use serde_json::json;

use super::ready;
use crate::tab::OwnPage;

/// Receives two messages that leave six bytes of room in the batch, and in the same turn earns a credit of thirteen. Gives
/// the kinds of the records that went up, and whether the socket was closed in the end.
const FILLS_THE_BATCH: &str = r"
(async (link) => {
  const up = [];
  let arrive, wrote, closed = false;
  const never = new Promise(() => {});
  globalThis.WebSocketStream = class {
    opened = Promise.resolve({
      protocol: '',
      readable: { getReader: () => ({ read: () => new Promise((told) => { arrive = told; }) }) },
      writable: { getWriter: () => ({ closed: never, write: () => new Promise((told) => { wrote = told; }) }) },
    });
    closed = never;
    close() { closed = true; }
  };
  globalThis.towpathUp = (text) => up.push(...Uint8Array.fromBase64(text));
  const turns = async () => { for (let n = 0; n < 9; n++) await null; };
  const record = (kind, payload) => {
    const bytes = new Uint8Array(9 + payload.length);
    bytes[0] = kind;
    new DataView(bytes.buffer).setUint32(1, 1);
    new DataView(bytes.buffer).setUint32(5, payload.length);
    bytes.set(payload, 9);
    return globalThis.towpathDown(bytes.toBase64(), true);
  };
  await link({ binding: 'towpathUp', windowBytes: 524288, messageCost: 64, batchBytes: 65536 });
  const wanted = JSON.stringify({ url: 'ws://a.example/', subprotocols: [], max: 1 << 20 });
  await record(1, new TextEncoder().encode(wanted));
  await turns();
  await record(3, new Uint8Array(300000));
  up.length = 0;
  for (const size of [1, 30000, 65530 - 2 * 9 - 30000]) {
    arrive({ value: new Uint8Array(size), done: false });
    await turns();
  }
  wrote();
  await new Promise((later) => setTimeout(later, 100));
  await record(5, new Uint8Array(2));
  await new Promise((later) => setTimeout(later, 100));
  const kinds = [];
  const view = new DataView(Uint8Array.from(up).buffer);
  for (let at = 0; at < view.byteLength; at += 9 + view.getUint32(at + 5)) {
    kinds.push(view.getUint8(at) === 4 ? view.getUint32(at + 9) : -view.getUint8(at));
  }
  return { kinds, closed };
})";

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_that_fills_a_batch_still_goes_up() {
    let ready = ready().await;
    let page = OwnPage::open(&ready.carrier.shared.debugger, None)
        .await
        .expect("page");
    let link = include_str!("../link.js").trim_end();
    let expression = format!("{FILLS_THE_BATCH}({link})");
    let evaluate = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
    let said = page
        .call("Runtime.evaluate", evaluate)
        .await
        .expect("an answer");
    let expected = json!({ "kinds": [-3, -3, -3, 300_064], "closed": true });
    assert_eq!(said["result"]["value"], expected, "{said}");
}
