"""For mitmproxy: spoils WebSockets after the handshake, in the way that the environment's SPOIL names."""

import os


def websocket_message(flow):
    message = flow.websocket.messages[-1]
    spoil = os.environ["SPOIL"]
    if spoil == "drop":
        message.drop()
    elif spoil == "binary" and message.type.name == "BINARY":
        message.drop()
    elif spoil == "big" and len(message.content) > 16_000:
        message.drop()


def requestheaders(flow):
    if os.environ["SPOIL"] == "strip" and "upgrade" in flow.request.headers:
        del flow.request.headers["upgrade"]
        del flow.request.headers["connection"]
    if os.environ["SPOIL"] == "policy" and "upgrade" in flow.request.headers:
        from mitmproxy import http

        flow.response = http.Response.make(403, "<html><title>Blocked</title>WebSocket is not allowed</html>", {"content-type": "text/html"})


def responseheaders(flow):
    if os.environ["SPOIL"] == "accept" and flow.response.status_code == 101:
        flow.response.headers["sec-websocket-accept"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
