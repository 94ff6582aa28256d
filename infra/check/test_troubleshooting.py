"""docs/troubleshooting.md knows every code that a person can meet."""

import re
import unittest

import troubleshooting
from transformed import REPOSITORY

PAGE = REPOSITORY / "docs/troubleshooting.md"


class Troubleshooting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = PAGE.read_text(encoding="utf-8")

    def test_the_codes_of_records_are_those_of_the_program(self):
        self.assertGreater(len(troubleshooting.records()), 50)
        told = self.text.split("<!-- records -->\n")[1].split("\n<!-- /records -->")[0]
        new = troubleshooting.table(troubleshooting.records())
        self.assertEqual(told, new, "python infra/check/troubleshooting.py prints the new one")

    def test_the_codes_of_nights_and_findings_are_those_of_the_program(self):
        self.assertGreater(len(troubleshooting.findings()), 10)
        self.assertGreater(len(troubleshooting.nights()), 40)
        told = self.text.split("<!-- nights -->\n")[1].split("\n<!-- /nights -->")[0]
        new = troubleshooting.table(troubleshooting.nights())
        self.assertEqual(told, new, "python infra/check/troubleshooting.py prints the new one")

    def test_every_refusal_of_a_request_has_its_row(self):
        refusals = self.text.split("<!-- problems -->\n")[1].split("\n<!-- /problems -->")[0]
        told = re.findall(r"^\| `([A-Z0-9_]+)` \| (\d+) \| .{20,} \| .{20,} \|$", refusals, re.MULTILINE)
        real = troubleshooting.problems()
        self.assertGreater(len(real), 30)
        self.assertEqual(sorted(code for code, _ in told), sorted(real))

    def test_a_refusal_is_told_with_its_status(self):
        names = {
            "BAD_REQUEST": 400, "UNAUTHORIZED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404, "METHOD_NOT_ALLOWED": 405,
            "CONFLICT": 409, "GONE": 410, "PAYLOAD_TOO_LARGE": 413, "UNSUPPORTED_MEDIA_TYPE": 415,
            "UNPROCESSABLE_ENTITY": 422, "TOO_MANY_REQUESTS": 429, "INTERNAL_SERVER_ERROR": 500,
            "SERVICE_UNAVAILABLE": 503,
        }
        told = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (\d+) \|", self.text, re.MULTILINE))
        for code, (status, _, _) in troubleshooting.problems().items():
            with self.subTest(code=code):
                self.assertEqual(told.get(code), str(names[status]))


if __name__ == "__main__":
    unittest.main()
