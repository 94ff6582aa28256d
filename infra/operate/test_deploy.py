"""What `make deploy` hands to SAM: every answer that was kept, and a release that follows from all of it."""

import pathlib
import tempfile
import unittest

import deploy
from stack import settings

KEPT = 'Architecture="x86_64" AdminEmail="admin@shop.example" AlarmEmail="" MailFrom="a b@shop.example" Release=""'
SAMCONFIG = f"""
version = 0.1
[default.deploy.parameters]
stack_name = "shop"
region = "ap-southeast-3"
parameter_overrides = '{KEPT}'
[default.global.parameters]
region = "elsewhere"
"""


class Deploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.template = self.root / "template.yaml"
        self.template.write_text("Resources: {}", encoding="utf-8")
        for name in ("greet", "part"):
            program = self.root / "lambda" / name / "bootstrap"
            program.parent.mkdir(parents=True)
            program.write_bytes(name.encode())
        self.program = program

    def overrides(self, kept=KEPT, architecture="x86_64"):
        known = {"parameter_overrides": kept}
        made = deploy.overrides_of(known, architecture, self.root / "lambda", self.template)
        return dict(pair.split("=", 1) for pair in made)

    def test_every_answer_is_kept_empty_ones_and_spaces_included(self):
        made = self.overrides()
        self.assertEqual(made["AdminEmail"], '"admin@shop.example"')
        self.assertEqual(made["AlarmEmail"], '""')
        self.assertEqual(made["MailFrom"], '"a b@shop.example"')
        self.assertEqual(self.overrides(deploy.split(KEPT)), made, "SAM also keeps them as a list")

    def test_the_architecture_is_the_one_that_was_built(self):
        self.assertEqual(self.overrides(architecture="arm64")["Architecture"], '"arm64"')

    def test_the_release_changes_with_the_code_the_template_and_any_parameter(self):
        releases = {self.overrides()["Release"], self.overrides(architecture="arm64")["Release"]}
        releases.add(self.overrides(KEPT.replace("admin@", "owner@"))["Release"])
        self.program.write_bytes(b"another program")
        releases.add(self.overrides()["Release"])
        self.template.write_text("Resources: {A: {}}", encoding="utf-8")
        releases.add(self.overrides()["Release"])
        self.assertEqual(len(releases), 5)
        for release in releases:
            self.assertRegex(release, r'^"[0-9a-f]{16}"$')

    def test_the_same_of_all_is_the_same_release(self):
        self.assertEqual(self.overrides(), self.overrides())
        # The release it was kept with is no part of the release.
        self.assertEqual(self.overrides(KEPT.replace('Release=""', 'Release="abc"')), self.overrides())

    def test_what_samconfig_keeps_is_found(self):
        path = self.root / "samconfig.toml"
        self.assertEqual(settings(path), {})
        path.write_text(SAMCONFIG, encoding="utf-8")
        found = settings(path)
        self.assertEqual((found["stack_name"], found["region"]), ("shop", "ap-southeast-3"))
        self.assertEqual(found["parameter_overrides"], KEPT)

    def test_the_first_time_sam_asks_and_everything_it_asks_for_is_explained(self):
        first = deploy.command("sam", "x86_64", {})
        self.assertIn("--guided", first)
        self.assertNotIn("--guided", deploy.command("sam", "x86_64", {"parameter_overrides": KEPT}))
        template = pathlib.Path(__file__).resolve().parents[2] / "template.yaml"
        explained = deploy.explanation(template)
        for name in ("AdminEmail", "MailFrom", "Alarms", "GradualDeployment", "Timezone"):
            self.assertRegex(explained, rf"  {name} +\w")
        self.assertRegex(explained, r"Architecture and Release +Just Enter")


if __name__ == "__main__":
    unittest.main()
