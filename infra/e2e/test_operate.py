"""The operator's commands, as they are, on the deployed stack: the first key, and putting back
what was given up."""

import json
import os
import re
import subprocess
import sys
import unittest

import deploy
import exercises
import people
import rights
import server
import session
from exports import OUTLET, broken, export, receipt
from test_scenario import minute

OPERATE = deploy.REPOSITORY / "infra/operate"
LETTERS = ("IngestDeadLetters", "StreamDeadLetters", "InvocationDeadLetters")


class Operate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = session.stack()
        session.drain(cls.stack)

    def command(self, script, **settings):
        """Runs one of infra/operate with the rights of the account; answers what it printed."""
        reach = {"AWS_ENDPOINT_URL": self.stack.emulator.endpoint, "STACK": deploy.STACK, "PATH": os.defpath}
        done = subprocess.run(
            [sys.executable, "-B", OPERATE / script],
            # A folder without a samconfig.toml, which would name a real stack.
            cwd=self.stack.emulator.folder,
            env={**server.ADMIN, **server.nowhere(), **reach, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_first_key_opens_the_api(self):
        printed = self.command("first_key.py")
        (key,) = re.findall(r"oyk_\w+", printed)
        self.assertEqual(self.stack.call("GET", "/v1/outlets", key=key)[0], 200)

    def waiting(self):
        """How many messages each queue of dead letters holds."""
        sqs, name = self.stack.client("sqs"), "ApproximateNumberOfMessages"
        return [
            int(sqs.get_queue_attributes(QueueUrl=self.stack.queue(queue), AttributeNames=[name])["Attributes"][name])
            for queue in LETTERS
        ]

    def test_redrive_puts_back_what_was_given_up(self):
        stack, key = self.stack, "incoming/given-up.ndjson"
        piece, replay = self.replay_asked_for()
        # For a while ingest-sales may not read: an export, and the replay of a record, are given up.
        with rights.denied(stack, stack.names["IngestSalesRole"], "s3:Get*"):
            stack.put_export(key, export(receipt("given-up")))
            replay()
            stack.until(lambda: self.waiting()[:2] == [1, 1], "the export and the replay are given up")
        # For a while score-feedback may not write: the count of a day is given up.
        with rights.denied(stack, stack.names["ScoreFeedbackRole"], "dynamodb:PutItem"):
            stack.ingested("incoming/not-counted.ndjson", export(receipt("not-counted", day="2025-11-17")))
            stack.until(lambda: self.waiting()[1] == 2, "the count is given up")
        self.assertFalse(self.counted("2025-11-17"))
        schedule = minute(stack)
        # For a while send-mail may not look for work: its minute is given up.
        with rights.denied(stack, stack.role_of(schedule["Target"]["Arn"]), "dynamodb:Query"):
            stack.fire(schedule, "given-up-by-function")
            stack.until(lambda: self.waiting()[2] == 1, "the minute is given up")
        # For a while the schedule may not invoke: its event is given up.
        with rights.denied(stack, schedule["Target"]["RoleArn"].rsplit("/", 1)[1], "lambda:InvokeFunction"):
            stack.fire(schedule, "given-up-by-schedule")
            stack.until(lambda: self.waiting()[2] == 2, "the event is given up")

        self.command("redrive.py", DRY_RUN="1", OLDER_THAN="0")
        self.assertEqual(self.waiting(), [1, 2, 2], "a dry run changes nothing")
        mark = stack.mark()
        printed = self.command("redrive.py", YES="redrive", OLDER_THAN="0")
        self.assertEqual(self.waiting(), [0, 0, 0], printed)
        done = stack.until(lambda: stack.export(key), "the export is read after all")
        self.assertEqual(done["state"], "done")
        self.assertTrue(self.counted("2025-11-17"), printed)
        stack.until(lambda: exercises.replayed(stack, piece), "the replay is done after all")
        name = stack.names["SendMailFunction"]
        stack.until(lambda: stack.invocations(name, mark)[:2] == [True, True], "both minutes are made up for")

    def test_redrive_announces_a_persons_request_again_that_was_given_up(self):
        guest = 703
        self.stack.ingested("incoming/gave-up-on.ndjson", export(receipt("gave-up-on", guest)))
        with rights.denied(self.stack, self.stack.names["HonourRightsRole"], "dynamodb:GetItem"):
            request = people.ask(self.stack, guest, "restriction")
            self.stack.until(lambda: self.waiting()[1] == 1, "the request is given up")
        self.assertFalse(people.is_done(self.stack, request))
        printed = self.command("redrive.py", YES="redrive", OLDER_THAN="0")
        self.stack.until(lambda: people.is_done(self.stack, request), f"it is carried out after all\n{printed}")
        self.assertEqual(self.waiting(), [0, 0, 0])

    def counted(self, day):
        """Whether there are figures of a day."""
        return self.stack.items("FeedbackTable", pk=f"O#{OUTLET}", sk=f"D#{day}")

    def test_a_recount_makes_the_figures_of_the_days_that_were_asked_for(self):
        day, key = "2025-11-18", {"pk": {"S": f"O#{OUTLET}"}, "sk": {"S": "D#2025-11-18"}}
        self.stack.ingested("incoming/to-recount.ndjson", export(receipt("to-recount", day=day)))
        self.stack.until(lambda: self.counted(day), "the day is counted")
        self.stack.client("dynamodb").delete_item(TableName=self.stack.names["FeedbackTable"], Key=key)
        printed = self.command("recount.py", FROM=day, TO=day, YES="recount")
        self.assertIn("1 days counted", printed)
        self.assertTrue(self.counted(day))

    def replay_asked_for(self):
        """An export with a refused record: its id, and what asks for the replay of that record."""
        stack, api_key = self.stack, self.stack.api_key("r")
        export_id = stack.ingested("incoming/replay-later.ndjson", export(broken("later", 17)))["id"]
        (item,) = stack.items("OperationsTable", pk=f"Q#{export_id}")
        path = f"/v1/quarantine/{export_id}.{item['sk']['S']}/replay"

        def replay():
            status, answer = stack.call("POST", path, key=api_key)
            self.assertEqual(status, 202, json.dumps(answer))

        return export_id, replay
