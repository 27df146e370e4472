"""What every server here does alike: end with the test that started it."""

import os
import sys
import threading


def end_with_parent():
    """A test that dies closes the pipe, so no server outlives its test."""

    def wait():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def port():
    """The port to listen on, the first argument."""
    return int(sys.argv[1])
