"""The tables of docs/troubleshooting.md that follow from the code. Prints them: python infra/check/troubleshooting.py"""

import re

from transformed import REPOSITORY

RECORDS = REPOSITORY / "shared/domain/src/code/table.rs"
NIGHTS = REPOSITORY / "shared/domain/src/code/night.rs"
FINDINGS = REPOSITORY / "shared/domain/src/finding"
PROBLEMS = REPOSITORY / "shared/edge/src/problem.rs"
TEXT = r'"((?:[^"\\]|\\.)*)"'


def codes(path):
    """Every code of a table in the program, with what to do, in both languages."""
    found = re.findall(rf'^    "([A-Z0-9_]+)":\s+{TEXT},\s+{TEXT};', path.read_text(encoding="utf-8"), re.MULTILINE)
    return {code: (indonesian, english) for code, indonesian, english in found}


def records():
    """Every code of an export and its records."""
    return codes(RECORDS)


def findings():
    """Every code of a finding, by the name that it has in the API."""
    kinds = FINDINGS.with_suffix(".rs").read_text(encoding="utf-8")
    names = dict(re.findall(r'Self::(\w+) => "([A-Z_]+)"', kinds))
    told = (FINDINGS / "explain.rs").read_text(encoding="utf-8")
    found = re.findall(rf"Self::(\w+) => \(\s+{TEXT},\s+{TEXT},\s+\)", told)
    return {names[kind]: (indonesian, english) for kind, indonesian, english in found}


def nights():
    """Every code of what a night found or could not do."""
    return dict(sorted((codes(NIGHTS) | findings()).items()))


def problems():
    """Every code of a refused request: its status and its titles."""
    table = PROBLEMS.read_text(encoding="utf-8").split("\nkinds! {\n")[1].split("\n}\n")[0]
    found = re.findall(rf"^    ([A-Z0-9_]+)\s+([A-Z_]+)\s+{TEXT}\s+{TEXT}", table, re.MULTILINE)
    return {code: (status, indonesian, english) for code, status, indonesian, english in found}


def table(rows):
    """A table of codes with what to do."""
    lines = ["| kode | apa yang harus dilakukan | what to do |", "|---|---|---|"]
    lines += [f"| `{code}` | {indonesian} | {english} |" for code, (indonesian, english) in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(records()), table(nights()), sep="\n\n")
