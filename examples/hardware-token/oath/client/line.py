"""Lines to a token: an object that Yubico's OathSession sends its APDUs to.

APDUs go in the frames of SLIP (RFC 1055), in both directions.
"""

import os
import select
import socket
import subprocess
import tempfile
import time

from yubikit.core import TRANSPORT
from yubikit.core.smartcard import SW, SmartCardConnection

# Far more than any answer takes, also on a busy machine.
PATIENCE = 60


END, ESCAPE = b"\xc0", b"\xdb"


class Silence(Exception):
    """The token did not answer."""


class Line(SmartCardConnection):
    """A line over two file descriptors. `transport` decides which form of APDUs the client sends."""

    transport = TRANSPORT.USB

    def __init__(self, to_token, from_token):
        self.to_token, self.from_token = to_token, from_token
        # Bytes that came and that nobody has asked for yet.
        self.came = b""
        # The number of responses so far that were continued.
        self.continued = 0
        # Called while an answer is waited for.
        self.while_waiting = lambda: None

    def close(self):
        pass

    def send_and_receive(self, apdu):
        self.send(apdu)
        return self.receive()

    def send(self, apdu):
        escaped = apdu.replace(ESCAPE, ESCAPE + b"\xdd").replace(END, ESCAPE + b"\xdc")
        os.write(self.to_token, END + escaped + END)

    def receive(self, patience=PATIENCE):
        deadline = time.monotonic() + patience
        frame = b""
        while not frame:
            while END not in self.came:
                self._wait(deadline)
            frame, _, self.came = self.came.partition(END)
        response = frame.replace(ESCAPE + b"\xdc", END).replace(ESCAPE + b"\xdd", ESCAPE)
        self.continued += response[-2] == 0x61
        return response[:-2], int.from_bytes(response[-2:], "big")

    def _wait(self, deadline):
        self.while_waiting()
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silence(f"but {self.came!r}")
        if select.select([self.from_token], [], [], min(left, 0.02))[0]:
            piece = os.read(self.from_token, 4096)
            if not piece:
                raise Silence("the token is gone")
            self.came += piece


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


# The board's memory in place of a flash, and the word behind it that says it was erased once.
FLASH, FLASH_LENGTH, FINISHED = 0x2100_0000, 8 * 4096, b"!PTO"


class Qemu(Line):
    """The firmware in QEMU: its line, its button, and its power. `flash` is what its flash holds at every start."""

    def __init__(self, elf, machine, flash=None):
        self.folder = tempfile.TemporaryDirectory()
        button, monitor = (os.path.join(self.folder.name, name) for name in ("button", "monitor"))
        loader = []
        if flash is not None:
            image = os.path.join(self.folder.name, "flash")
            with open(image, "wb") as file:
                file.write(flash + FINISHED)
            loader = ["-device", f"loader,file={image},addr={FLASH:#x},force-raw=on"]
        self.process = subprocess.Popen(
            ["qemu-system-arm", *loader, "-M", machine, "-kernel", elf, "-display", "none", "-icount", "shift=8,sleep=off",
             "-serial", "stdio", "-serial", f"unix:{button},server=on,wait=off",
             "-monitor", f"unix:{monitor},server=on,wait=off"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        )
        super().__init__(self.process.stdin.fileno(), self.process.stdout.fileno())
        self.button, self.monitor = self._connect(button), self._connect(monitor)
        self._until_prompt()
        self._look_again()

    def touch(self, is_touched):
        """Holds the button while answers are waited for, or lets it go."""
        self.while_waiting = self._touch if is_touched else lambda: None

    def _touch(self):
        try:
            self.button.send(b"!", socket.MSG_DONTWAIT)
        except BlockingIOError:
            # It has not yet taken those before.
            pass

    def cut_power(self):
        """Restarts the processor at any instruction. Its flash stays, and half an answer is lost."""
        self._ask("system_reset")
        self.after_restart()

    def after_restart(self):
        """Drops what is left of the last answer."""
        # A command of one byte ends what is left of the last one on the line, and its answer comes
        # last.
        self.send(b"\xff")
        self._look_again()
        while self.receive() != (b"", SW.WRONG_LENGTH):
            pass
        while select.select([self.from_token], [], [], 0.05)[0]:
            os.read(self.from_token, 4096)
        self.came = b""

    def _look_again(self):
        # QEMU looks once a second whether a UART that was switched off takes bytes, unless
        # something else happens.
        time.sleep(0.01)
        self._ask("info status")

    def ram(self):
        """Stack and variables."""
        return self._memory(0x2000_0000, 8192)

    def flash(self):
        return self._memory(FLASH, FLASH_LENGTH)

    def _memory(self, start, length):
        copy = os.path.join(self.folder.name, "memory")
        self._ask(f'pmemsave {start:#x} {length} "{copy}"')
        with open(copy, "rb") as file:
            return file.read()

    def _ask(self, command):
        self.monitor.sendall(f"{command}\n".encode())
        self._until_prompt()

    def _until_prompt(self):
        said = b""
        while not said.endswith(b"(qemu) "):
            said += self.monitor.recv(4096)

    @staticmethod
    def _connect(path):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(PATIENCE)
                connection.connect(path)
                return connection
            except OSError:
                connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def close(self):
        self.process.kill()
        self.process.wait()
        for end in (self.process.stdin, self.process.stdout, self.button, self.monitor):
            end.close()
        self.folder.cleanup()
