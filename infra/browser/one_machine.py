"""The whole set on this machine, started from the debug build for one test run."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("PROGRAMS") or REPOSITORY / "target/debug")
# A debug build on a busy machine takes its time; a wrong one says so long before.
LONGEST_START_SECONDS = 900


class NotStarted(Exception):
    """The set did not come up; the text says what it printed."""


class OneMachine:
    """A running set: its addresses, its key, and what it printed."""

    def __init__(self, folder, samples=True):
        self.folder = pathlib.Path(folder)
        self.printed = self.folder / "printed.log"
        environment = os.environ | {"PORT": "0", "AWS_PORT": "0", "DATA_DIR": str(self.folder / "data")}
        command = [PROGRAMS / "local", *([] if samples else ["--no-samples"])]
        with self.printed.open("wb") as printed:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env=environment, stdout=printed, stderr=subprocess.STDOUT, start_new_session=True
            )

    def wait_until_ready(self):
        """Returns when the API answers and, with samples, when they are read."""
        end = time.monotonic() + LONGEST_START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, KeyError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.url}/v1/health", timeout=5).read()
                if self.is_told("Ctrl-C"):
                    return self
            time.sleep(0.2)
        self.stop()
        raise NotStarted(self.printed.read_text(encoding="utf-8", errors="replace")[-2000:])

    def is_told(self, words):
        """Whether the set printed these words."""
        return words in self.printed.read_text(encoding="utf-8", errors="replace")

    def setting(self, name):
        """A line of local.env."""
        text = (self.folder / "data/local.env").read_text(encoding="utf-8")
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)[name]

    @property
    def url(self):
        return self.setting("BASE_URL")

    @property
    def api_key(self):
        return self.setting("API_KEY")

    def task(self, *words):
        """Runs a task of the program's on this set, as `make` does; answers what it printed."""
        environment = os.environ | {"DATA_DIR": str(self.folder / "data")}
        command = [PROGRAMS / "local", *words]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True).stdout

    def logs(self):
        """Everything that the functions logged."""
        files = sorted((self.folder / "data/logs").rglob("*.log*"))
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def panics(self):
        """Lines that tell of a panic, in any log."""
        return re.findall(r".*panicked at.*", self.logs() + self.printed.read_text(encoding="utf-8", errors="replace"))

    def stop(self):
        """Stops the set as Ctrl-C does, and does not leave before it is gone."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@contextlib.contextmanager
def running(samples=True):
    """A set in a folder of its own, which goes with it unless BROWSER_KEEP is set."""
    folder = tempfile.mkdtemp(prefix="one-machine-")
    machine = None
    try:
        machine = OneMachine(folder, samples)
        yield machine.wait_until_ready()
    finally:
        if machine:
            machine.stop()
        if os.environ.get("BROWSER_KEEP"):
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
