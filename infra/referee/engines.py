"""The engines that the storage contract is run on besides the embedded one: installing, starting, stopping."""

import base64
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TOOLS = REPOSITORY / "target" / "tools"
# Seconds. DynamoDB Local takes two on an idle machine, ministack half of one.
START_LIMIT = 60
STOP_LIMIT = 5
OLDEST_JAVA = 17


class Missing(RuntimeError):
    """Something of the machine that has to be there; says what and how to get it."""


class NotStarted(RuntimeError):
    """An engine did not come up; says why."""


def java_version(text):
    """The major number in what `java -version` prints; 0 where there is none."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', text)
    if not found:
        return 0
    # Before Java 9 the number that counts came second: 1.8.
    return int(found[2] or 0) if found[1] == "1" else int(found[1])


def need_java():
    if shutil.which("java"):
        told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
        if java_version(told.stderr + told.stdout) >= OLDEST_JAVA:
            return
    raise Missing(
        f"DynamoDB Local needs Java {OLDEST_JAVA} or later on the PATH; "
        "on Debian: apt-get install openjdk-17-jre-headless"
    )


def need_npm():
    if not shutil.which("npm"):
        raise Missing("getting DynamoDB Local needs npm on the PATH; on Debian: apt-get install npm")


def check_sum(archive, expected):
    """Refuses a download that is not the one we know."""
    digest = hashlib.sha512(archive.read_bytes()).digest()
    found = base64.b64encode(digest).decode()
    if found != expected:
        raise NotStarted(f"{archive.name} is not the file we know: sha512 {found}")


class DynamoDbLocal:
    """Amazon's own, as the Amplify command-line tool carries it."""

    name = "dynamodb-local"
    version = "1.25.1"
    has_objects = False

    package = "amplify-dynamodb-simulator@2.9.30"
    sha512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
    folder = TOOLS / f"dynamodb-local-{version}"

    def install(self):
        need_java()
        if self.folder.exists():
            return
        need_npm()
        TOOLS.mkdir(parents=True, exist_ok=True)
        # Unpacked beside its place and moved there whole: an interrupted run leaves nothing half there.
        with tempfile.TemporaryDirectory(dir=TOOLS) as temporary:
            temporary = pathlib.Path(temporary)
            # Only the package itself: what it would bring along is for running it from JavaScript.
            subprocess.run(
                ["npm", "pack", self.package, "--silent", "--pack-destination", str(temporary)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            (archive,) = temporary.glob("*.tgz")
            check_sum(archive, self.sha512)
            with tarfile.open(archive) as packed:
                packed.extractall(temporary, filter="data")
            (temporary / "package" / "emulator").rename(self.folder)

    def command(self, port):
        return [
            "java",
            "-Xmx1g",
            "-Djava.library.path=DynamoDBLocal_lib",
            "-jar",
            "DynamoDBLocal.jar",
            *("-port", str(port), "-inMemory", "-sharedDb", "-disableTelemetry"),
        ]

    def environment(self, _port):
        return {}


class Ministack:
    """The AWS emulator of the end-to-end tests, uncorrected and with its permission checks off."""

    name = "ministack"
    version = "1.5.33"
    has_objects = True

    requirements = REPOSITORY / "infra" / "e2e" / "requirements.txt"
    venv = REPOSITORY / ".venv-e2e"
    # Made new for each start: what the emulator may write goes away with it.
    folder = None

    def install(self):
        stamp = self.venv / "installed"
        if stamp.exists() and stamp.stat().st_mtime >= self.requirements.stat().st_mtime:
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(self.venv)], check=True)
        pip = [str(self.venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(self.requirements)], check=True)
        stamp.touch()

    def command(self, _port):
        return [str(self.venv / "bin" / "ministack")]

    def environment(self, port):
        return {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AUTH": "false",
            "IOT_MTLS_ENABLED": "0",  # or it listens on a second port
        }


ENGINES = {engine.name: engine for engine in (DynamoDbLocal(), Ministack())}


def free_port():
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url):
    """Whether somebody speaks HTTP there; what they say does not matter."""
    try:
        # Past any proxy of the environment: this is loopback.
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextlib.contextmanager
def running(engine):
    """The engine at work with nothing in it; yields its address and stops it in the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # Nothing of ours reaches an engine: no credentials, no configuration of AWS.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with tempfile.TemporaryDirectory(prefix="referee-") as scratch:
        log = pathlib.Path(scratch) / "engine.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                engine.command(port),
                cwd=engine.folder or scratch,
                env=kept | {"HOME": scratch, "TMPDIR": scratch} | engine.environment(port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(process, url, log)
            yield url
        finally:
            stop(process)


def wait_for(process, url, log):
    """Waits until the engine answers."""
    deadline = time.monotonic() + START_LIMIT
    while not answers(url):
        if process.poll() is not None:
            raise NotStarted(f"it ended by itself:\n{log.read_text(errors='replace')}")
        if time.monotonic() > deadline:
            raise NotStarted(f"it does not answer:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)


def stop(process):
    """Ends the engine and whatever it has started, kindly first."""
    # The second signal is also for children that outlived the engine itself.
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT)
