// Opens one WebSocket in the page and tells what a script can see of it. Closes it politely at the end.
(({ address, subprotocols, messages, lingerMs, handshakeMs, closeMs }) => new Promise((resolve) => {
  const seen = { opened: false, closedByCapture: false, closed: false };
  const finish = () => resolve(seen);
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.effectiveDirective === "connect-src" || event.violatedDirective === "connect-src") {
      seen.forbiddenByPolicy = event.effectiveDirective;
    }
  });
  let socket;
  try {
    socket = new WebSocket(address, subprotocols);
  } catch (error) {
    seen.exception = String(error);
    // The event of a policy that forbids the socket may come after the exception.
    setTimeout(finish, 50);
    return;
  }
  const leave = () => {
    seen.closedByCapture = true;
    socket.close();
    setTimeout(finish, closeMs);
  };
  let patience = setTimeout(leave, handshakeMs);
  socket.onopen = () => {
    clearTimeout(patience);
    Object.assign(seen, { opened: true, subprotocol: socket.protocol, extensions: socket.extensions });
    for (const message of messages) socket.send(message);
    patience = setTimeout(leave, lingerMs);
  };
  socket.onclose = (event) => {
    clearTimeout(patience);
    Object.assign(seen, { closed: true, code: event.code, reason: event.reason, clean: event.wasClean });
    // Policy events come in a later turn than the failure they explain.
    setTimeout(finish, 50);
  };
}))
