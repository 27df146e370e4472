"""Debian's `aiohttp` as an echo server on every path but `/`, which is a page."""

from aiohttp import web
from listen import end_with_parent, port


async def echo(request):
    socket = web.WebSocketResponse(max_msg_size=2**22)
    await socket.prepare(request)
    async for message in socket:
        if message.type == web.WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == web.WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def page(_request):
    return web.Response(text="a page\n")


end_with_parent()
application = web.Application()
application.router.add_get("/", page)
application.router.add_get("/{path:.+}", echo)
web.run_app(application, host="127.0.0.1", port=port(), print=None)
