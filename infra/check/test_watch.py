"""Everything that can go wrong is watched: alarms, what they cost, and the dashboard."""

import json
import re
import unittest

from test_template import FUNCTION, MAPPING, QUEUE, TemplateCase
from transformed import EVERYTHING, REPOSITORY, deployed, function_of, names_in, of_type

ALARM = "AWS::CloudWatch::Alarm"
DASHBOARD = "AWS::CloudWatch::Dashboard"
FREE_ALARM_METRICS = 10
FREE_DASHBOARD_METRICS = 50
FREE_DASHBOARDS = 3
# What the functions write themselves, in the embedded metric format. Ten that are written in every hour are
# free of charge: a metric is billed by the hours in which it is written, six of these have one a night, and the
# ones of top-ups are written only where some are sold.
OWN_METRICS = {
    "ColdStarts",
    "FilesPulled",
    "FindingsOpen",
    "LagSeconds",
    "MailsNotSent",
    "MailsSent",
    "NightTroubles",
    "NightsEnded",
    "OutletsExpected",
    "OutletsReported",
    "Pages",
    "Quarantined",
    "Receipts",
    "RightsOverdue",
    "TopupsDelivered",
    "TopupsFailed",
    "TopupsForPerson",
    "TopupsStopped",
    "WriteUnits",
}

# How they are written.
WRITTEN = re.compile(r'\.(?:add|record)\(\s*"(\w+)",\s*Unit::')

# Functions that only streams and schedules invoke: what their retries do not mend ends in dead letters, and
# those are watched. Their own errors are an early sign.
SEEN_BY_DEAD_LETTERS = {
    "HonourRightsFunction",
    "ScoreFeedbackFunction",
    "SendMailFunction",
    "SendTopupsFunction",
    "SyncNightlyFunction",
    "TellPartnersFunction",
}


def metrics_of(properties):
    """Every metric that an alarm watches, as (namespace, name, what it belongs to)."""
    if "Metrics" not in properties:
        stats = [properties]
    else:
        stats = [m["MetricStat"]["Metric"] for m in properties["Metrics"] if "MetricStat" in m]
    for stat in stats:
        belongs = tuple(names_in([d["Value"] for d in stat.get("Dimensions", [])]))
        yield str(stat["Namespace"]), stat["MetricName"], belongs


