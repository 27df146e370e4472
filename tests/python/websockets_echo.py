"""Debian's `websockets` library as an echo server."""

import asyncio

import websockets
from listen import end_with_parent, port


async def echo(socket, *_path):
    async for message in socket:
        await socket.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", port(), max_size=2**22):
        await asyncio.Future()


end_with_parent()
asyncio.run(main())
