"""An ASGI application under Debian's `uvicorn`, shaped like FastAPI's.

It echoes on `/ws`, refuses every other socket before accepting it, and knows no page.
"""

import uvicorn
from listen import end_with_parent, port


async def application(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"detail":"Not Found"}'})
        return
    if scope["type"] != "websocket":
        return
    await receive()
    if scope["path"] != "/ws":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})


end_with_parent()
uvicorn.run(application, host="127.0.0.1", port=port(), ws="websockets", log_level="warning", lifespan="off")