class Alarms(TemplateCase):
    def watched(self, template):
        return {
            (name, belongs)
            for alarm in of_type(template, ALARM).values()
            for _, name, belongs in metrics_of(alarm["Properties"])
        }

    def test_the_essential_alarms_are_free_of_charge(self):
        metrics = [m for _, p in self.properties(ALARM) for m in metrics_of(p)]
        self.assertLessEqual(len(metrics), FREE_ALARM_METRICS)

    def test_who_sells_top_ups_has_two_more(self):
        selling = set(of_type(deployed(self.source, TopupUrl=EVERYTHING["TopupUrl"]), ALARM))
        self.assertEqual(selling - set(of_type(self.template, ALARM)), {"TopupsForPersonAlarm", "TopupsStoppedAlarm"})

    def test_the_essential_alarms_see_what_fails_is_stuck_or_does_not_come(self):
        watched = self.watched(self.template)
        # A function behind the HTTP API answers its failures: there the answers are what to watch.
        answering = {
            function_of(self.template, named)
            for _, integration in self.properties("AWS::ApiGatewayV2::Integration")
            for named in names_in(integration["IntegrationUri"])
            if named in self.template["Resources"]
        }
        for name, _ in self.of_type(FUNCTION):
            if name not in answering and name not in SEEN_BY_DEAD_LETTERS:
                self.assertIn(("Errors", (name,)), watched)
        for name, _ in self.of_type("AWS::ApiGatewayV2::Api"):
            self.assertIn(("5xx", (name,)), watched)
        for name, _ in self.of_type(QUEUE):
            dead = name.endswith("DeadLetters")
            metric = "ApproximateNumberOfMessagesVisible" if dead else "ApproximateAgeOfOldestMessage"
            self.assertIn((metric, (name,)), watched)
        self.assertIn(("OutletsReported", ()), watched)
        self.assertIn(("NightsEnded", ()), watched)
        self.assertIn(("MailsNotSent", ()), watched)
        self.assertIn(("RightsOverdue", ()), watched)

    def test_what_is_seen_by_its_dead_letters_alone_has_no_other_way_to_fail(self):
        called = lambda value: {
            function_of(self.template, name)
            for name in names_in(value)
            if name in self.resources and self.resources[name]["Type"] in (FUNCTION, "AWS::Lambda::Alias")
        }
        kept = {
            function
            for _, config in of_type(self.template, "AWS::Lambda::EventInvokeConfig").items()
            if list(names_in(config["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]))
            for function in called(config["Properties"]["FunctionName"])
        }
        for name in SEEN_BY_DEAD_LETTERS:
            mappings = [p for _, p in self.properties(MAPPING) if name in called(p["FunctionName"])]
            self.assertTrue(mappings)
            for mapping in mappings:
                self.assertTrue(list(names_in(mapping["DestinationConfig"]["OnFailure"]["Destination"])))
            scheduled = [p for _, p in self.properties("AWS::Scheduler::Schedule") if name in called(p["Target"])]
            for schedule in scheduled:
                self.assertIn("DeadLetterConfig", schedule["Target"])
                self.assertIn(name, kept)
            for _, integration in self.properties("AWS::ApiGatewayV2::Integration"):
                self.assertNotIn(name, called(integration["IntegrationUri"]))

    def test_all_alarms_see_the_early_signs_as_well(self):
        watched = self.watched(self.everything)
        self.assertLess(self.watched(self.template), watched)
        for name, _ in self.of_type(FUNCTION):
            self.assertIn(("Throttles", (name,)), watched)
            self.assertIn(("Duration", (name,)), watched)
        for _, mapping in self.properties(MAPPING):
            if "StartingPosition" in mapping:
                (target,) = names_in(mapping["FunctionName"])
                self.assertIn(("IteratorAge", (function_of(self.template, target),)), watched)
        for name, _ in self.of_type("AWS::ApiGatewayV2::Api"):
            self.assertIn(("5xx", (name,)), watched)
        self.assertIn(("NightTroubles", ()), watched)
        self.assertIn(("OutletsExpected", ()), watched)

    def test_a_run_is_long_when_four_fifths_of_its_timeout_are_over(self):
        for alarm in of_type(self.everything, ALARM).values():
            properties = alarm["Properties"]
            if properties.get("MetricName") == "Duration":
                (function,) = names_in(properties["Dimensions"])
                timeout = self.resources[function]["Properties"]["Timeout"]
                with self.subTest(function=function):
                    self.assertEqual(properties["Threshold"] * 10, timeout * 1000 * 8)

    def test_an_alarm_tells_the_operator_and_says_in_words_what_happened(self):
        for name, alarm in of_type(self.everything, ALARM).items():
            properties = alarm["Properties"]
            with self.subTest(alarm=name):
                self.assertEqual(list(names_in(properties["AlarmActions"])), ["AlarmTopic"])
                self.assertRegex(properties["AlarmDescription"], r"^[a-zA-Z].*[.?]$")
        for name, properties in self.properties(ALARM):
            with self.subTest(alarm=name):
                self.assertNotIn("AlarmActions", properties)

    def test_silence_is_alarming_only_where_something_must_happen_every_day(self):
        breaching = {
            name
            for name, alarm in of_type(self.everything, ALARM).items()
            if alarm["Properties"]["TreatMissingData"] != "notBreaching"
        }
        self.assertEqual(breaching, {"NightSilentAlarm"})

    def test_a_night_may_end_two_hours_later_than_the_one_before_and_not_more(self):
        properties = self.resources["NightSilentAlarm"]["Properties"]
        self.assertEqual(properties["Period"] * properties["EvaluationPeriods"], 26 * 3600)
        # CloudWatch looks back for seven days at most, in periods of an hour or more.
        self.assertGreaterEqual(properties["Period"], 3600)

    def test_the_metrics_that_the_functions_write_are_known_here(self):
        written = {
            name
            for folder in ["functions", "shared"]
            for path in (REPOSITORY / folder).glob("**/src/**/*.rs")
            if "lambda-edge" not in path.parts
            for name in WRITTEN.findall(path.read_text(encoding="utf-8"))
        }
        # The edge itself counts its starts.
        self.assertEqual(written | {"ColdStarts"}, OWN_METRICS)

    def test_what_the_functions_measure_themselves_is_in_the_namespace_they_are_told(self):
        for name, properties in self.properties(FUNCTION):
            with self.subTest(function=name):
                told = properties["Environment"]["Variables"]["METRICS_NAMESPACE"]
                self.assertEqual(told, {"Ref": "AWS::StackName"})
        for name, alarm in of_type(self.everything, ALARM).items():
            for namespace, metric, belongs in metrics_of(alarm["Properties"]):
                if not namespace.startswith("AWS/"):
                    with self.subTest(alarm=name):
                        self.assertEqual(namespace, str({"Ref": "AWS::StackName"}))
                        self.assertIn(metric, OWN_METRICS)
                        self.assertEqual(belongs, (), "a dimension makes it another, paid metric")


class Dashboards(TemplateCase):
    """The page that is always there, and the one of top-ups where some are sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.selling = deployed(cls.source, TopupUrl=EVERYTHING["TopupUrl"])
        cls.texts = {
            name: dashboard["Properties"]["DashboardBody"]["Fn::Sub"]
            for name, dashboard in of_type(cls.selling, DASHBOARD).items()
        }
        cls.widgets = {name: json.loads(text)["widgets"] for name, text in cls.texts.items()}
        cls.metrics = [m for name in cls.widgets for m in cls.metrics_of(name)]

    @classmethod
    def metrics_of(cls, name):
        return [m for w in cls.widgets[name] for m in w["properties"].get("metrics", [])]

    def test_they_name_only_what_is_there(self):
        self.assertEqual(set(of_type(self.template, DASHBOARD)), {"Dashboard"})
        for template, name in [(self.template, "Dashboard"), (self.selling, "TopupsDashboard")]:
            for named in re.findall(r"\$\{(\w+)(?:\.\w+)?\}", self.texts[name]):
                self.assertIn(named, template["Resources"])

    def test_they_are_free_of_charge(self):
        self.assertLessEqual(len(self.texts), FREE_DASHBOARDS)
        for name in self.widgets:
            self.assertLessEqual(len(self.metrics_of(name)), FREE_DASHBOARD_METRICS)

    def test_they_show_every_metric_of_our_own_and_every_essential_alarm(self):
        own = {metric[1] for metric in self.metrics if metric[0] == "${AWS::StackName}"}
        self.assertEqual(own, OWN_METRICS)
        shown = {
            alarm.removeprefix("${").removesuffix(".Arn}")
            for widgets in self.widgets.values()
            for widget in widgets
            if widget["type"] == "alarm"
            for alarm in widget["properties"]["alarms"]
        }
        self.assertEqual(shown, set(of_type(self.selling, ALARM)))

    def test_they_show_every_function_and_every_queue(self):
        for kind, metric, attribute in [
            (FUNCTION, "Errors", ""),
            (FUNCTION, "Duration", ""),
            (QUEUE, "ApproximateAgeOfOldestMessage", ".QueueName"),
        ]:
            shown = {m[3] for m in self.metrics if m[1] == metric}
            self.assertEqual(shown, {f"${{{name}{attribute}}}" for name, _ in self.of_type(kind)})

    def test_no_widget_covers_another(self):
        taken = set()
        for page, widget in [(page, widget) for page, widgets in self.widgets.items() for widget in widgets]:
            for x in range(widget["x"], widget["x"] + widget["width"]):
                for y in range(widget["y"], widget["y"] + widget["height"]):
                    self.assertNotIn((page, x, y), taken, widget["properties"]["title"])
                    self.assertLess(x, 24)
                    taken.add((page, x, y))


if __name__ == "__main__":
    unittest.main()
