"""The API against its own description, by a fuzzer that reads it."""

import json
import pathlib
import subprocess
import sys
import unittest
import urllib.request

import session

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
# Each operation is tried with every edge of its description, and with this many random requests.
EXAMPLES = 15
SEED = 20251028


class Api(unittest.TestCase):
    def setUp(self):
        self.machine = session.current().machine

    def fuzz(self, *more):
        """Tries every operation; fails with what the fuzzer has to say."""
        program = pathlib.Path(sys.executable).parent / "schemathesis"
        command = [
            program, "run", f"{self.machine.url}/openapi.json", "--url", self.machine.url, "--no-color",
            "--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES), "--seed", str(SEED),
            "--phases", "examples,coverage,fuzzing", *more,
        ]  # fmt: skip
        run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.machine.folder)
        self.assertEqual(run.returncode, 0, run.stdout[-6000:] + run.stderr[-2000:])
        return run.stdout

    def test_every_answer_is_one_that_the_description_names(self):
        told = self.fuzz("--header", f"Authorization: Bearer {self.machine.api_key}")
        operations = sum(
            method in ("get", "put", "post", "delete")
            for path in json.load(urllib.request.urlopen(f"{self.machine.url}/openapi.json"))["paths"].values()
            for method in path
        )
        self.assertIn(f"{operations} selected / {operations} total", told)

    def test_strangers_are_refused_as_described(self):
        self.fuzz()


if __name__ == "__main__":
    unittest.main()
