"""Starts the emulator on loopback and stops it again, whatever happens in between.

Nothing here can reach AWS: the emulator's environment is made from nothing, this process loses
every AWS setting it inherited, and a client that would leave loopback is refused.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).resolve().parent
REGION = "ap-southeast-3"
ACCOUNT = "000000000000"
# The emulator's word for "the account's root": it may do everything, and is never a function.
ADMIN = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
# Seconds. It is up in half a second on an idle machine.
START_LIMIT = 60
STOP_LIMIT = 5


def forget_aws():
    """Drops whatever this process inherited that says where AWS is or who we are there."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(ADMIN)
    os.environ.update(nowhere())


def nowhere():
    """Settings under which an SDK finds no configuration, no credentials and no instance metadata."""
    return {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def free_port():
    """A port nobody listens on, or the one E2E_PORT asks for."""
    if wanted := os.environ.get("E2E_PORT"):
        return int(wanted)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class NotStarted(RuntimeError):
    """The emulator did not come up; says why."""


class Emulator:
    """A running emulator with a folder of its own. Use as a context manager."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="e2e-"))
        self.log = self.folder / "emulator.log"
        self.ledger = self.folder / "decisions.jsonl"
        self.ledger.touch()
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.group = None
        self._process = None

    def __enter__(self):
        forget_aws()
        # Both ways: the variable for whatever reads it, the argument in `client` for what does not.
        os.environ["AWS_ENDPOINT_URL"] = self.endpoint
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def _start(self):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise NotStarted(f"port {self.port} is taken: unset E2E_PORT or name another")
        scratch = self.folder / "tmp"
        scratch.mkdir()
        environment = {
            **ADMIN,
            **nowhere(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            # Seconds before the first retry of an asynchronous invocation; on AWS it is a minute.
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
            "E2E_LEDGER": str(self.ledger),
            "HOME": str(self.folder),
            "TMPDIR": str(scratch),
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
        }
        with self.log.open("wb") as log:
            # A session of its own, so that its functions stop with it. It ends itself when this
            # process is gone, because then nobody holds the other end of its input any more.
            self._process = subprocess.Popen(
                [sys.executable, "-B", HERE / "emulator.py"],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.group = self._process.pid
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise NotStarted(f"the emulator ended at once:\n{self.log_text()[-2000:]}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2):
                    return
            time.sleep(0.05)
        raise NotStarted(f"the emulator is not up after {START_LIMIT} s:\n{self.log_text()[-2000:]}")

    def stop(self):
        """Ends the emulator and every function it started, and removes its folder."""
        process, self._process = self._process, None
        if process is not None:
            # Its functions are in its process group; the group outlives it, so always kill the group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.group, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_LIMIT)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.group, signal.SIGKILL)
            process.wait()
            process.stdin.close()
        if os.environ.get("E2E_KEEP"):
            print(f"kept: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self):
        """What the emulator itself printed."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def client(self, service, **credentials):
        """A client of a service, with the rights of the account's root unless told otherwise."""
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            config=Config(
                retries={"total_max_attempts": 1},
                read_timeout=120,
                s3={"addressing_style": "path"},
                signature_version="s3v4" if service == "s3" else None,
            ),
            **credentials,
        )
        if not client.meta.endpoint_url.startswith("http://127.0.0.1:"):
            raise RuntimeError(f"a client of {service} would leave this machine")
        return client
