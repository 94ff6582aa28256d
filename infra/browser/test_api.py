"""The API against its own description, by a fuzzer that reads it."""

import json
import pathlib
import re
import subprocess
import sys
import unittest
import urllib.request

import scene
import session
from scene import Scene

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
# Each operation is tried with every edge of its description, and with this many random requests.
EXAMPLES = 15
SEED = 20251028
# What belongs to nights and to people's rights.
OF_DUTIES = r"^/v1/(nights|findings|people|rights)"


class Api(unittest.TestCase):
    def setUp(self):
        self.machine = session.current().machine

    def fuzz(self, *more, configured=()):
        """Tries every operation; fails with what the fuzzer has to say."""
        program = pathlib.Path(sys.executable).parent / "schemathesis"
        command = [
            program, *configured, "run", f"{self.machine.url}/openapi.json", "--url", self.machine.url, "--no-color",
            "--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES), "--seed", str(SEED),
            # A busy machine is slow, and that is nothing to find.
            "--request-timeout", "60", "--suppress-health-check", "too_slow",
            "--phases", "examples,coverage,fuzzing", *more,
        ]  # fmt: skip
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.machine.folder)
        self.assertEqual(run.returncode, 0, run.stdout[-6000:] + run.stderr[-2000:])
        return run.stdout

    def operations(self):
        """The paths of all operations, as often as they have methods."""
        described = json.load(urllib.request.urlopen(f"{self.machine.url}/openapi.json"))
        methods = ("get", "put", "post", "delete")
        return [path for path, item in described["paths"].items() for method in item if method in methods]

    def test_every_answer_is_one_that_the_description_names(self):
        told = self.fuzz("--header", f"Authorization: Bearer {self.machine.api_key}")
        operations = len(self.operations())
        self.assertIn(f"{operations} selected / {operations} total", told)

    def test_strangers_are_refused_as_described(self):
        self.fuzz()

    # With ids that lead somewhere in their places: made-up ones only ever find nothing.
    def test_what_is_there_is_answered_as_described(self):
        after = scene.after_a_night()
        request = after.post("/v1/rights", {"kind": "access", "customer": "OYAKO_MOKA_P72"})["id"]
        there = {
            "date": after.date.isoformat(),
            "outlet": Scene.TWICE,
            "code": "FILE_REPEATED",
            "customer": "OYAKO_MOKA_P72",
            "id": request,
        }
        lines = [f'"path.{name}" = "{value}"' for name, value in there.items()]
        settings = self.machine.folder / "there.toml"
        settings.write_text("\n".join(["[parameters]", *lines, ""]), encoding="utf-8")
        key = ["--header", f"Authorization: Bearer {self.machine.api_key}"]
        told = self.fuzz(*key, "--include-path-regex", OF_DUTIES, configured=["--config-file", settings])
        chosen = [path for path in self.operations() if re.match(OF_DUTIES, path)]
        self.assertGreaterEqual(len(chosen), 17)
        self.assertIn(f"{len(chosen)} selected / ", told)


if __name__ == "__main__":
    unittest.main()
