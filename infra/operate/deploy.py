"""Deploys with SAM: asks for everything the first time, and knows it from samconfig.toml afterwards.

    python infra/operate/deploy.py SAM ARCHITECTURE

A published version of a function keeps the settings it was published with. SAM publishes one when
the code changes, but not when only a parameter does; `Release`, made here from the programs, the
template and the parameters, is what makes it publish then as well.
"""

import hashlib
import os
import pathlib
import sys
import textwrap

import yaml

from stack import SAMCONFIG, settings

TEMPLATE = pathlib.Path("template.yaml")
PROGRAMS = pathlib.Path("target/lambda")
# Neither is asked for nor kept: both follow from what was built.
MADE_HERE = ("Architecture", "Release")


def overrides_of(known, architecture, programs=PROGRAMS, template=TEMPLATE):
    """The parameters that samconfig.toml keeps, as SAM takes them on its command line, with this
    architecture and this release in place of the ones they were kept with."""
    kept = known.get("parameter_overrides", [])
    kept = split(kept) if isinstance(kept, str) else list(kept)
    kept = [pair for pair in kept if pair.split("=")[0] not in MADE_HERE]
    kept.append(f'Architecture="{architecture}"')
    return [*kept, f'Release="{release_of(kept, programs, template)}"']


def split(text):
    """The single `Name="value"` of a line of them; a value may have spaces."""
    pairs, inside = [""], False
    for character in text:
        inside ^= character == '"'
        if character == " " and not inside:
            pairs.append("")
        else:
            pairs[-1] += character
    return [pair for pair in pairs if pair]


def release_of(parameters, programs, template):
    """A short name for exactly this code, template and parameters."""
    digest = hashlib.sha256()
    for part in [template, *sorted(programs.glob("*/bootstrap"))]:
        digest.update(hashlib.sha256(part.read_bytes()).digest())
    digest.update("\n".join(sorted(parameters)).encode())
    return digest.hexdigest()[:16]


def explanation(template=TEMPLATE):
    """What SAM is about to ask for, parameter by parameter: it shows the names only."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda *_: None)
    parameters = yaml.load(template.read_text(encoding="utf-8"), Loader=loader)["Parameters"]
    lines = [
        "The first deployment asks for everything; Enter takes what is in brackets. The answers are",
        "kept in samconfig.toml, and the next `make deploy` asks nothing.",
        "",
        entry("Stack Name", "Any name: it is part of the functions' names, and the metrics'."),
        entry("AWS Region", "ap-southeast-3 is Jakarta."),
        entry(" and ".join(MADE_HERE), "Just Enter, always: they are filled in here."),
    ]
    for name, parameter in parameters.items():
        if name not in MADE_HERE:
            lines.append(entry(name, " ".join(parameter["Description"].split())))
    lines += [
        "",
        "MailFrom must be an address or domain that SES has verified, in the same region; until the",
        "account is out of the SES sandbox, AdminEmail must be one as well. docs/operations.md goes",
        "through all of it, step by step.",
        "",
    ]
    return "\n".join(lines)


def entry(name, words):
    """One line of the explanation, or as many as its words need."""
    indent = " " * 29
    return textwrap.fill(f"  {name:<26} {words}", width=100, subsequent_indent=indent, break_on_hyphens=False)


def command(sam, architecture, known):
    """The arguments for SAM."""
    arguments = [sam, "deploy", "--template-file", str(TEMPLATE), "--capabilities", "CAPABILITY_IAM"]
    arguments += ["--no-fail-on-empty-changeset", "--tags", "project=warung-oyako"]
    if not known:
        return [*arguments, "--guided", "--parameter-overrides", f'Architecture="{architecture}"']
    return [*arguments, "--parameter-overrides", " ".join(overrides_of(known, architecture))]


def main(sam, architecture):
    known = settings()
    if not known:
        print(explanation())
    sys.stdout.flush()
    os.environ["SAM_CLI_TELEMETRY"] = "0"
    os.execv(sam, command(sam, architecture, known))


if __name__ == "__main__":
    main(*sys.argv[1:])
