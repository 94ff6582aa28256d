"""The referee's own parts, without an engine: what it says when something is missing, and that it cleans up."""

import fcntl
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import engines


class Java(unittest.TestCase):
    def test_the_major_version_is_read_from_old_and_new_forms(self):
        for text, expected in [
            ('openjdk version "17.0.15" 2025-04-15', 17),
            ('java version "1.8.0_402"', 8),
            ('openjdk version "25" 2025-09-16', 25),
            ("command not found", 0),
        ]:
            with self.subTest(text):
                self.assertEqual(engines.java_version(text), expected)

    def test_a_machine_without_java_or_npm_is_told_what_to_install(self):
        with mock.patch.object(engines.shutil, "which", return_value=None):
            with self.assertRaisesRegex(engines.Missing, "openjdk-17-jre-headless"):
                engines.need_java()
            with self.assertRaisesRegex(engines.Missing, "apt-get install npm"):
                engines.need_npm()

    def test_a_java_that_is_too_old_counts_as_missing(self):
        old = subprocess.CompletedProcess([], 0, stdout="", stderr='openjdk version "11.0.2"')
        with (
            mock.patch.object(engines.shutil, "which", return_value="/usr/bin/java"),
            mock.patch.object(engines.subprocess, "run", return_value=old),
            self.assertRaises(engines.Missing),
        ):
            engines.need_java()


class Download(unittest.TestCase):
    def test_a_file_with_another_checksum_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            archive = pathlib.Path(folder, "package.tgz")
            archive.write_bytes(b"something else")
            with self.assertRaisesRegex(engines.NotStarted, "package.tgz is not the file we know"):
                engines.check_sum(archive, engines.DynamoDbLocal.sha512)


class Stub:
    """An engine of one line, with a child of its own."""

    folder = None

    def __init__(self, code):
        self.code = code

    def command(self, port):
        return [sys.executable, "-c", self.code, str(port)]

    def environment(self, _port):
        return {}


# Its child does not end when it is asked to. Both hold a lock for as long as they live.
SERVER = """
import fcntl, http.server, os, subprocess, sys
names = [name for name in os.environ if name.startswith("AWS_")]
assert not names, names
lock = open(os.environ["LOCK"])
fcntl.flock(lock, fcntl.LOCK_SH)
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", stubborn], pass_fds=[lock.fileno()], stdout=subprocess.PIPE)
child.stdout.readline()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


class Running(unittest.TestCase):
    def test_an_engine_is_stopped_with_its_children_also_when_the_suite_fails(self):
        with tempfile.NamedTemporaryFile() as lock:
            environment = {"LOCK": lock.name, "AWS_PROFILE": "production"}
            with mock.patch.dict(os.environ, environment), self.assertRaises(ZeroDivisionError):
                with engines.running(Stub(SERVER)) as url:
                    self.assertTrue(engines.answers(url))
                    self.assertFalse(is_free(lock), "the engine holds it")
                    raise ZeroDivisionError
            self.assertFalse(engines.answers(url))
            # A killed process may need a moment to be gone.
            self.assertTrue(any(is_free(lock) or time.sleep(0.1) for _ in range(100)))

    def test_an_engine_that_ends_by_itself_is_reported_with_what_it_said(self):
        with self.assertRaisesRegex(engines.NotStarted, "no such option"):
            with engines.running(Stub("raise SystemExit('no such option')")):
                self.fail("it never ran")


def is_free(lock):
    """Whether nobody holds the lock."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(lock, fcntl.LOCK_UN)
    return True


if __name__ == "__main__":
    unittest.main()
