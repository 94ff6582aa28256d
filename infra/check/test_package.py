"""package.py refuses what Lambda would refuse, and packs the same program into the same bytes."""

import contextlib
import io
import os
import pathlib
import struct
import tempfile
import unittest
import zipfile

import package


def program(machine=62, contents=b"GLIBC_2.34"):
    """As much of a Linux program as package.py looks at: the ELF header, then these bytes."""
    return b"\x7fELF" + bytes(14) + struct.pack("<H", machine) + contents


class Package(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)

    def package(self, contents, machine="x86_64"):
        """The exit status and what was printed for one function with these contents."""
        pathlib.Path("greet").write_bytes(contents)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            status = package.main(".", machine, "greet")
        return status, printed.getvalue()

    def test_a_good_program_becomes_an_executable_bootstrap(self):
        status, printed = self.package(program())
        self.assertEqual(status, 0, printed)
        self.assertTrue(os.access("target/lambda/greet/bootstrap", os.X_OK))
        with zipfile.ZipFile("target/lambda/greet.zip") as packed:
            (entry,) = packed.infolist()
            self.assertEqual(packed.read(entry), program())
        self.assertEqual(entry.filename, "bootstrap")
        self.assertEqual(entry.external_attr >> 16, 0o100755)

    def test_the_same_program_gives_the_same_zip(self):
        self.package(program())
        first = pathlib.Path("target/lambda/greet.zip").read_bytes()
        os.utime("greet", (0, 0))
        self.package(program())
        self.assertEqual(pathlib.Path("target/lambda/greet.zip").read_bytes(), first)

    def test_a_zip_over_the_aim_is_named_as_such_and_allowed(self):
        status, printed = self.package(program())
        self.assertNotIn("aim", printed)
        status, printed = self.package(program(contents=os.urandom(package.AIMED_ZIP)))
        self.assertEqual(status, 0, printed)
        self.assertIn("2.00 MB zipped (aim 2.00, limit 4.00)", printed)

    def test_what_lambda_cannot_run_is_refused(self):
        cases = [
            ("not a Linux program", b"\xcf\xfa\xed\xfe" + bytes(100), "x86_64"),
            ("not built for arm64", program(machine=62), "arm64"),
            ("not built for x86_64", program(machine=183), "x86_64"),
            ("needs glibc 2.39", program(contents=b"GLIBC_2.4 GLIBC_2.39 GLIBC_2.34"), "x86_64"),
            ("bytes zipped", program(contents=os.urandom(package.LARGEST_ZIP)), "x86_64"),
        ]
        for reason, contents, machine in cases:
            with self.subTest(reason=reason):
                status, printed = self.package(contents, machine)
                self.assertEqual(status, 1)
                self.assertIn(reason, printed)


if __name__ == "__main__":
    unittest.main()
