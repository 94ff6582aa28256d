"""The tables of docs/troubleshooting.md that follow from the code. Prints them: python infra/check/troubleshooting.py"""

import re

from transformed import REPOSITORY

RECORDS = REPOSITORY / "shared/domain/src/code/table.rs"
PROBLEMS = REPOSITORY / "shared/edge/src/problem.rs"
TEXT = r'"((?:[^"\\]|\\.)*)"'


def records():
    """Every code of an export and its records, with what to do, in both languages."""
    found = re.findall(rf'^    "([A-Z0-9_]+)":\s+{TEXT},\s+{TEXT};', RECORDS.read_text(encoding="utf-8"), re.MULTILINE)
    return {code: (indonesian, english) for code, indonesian, english in found}


def problems():
    """Every code of a refused request: its status and its titles."""
    table = PROBLEMS.read_text(encoding="utf-8").split("\nkinds! {\n")[1].split("\n}\n")[0]
    found = re.findall(rf"^    ([A-Z0-9_]+)\s+([A-Z_]+)\s+{TEXT}\s+{TEXT}", table, re.MULTILINE)
    return {code: (status, indonesian, english) for code, status, indonesian, english in found}


def table():
    """The table of codes of exports and records."""
    lines = ["| kode | apa yang harus dilakukan | what to do |", "|---|---|---|"]
    lines += [f"| `{code}` | {indonesian} | {english} |" for code, (indonesian, english) in records().items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
