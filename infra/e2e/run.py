"""Runs the end-to-end test: `make e2e`, or `.venv-e2e/bin/python infra/e2e/run.py [TEST…]`.

Starts the emulator, deploys template.yaml with the packed functions, runs the tests and stops
everything again. What the functions logged and who was allowed what is left in target/e2e.
"""

import contextlib
import pathlib
import shutil
import signal
import sys
import time
import unittest

import deploy
import server
import session

sys.dont_write_bytecode = True
# In this order: the emulator first, the logs last, when every other test has left its lines.
TESTS = ["test_departures", "test_server", "test_scenario", "test_operate", "test_rights", "test_logs"]
LEFT = deploy.REPOSITORY / "target/e2e"
# Lines of each log that are shown after a failure.
SHOWN = 12


def keep(stack):
    """Leaves behind what there is to read."""
    shutil.rmtree(LEFT, ignore_errors=True)
    LEFT.mkdir(parents=True)
    for source in (stack.emulator.log, stack.emulator.ledger):
        shutil.copyfile(source, LEFT / source.name)
    for group in stack.of_type("AWS::Logs::LogGroup").values():
        with contextlib.suppress(stack.client("logs").exceptions.ResourceNotFoundException):
            lines = stack.log(group)
            (LEFT / f"{group.strip('/').replace('/', '-')}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


def explain():
    """After a failure: the end of each log."""
    for log in sorted(LEFT.glob("*.log")):
        print(f"\n---- the end of {log.relative_to(deploy.REPOSITORY)}")
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-SHOWN:]:
            print(line[:300])


class Result(unittest.TextTestResult):
    """Tells with each failed test which rights were refused while it ran."""

    def startTest(self, test):
        self.mark = session.stack().mark()
        super().startTest(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failures[-1] = self.with_refusals(*self.failures[-1])

    def addError(self, test, err):
        super().addError(test, err)
        self.errors[-1] = self.with_refusals(*self.errors[-1])

    def with_refusals(self, test, text):
        refused = session.stack().refusals(getattr(self, "mark", 0))
        lines = [f"    {role}: {action} on {resource}\n" for role, action, resource in refused]
        return test, "".join([text, "\nrefused while it ran:\n", *(lines or ["    nothing\n"])])


def main(names):
    """Runs the tests; answers the exit code."""
    # So that what was started is stopped, whoever ends this. As an interrupt, because a test runner
    # takes any other exception for a failed test and goes on.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    started = time.monotonic()
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    server.forget_aws()
    try:
        suite = unittest.defaultTestLoader.loadTestsFromNames(names or TESTS)
        stack = session.start()
        print(f"deployed {len(stack.resources)} resources in {time.monotonic() - started:.0f} s", flush=True)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)
        keep(stack)
        if not result.wasSuccessful():
            explain()
    except (deploy.NotDeployed, server.NotStarted) as problem:
        print(f"e2e: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("e2e: interrupted", file=sys.stderr)
        return 130
    finally:
        session.stop()
    for note in session.NOTES:
        print(note)
    outcome = "passed" if result.wasSuccessful() else "FAILED"
    print(f"e2e {outcome}: {result.testsRun} tests in {time.monotonic() - started:.0f} s")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
