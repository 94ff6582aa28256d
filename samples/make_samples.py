#!/usr/bin/env python3
"""Makes the sample exports of this folder: invented sales of an invented warung.

    python3 samples/make_samples.py          writes the files and the table in README.md
    python3 samples/make_samples.py --check  changes nothing; fails where a file differs

The same run gives the same bytes: one seed, no clock, the standard library only. People, phone
numbers and sales are invented. What is wrong in the files is wrong on purpose; README.md lists it.
"""

import gzip
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # the folder holds samples, not caches

from making.moka import gobiz_page, v1_page, v3_pages
from making.others import broken, canonical_files, flat_rows, majoo_files

HERE = Path(__file__).resolve().parent
TABLE_START, TABLE_END = "<!-- table: start -->\n", "<!-- table: end -->"
TABLE_HEAD = (
    "| file | shows | received | stored | unchanged | stale | quarantined | codes |\n"
    "|---|---|---:|---:|---:|---:|---:|---|\n"
)


def samples():
    pages = v3_pages()
    made = [*pages, v1_page(), gobiz_page(), *majoo_files(), flat_rows(), *canonical_files(), broken(pages[0])]
    return sorted(made, key=lambda sample: sample.name)


def readme(made):
    """README.md with its table made anew."""
    before, rest = (HERE / "README.md").read_text().split(TABLE_START)
    _, after = rest.split(TABLE_END)
    rows = "".join(sample.row + "\n" for sample in made)
    return before + TABLE_START + TABLE_HEAD + rows + TABLE_END + after


def differs(sample):
    """Compares what is packed by its content: another zlib packs the same bytes otherwise."""
    path = HERE / sample.name
    if not path.exists():
        return True
    unpack = gzip.decompress if sample.name.endswith(".gz") else bytes
    return unpack(path.read_bytes()) != unpack(sample.content)


def main(check):
    made = samples()
    table = readme(made)
    stale = [sample.name for sample in made if differs(sample)]
    stale += ["README.md"] if (HERE / "README.md").read_text() != table else []
    if check:
        print("\n".join(f"differs: {name}" for name in stale) or "samples are as made")
        return 1 if stale else 0
    for sample in made:
        (HERE / sample.name).write_bytes(sample.content)
    (HERE / "README.md").write_text(table)
    print(f"{len(made)} files, {sum(len(sample.content) for sample in made):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
