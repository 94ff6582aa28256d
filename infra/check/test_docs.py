"""The pages for people say what the template says."""

import re
import unittest

import costs
from transformed import EVERYTHING, REPOSITORY, deployed, of_type, source

OPERATIONS = REPOSITORY / "docs/operations.md"
COSTS = REPOSITORY / "docs/costs.md"
PICTURES = REPOSITORY / "docs/architecture"


def section(text, title):
    """What stands under a heading of the second level."""
    return re.split(r"^## ", text.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = OPERATIONS.read_text(encoding="utf-8")

    def test_every_parameter_is_in_the_table_with_its_default(self):
        rows = re.findall(r"^\| `(\w+)` \| (\S+) \| .+ \|$", section(self.text, "Parameters"), re.MULTILINE)
        told = {name: default.strip("`") for name, default in rows}
        real = {name: str(p["Default"]) or "none" for name, p in source()["Parameters"].items()}
        self.assertEqual(told, real)

    def test_every_alarm_has_its_paragraph_with_what_to_look_at(self):
        paragraphs = re.split(r"^### ", section(self.text, "Alarms"), flags=re.MULTILINE)[1:]
        told = {paragraph.split("\n")[0]: paragraph for paragraph in paragraphs}
        self.assertEqual(set(told), set(of_type(deployed(**EVERYTHING), "AWS::CloudWatch::Alarm")))
        for name, paragraph in told.items():
            with self.subTest(alarm=name):
                self.assertIn("**Look**", paragraph)

    def test_the_alarms_that_are_always_there_come_first(self):
        told = re.findall(r"^### (\w+Alarm)$", self.text, re.MULTILINE)
        essential = set(of_type(deployed(), "AWS::CloudWatch::Alarm"))
        self.assertEqual(set(told[: len(essential)]), essential)

    def test_every_command_of_make_is_there(self):
        makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
        targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
        named = set(re.findall(r"`make ([a-z-]+)", self.text))
        self.assertTrue(named)
        self.assertLessEqual(named, targets)


class Links(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        for page in [OPERATIONS, COSTS, *sorted(PICTURES.glob("*.md"))]:
            for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
                path, _, heading = target.partition("#")
                found = (page.parent / path).resolve() if path else page
                with self.subTest(page=page.name, target=target):
                    self.assertTrue(found.exists())
                    if heading:
                        headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
                        slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
                        self.assertIn(heading, slugs)


class Costs(unittest.TestCase):
    def test_the_tables_follow_from_counts_and_prices(self):
        text = COSTS.read_text(encoding="utf-8")
        told = text.split("<!-- costs -->\n")[1].split("\n<!-- /costs -->")[0]
        self.assertEqual(told, costs.tables(), "python infra/check/costs.py prints the new ones")

    def test_a_count_that_changes_changes_the_table(self):
        writes, reads = costs.asserted("day_of_one_warung")
        self.assertGreater(writes, 0)
        self.assertGreater(reads, 0)
        (warung, *_) = costs.businesses()
        said = costs.DAYS * (
            costs.WRITES_PER_COUNTED_DAY
            + warung.receipts_a_day_and_outlet * (costs.ANSWERED * costs.WRITES_PER_ANSWER + costs.KNOWN)
            + costs.JOBS_PER_OUTLET * costs.WRITES_PER_JOB
        )
        self.assertEqual(costs.month(warung)["DynamoDB write units"], writes * costs.DAYS + said)

    def test_what_is_free_is_not_paid_for(self):
        self.assertEqual(costs.dollars("Lambda requests", 10**6), 0)
        self.assertEqual(costs.dollars("Lambda requests", 2 * 10**6), costs.Decimal("0.20"))


class Pictures(unittest.TestCase):
    """Not whether they are pretty: whether what they show is there, and what is there is shown."""

    @classmethod
    def setUpClass(cls):
        cls.template = source()
        cls.resources = cls.template["Resources"]
        cls.texts = {page.name: page.read_text(encoding="utf-8") for page in PICTURES.glob("*.md")}

    def test_every_page_of_pictures_is_listed_and_has_one(self):
        for name, text in self.texts.items():
            if name != "README.md":
                with self.subTest(page=name):
                    self.assertIn(f"]({name})", self.texts["README.md"])
                    self.assertEqual(text.count("```mermaid"), 1)

    def test_names_of_resources_in_pictures_are_names_of_resources(self):
        for name, text in self.texts.items():
            for word in re.findall(r"\b[A-Z]\w+(?:Function|Table|Queue|DeadLetters|Rule)\b", text):
                with self.subTest(page=name):
                    self.assertIn(word, self.resources)

    def test_the_system_shows_every_function_table_and_bucket(self):
        for kind in ["AWS::Serverless::Function", "AWS::DynamoDB::Table", "AWS::S3::Bucket"]:
            for name in of_type(self.template, kind):
                self.assertIn(name, self.texts["system.md"])

    def test_the_failure_paths_show_every_trigger_that_is_not_waited_for(self):
        for function in of_type(self.template, "AWS::Serverless::Function").values():
            for name, event in function["Properties"].get("Events", {}).items():
                if event["Type"] != "SQS":
                    self.assertIn(name, self.texts["failures.md"])
        for name in of_type(self.template, "AWS::SQS::Queue"):
            self.assertIn(name, self.texts["failures.md"])


if __name__ == "__main__":
    unittest.main()
