"""The template gates bite: each fails on what only it can see.

There are three, because none sees everything. `sam validate --lint` does not look inside a
function, so a reference to nothing in there passes it; `sam validate` does not look at
references at all; linting the transformed template finds them, but not an unknown kind of event.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from cfnlint.api import ManualArgs, lint
from samcli.yamlhelper import yaml_parse
from transformed import EVERYTHING, REGION, TEMPLATE, transformed

SAM = pathlib.Path(sys.executable).with_name("sam")
# SAM asks for keys before it validates, and uses them for nothing.
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "SAM_CLI_TELEMETRY": "0",
}


def validate(text, *options):
    """The exit status and output of `sam validate` on a template of this text."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "template.yaml"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [SAM, "validate", *options, "--template-file", path],
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    return done.returncode, done.stdout + done.stderr


# Used by SAM while it transforms, so that nothing uses them any more in what it leaves.
USED_UP = {
    "Parameter Release not used.",
    "Parameter GradualDeployment not used.",
    "Mapping 'ShiftWithCodeDeploy' is defined but not used",
}


def lint_transformed(text, **parameters):
    """What the linter has to say about a template of this text once SAM has transformed it."""
    plain = json.dumps(transformed(yaml_parse(text), **parameters))
    messages = [match.message for match in lint(plain, config=ManualArgs(regions=[REGION]))]
    return [message for message in messages if message not in USED_UP]


def broken(before, after):
    """The template with one thing changed, which must be there to change."""
    text = TEMPLATE.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{before!r} is not in the template exactly once")
    return text.replace(before, after)


class Gates(unittest.TestCase):
    def test_the_transformed_template_has_nothing_to_complain_about(self):
        text = TEMPLATE.read_text(encoding="utf-8")
        self.assertEqual(lint_transformed(text), [])
        self.assertEqual(lint_transformed(text, **EVERYTHING), [])

    def test_linting_the_transformed_template_refuses_a_reference_to_nothing_in_a_function(self):
        for before in ["MaximumConcurrency: !Ref MaxIngestConcurrency", "MAIL_FROM: !Ref MailFrom"]:
            with self.subTest(before=before):
                text = broken(before, before.split("!Ref")[0] + "!Ref Nothing")
                self.assertIn("Nothing", str(lint_transformed(text)))

    def test_lint_refuses_a_reference_to_nothing(self):
        status, output = validate(broken("name: [!Ref Exports]", "name: [!Ref Nothing]"), "--lint")
        self.assertNotEqual(status, 0)
        self.assertIn("Nothing", output)

    def test_lint_refuses_a_key_that_is_not_an_attribute(self):
        text = broken("- { AttributeName: phone_hash, AttributeType: S }", "")
        status, output = validate(text, "--lint")
        self.assertNotEqual(status, 0)
        self.assertIn("phone_hash", output)

    def test_plain_validation_refuses_an_unknown_kind_of_event(self):
        event = "        EveryMinute:\n          Type: ScheduleV"
        text = broken(f"{event}2", f"{event}9")
        status, output = validate(text)
        self.assertNotEqual(status, 0)
        self.assertIn("EveryMinute", output)


if __name__ == "__main__":
    unittest.main()
