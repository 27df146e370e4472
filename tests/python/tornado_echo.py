"""Debian's `tornado` as an echo server; it accepts only its own site as Origin."""

import asyncio

import tornado.web
import tornado.websocket
from listen import end_with_parent, port


class Echo(tornado.websocket.WebSocketHandler):
    def on_message(self, message):
        self.write_message(message, binary=isinstance(message, bytes))


async def main():
    tornado.web.Application([("/.*", Echo)]).listen(port(), "127.0.0.1")
    await asyncio.Future()


end_with_parent()
asyncio.run(main())
