"""Lines to a token: an object that Yubico's OathSession sends its APDUs to.

A frame is two bytes of length and an APDU, in both directions.
"""

import os
import select
import subprocess
import time

from yubikit.core import TRANSPORT
from yubikit.core.smartcard import SmartCardConnection

# Far more than any answer takes, also on a busy machine.
PATIENCE = 60


class Silence(Exception):
    """The token did not answer."""


class Line(SmartCardConnection):
    """A line over two file descriptors. `transport` decides which form of APDUs the client sends."""

    transport = TRANSPORT.USB

    def __init__(self, to_token, from_token):
        self.to_token, self.from_token = to_token, from_token
        # Of the responses so far: how many were continued.
        self.continued = 0
        # Called while an answer is waited for.
        self.while_waiting = lambda: None

    def close(self):
        pass

    def send_and_receive(self, apdu):
        self.send(apdu)
        return self.receive()

    def send(self, apdu):
        os.write(self.to_token, len(apdu).to_bytes(2, "big") + apdu)

    def receive(self, patience=PATIENCE):
        deadline = time.monotonic() + patience
        response = self._read(int.from_bytes(self._read(2, deadline), "big"), deadline)
        self.continued += response[-2] == 0x61
        return response[:-2], int.from_bytes(response[-2:], "big")

    def _read(self, count, deadline):
        read = b""
        while len(read) < count:
            self.while_waiting()
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silence(f"{len(read)} of {count} bytes came")
            if select.select([self.from_token], [], [], min(left, 0.02))[0]:
                piece = os.read(self.from_token, count - len(read))
                if not piece:
                    raise Silence("the token is gone")
                read += piece
        return read


class Pipe(Line):
    """The applet as a program of this machine."""

    def __init__(self, program):
        self.program, self.process = program, None
        self.start()

    def start(self):
        self.close()
        self.process = subprocess.Popen(
            [self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        super().__init__(self.process.stdin.fileno(), self.process.stdout.fileno())

    def touch(self, is_touched):
        """Holds the button, or lets it go."""
        # The program takes a frame of one byte as its button.
        self.send(bytes([is_touched]))

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
