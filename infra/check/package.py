"""Packs the built functions for AWS: one folder and one zip each, called `bootstrap` inside.

    python3 infra/check/package.py BINARIES MACHINE NAME...

BINARIES is the folder cargo built into, MACHINE is x86_64 or arm64. Every program is refused that
AWS would refuse later, or that the project promised not to ship: the wrong processor, a C library
newer than Amazon Linux 2023 has, or a zip over four megabytes. Needs Python alone.
"""

import pathlib
import re
import shutil
import struct
import sys
import zipfile

LARGEST_ZIP = 4_000_000  # bytes: what must hold
AIMED_ZIP = 2_000_000  # bytes: what would be better still, for the sake of cold starts
NEWEST_GLIBC = 34  # Amazon Linux 2023 has glibc 2.34
ELF_MACHINE = {"x86_64": 62, "arm64": 183}  # e_machine of the ELF header
OUTPUT = pathlib.Path("target/lambda")


def refuse(program, machine):
    """Why Lambda could not run this program, or None."""
    code = program.read_bytes()
    if code[:4] != b"\x7fELF":
        return "not a Linux program: build on Linux, or with a cross compiler"
    (built_for,) = struct.unpack_from("<H", code, 18)
    if built_for != ELF_MACHINE[machine]:
        return f"not built for {machine}"
    newest = max((int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", code)), default=0)
    if newest > NEWEST_GLIBC:
        return f"needs glibc 2.{newest}, Amazon Linux 2023 has 2.{NEWEST_GLIBC}"
    return None


def pack(program, name):
    """Writes the folder and the zip; the same program gives the same bytes. Returns the size."""
    bootstrap = OUTPUT / name / "bootstrap"
    bootstrap.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(program, bootstrap)
    bootstrap.chmod(0o755)
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, so that the mode below counts
    entry.external_attr = 0o100755 << 16
    archive = OUTPUT / f"{name}.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(entry, program.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return archive.stat().st_size


def main(binaries, machine, *names):
    failed = False
    for name in names:
        program = pathlib.Path(binaries) / name
        reason = refuse(program, machine)
        size = pack(program, name) if reason is None else 0
        if size > LARGEST_ZIP:
            reason = f"{size} bytes zipped, {LARGEST_ZIP} allowed"
        failed |= reason is not None
        aim = "" if size <= AIMED_ZIP else f" (aim {AIMED_ZIP / 1e6:.2f}, limit {LARGEST_ZIP / 1e6:.2f})"
        print(f"{name:<16} {reason or f'{size / 1e6:.2f} MB zipped{aim}'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
