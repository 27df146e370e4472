"""A service that speaks first and is no HTTP server: says its banner (second argument), then reads on."""

import socket
import sys
import threading

from listen import end_with_parent, port


def serve(connection):
    with connection:
        connection.sendall(sys.argv[2].encode() + b"\r\n")
        while connection.recv(4096):
            pass


end_with_parent()
listener = socket.create_server(("127.0.0.1", port()))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
