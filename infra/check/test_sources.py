"""What no linter checks in the sources: the length of a file."""

import re
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

class Architecture(unittest.TestCase):
    """The map is short, and every place on it exists."""

    def test_every_path_named_in_the_map_exists(self):
        text = (REPOSITORY / "ARCHITECTURE.md").read_text()
        self.assertLessEqual(len(text.splitlines()), 150)
        named = re.findall(r"`((?:shared|functions|infra|docs|samples)[\w./-]*|template\.yaml)`", text)
        self.assertGreater(len(named), 10)
        for path in named:
            with self.subTest(path):
                self.assertTrue((REPOSITORY / path).exists())


if __name__ == "__main__":
    unittest.main()
