"""The emulator's starter: nothing is left behind, and nothing reaches AWS."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import unittest
from unittest import mock

import server

# Seconds within which a process that is to end has ended.
LIMIT = 20
# What a starter does that is killed before it can stop anything.
STARTER = """
import sys
sys.path.insert(0, sys.argv[1])
import server
emulator = server.Emulator()
emulator.__enter__()
print(emulator.port, emulator.folder, flush=True)
sys.stdin.read()
"""


def listens(port):
    """Whether anybody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Starter(unittest.TestCase):
    def test_a_port_that_is_taken_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with mock.patch.dict(os.environ, E2E_PORT=str(port)):
                with self.assertRaisesRegex(server.NotStarted, f"port {port} is taken"), server.Emulator():
                    self.fail("it started all the same")

    def test_stopping_leaves_nothing_behind(self):
        with mock.patch.dict(os.environ), server.Emulator() as emulator:
            self.assertTrue(listens(emulator.port))
            group = emulator.group
        self.assertFalse(listens(emulator.port))
        self.assertFalse(emulator.folder.exists())
        with self.assertRaises(ProcessLookupError):
            os.killpg(group, 0)

    def test_the_emulator_ends_when_its_starter_is_killed(self):
        starter = subprocess.Popen(
            [sys.executable, "-B", "-c", STARTER, pathlib.Path(server.__file__).parent],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        port, folder = starter.stdout.readline().split(maxsplit=1)
        self.addCleanup(server.shutil.rmtree, folder.strip(), ignore_errors=True)
        starter.send_signal(signal.SIGKILL)
        starter.communicate()
        deadline = time.monotonic() + LIMIT
        while listens(int(port)) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(listens(int(port)), "the emulator outlived its starter")

    def test_no_setting_of_the_caller_reaches_a_client(self):
        mine = {"AWS_PROFILE": "shop", "AWS_ENDPOINT_URL_S3": "https://example.com", "AWS_ACCESS_KEY_ID": "AKIAREAL"}
        with mock.patch.dict(os.environ, mine):
            server.forget_aws()
            self.assertFalse([name for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_S3") if name in os.environ])
            self.assertEqual(os.environ["AWS_ACCESS_KEY_ID"], "test")

    def test_a_client_that_would_leave_the_machine_is_refused(self):
        emulator = server.Emulator.__new__(server.Emulator)
        emulator.endpoint = "https://s3.ap-southeast-3.amazonaws.com"
        with self.assertRaisesRegex(RuntimeError, "would leave this machine"):
            emulator.client("s3")
