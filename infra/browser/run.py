"""The tests in a browser: `make browser`, or `.venv-browser/bin/python -B infra/browser/run.py [TEST…]`.

Starts the whole set from the debug build, with the samples, and a Chromium that reaches nothing but it.
`run.py --pictures` renews docs/pictures instead.
"""

import pathlib
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import one_machine  # noqa: E402 - after the line that keeps Python from writing beside it
import session  # noqa: E402

# The last one looks at what all others left behind.
TESTS = [
    "test_guest",
    "test_owner",
    "test_links",
    "test_access",
    "test_nights",
    "test_findings",
    "test_people",
    "test_topups",
    "test_accessibility",
    "test_api",
    "test_left",
]


def main(names):
    """Runs the tests; answers the exit code."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    started = time.monotonic()
    try:
        with session.started():
            if names == ["--pictures"]:
                import pictures

                pictures.take()
                return 0
            suite = unittest.defaultTestLoader.loadTestsFromNames(names or TESTS)
            result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    except (session.NoBrowser, one_machine.NotStarted) as problem:
        print(f"browser: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("browser: interrupted", file=sys.stderr)
        return 130
    outcome = "passed" if result.wasSuccessful() else "FAILED"
    print(f"browser {outcome}: {result.testsRun} tests in {time.monotonic() - started:.0f} s")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
