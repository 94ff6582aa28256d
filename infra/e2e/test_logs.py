"""What the functions left in their logs. Runs last, so that it sees the lines of every other test."""

import json
import re
import unittest

import deploy
import exports
import partners
import session
import supplier
import topups
from exercises import mailed
from test_scenario import SAMPLE

# What must be in a function's log at the end of a run: its line about an outcome.
OUTCOMES = {
    "ingest-sales": "export.ingested",
    "accept-exports": "request answered",
    "send-mail": "mail",
    "sync-nightly": "night.ended",
    "serve-feedback": "request answered",
    "score-feedback": "feedback.scored",
    "serve-dashboard": "request answered",
    "honour-rights": "rights.carried_out",
    "serve-topups": "request answered",
    "send-topups": "topup",
    "tell-partners": "webhook",
}
# What happens to no top-up while the supplier is closed: these say nothing, and their alarms have nothing to watch.
SILENT = {"send-topups", "tell-partners"} if supplier.CLOSED else set()
UNSEEN = {"TopupsForPerson", "TopupsStopped"} if supplier.CLOSED else set()


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = session.stack()
        cls.send_a_bad_export()
        groups = cls.stack.of_type("AWS::Logs::LogGroup").values()
        cls.lines = {group: cls.stack.log(group) for group in groups}

    @classmethod
    def send_a_bad_export(cls):
        """An export over HTTP with a record that is refused: from a request to a mail."""
        body = exports.export(exports.broken("followed", 18))
        headers = {"Idempotency_Key": "followed", "Content_Type": "application/x-ndjson"}
        _, accepted = cls.stack.call("POST", "/v1/exports", body, cls.stack.api_key("l"), **headers)
        cls.stack.until(lambda: mailed(cls.stack, accepted["key"]), "the mail about the export")
        # Logs come when a run has ended, which is after what it did can be seen.
        for function in ("ingest-sales", "send-mail"):
            logged = lambda log=f"/oyako/{function}": any(accepted["id"] in line for line in cls.stack.log(log))
            cls.stack.until(logged, f"{function} logs what it did with the export")
        session.quiet(cls.stack)

    def documents(self, function):
        """The lines of a function as what they are."""
        return [json.loads(line) for line in self.lines[f"/oyako/{function}"]]

    def test_one_correlation_leads_from_the_request_to_the_mail(self):
        told = [
            {line["correlation_id"] for line in self.documents(function) if "correlation_id" in line}
            for function in ("accept-exports", "ingest-sales", "send-mail")
        ]
        self.assertTrue(set.intersection(*told), "no correlation is in the logs of all three")

    def test_every_metric_is_reported_for_the_stack_and_each_that_an_alarm_watches_is(self):
        reported = set()
        for function in self.stack.functions:
            for line in self.documents(function):
                for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                    self.assertEqual((directive["Namespace"], directive["Dimensions"]), (deploy.STACK, [[]]))
                    names = {metric["Name"] for metric in directive["Metrics"]}
                    self.assertLessEqual(names, line.keys())
                    reported |= names
        alarms = self.stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
        watched = {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == deploy.STACK}
        self.assertTrue(watched)
        self.assertLessEqual(watched - UNSEEN, reported)

    def test_every_function_logs_into_its_own_group_and_nowhere_else(self):
        listed = self.stack.client("logs").get_paginator("describe_log_groups").paginate()
        groups = {group["logGroupName"] for page in listed for group in page["logGroups"]}
        self.assertEqual(groups, set(self.stack.of_type("AWS::Logs::LogGroup").values()))
        for function in self.stack.functions:
            with self.subTest(function=function):
                self.assertTrue(self.lines[f"/oyako/{function}"])

    def test_every_line_is_a_json_object(self):
        for group, lines in self.lines.items():
            for line in lines:
                with self.subTest(group=group, line=line[:200]):
                    self.assertIsInstance(json.loads(line), dict)

    def test_every_function_tells_outcomes(self):
        self.assertEqual(OUTCOMES.keys(), set(self.stack.functions))
        for function, message in OUTCOMES.items():
            if function in SILENT:
                continue
            with self.subTest(function=function):
                told = {line.get("message") for line in self.documents(function)}
                self.assertIn(message, told)

    def test_no_line_and_no_mail_holds_a_name_or_a_number_of_a_guest_or_a_partners_secret(self):
        payments = json.loads(SAMPLE.read_text(encoding="utf-8"))["data"]["payments"]
        planted = {exports.NAME, exports.PHONE, *partners.secrets(), *supplier.secrets(), *topups.NUMBERS}
        for payment in payments:
            planted |= {payment[field] for field in ("customer_name", "customer_phone") if payment[field]}
        self.assertGreater(len(planted), 10)
        seen = [line for lines in self.lines.values() for line in lines]
        seen += [json.dumps(mail, ensure_ascii=False) for mail in self.stack.mails()]
        seen.append(self.stack.emulator.log_text())
        found = re.compile("|".join(map(re.escape, sorted(planted))))
        for text in seen:
            self.assertIsNone(found.search(text), "a guest's name or number, or a secret, was written down")
