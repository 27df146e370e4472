"""Debian's `websockets` library as an echo server.

--origin ORIGIN      accept only this Origin
--subprotocol NAME   speak this subprotocol
--max-size BYTES     close (1009) above this size
--ping SECONDS       send a ping this often
"""

import argparse
import asyncio

import websockets
from listen import end_with_parent

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--origin")
parser.add_argument("--subprotocol")
parser.add_argument("--max-size", type=int, default=2**22)
parser.add_argument("--ping", type=float, default=20)
options = parser.parse_args()


async def echo(socket, *_path):
    async for message in socket:
        await socket.send(message)


async def main():
    async with websockets.serve(
        echo,
        "127.0.0.1",
        options.port,
        max_size=options.max_size,
        origins=[options.origin] if options.origin else None,
        subprotocols=[options.subprotocol] if options.subprotocol else None,
        ping_interval=options.ping,
    ):
        await asyncio.Future()


end_with_parent()
asyncio.run(main())
