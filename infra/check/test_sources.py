"""What no linter checks in the sources: the length of a file."""

import unittest

from transformed import REPOSITORY

LONGEST_FILE = 400


class Sources(unittest.TestCase):
    def test_no_source_file_is_longer_than_a_reader_can_hold(self):
        files = [
            path
            for folder in ("functions", "shared", "infra")
            for path in (REPOSITORY / folder).rglob("*.rs")
            if "target" not in path.relative_to(REPOSITORY).parts
        ]
        self.assertTrue(files)
        for path in files:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            with self.subTest(file=str(path.relative_to(REPOSITORY))):
                self.assertLessEqual(lines, LONGEST_FILE)


if __name__ == "__main__":
    unittest.main()
