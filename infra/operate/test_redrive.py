"""What was given up goes back where it belongs, once, and nothing else is touched."""

import io
import json
import unittest

from botocore.response import StreamingBody

import counting
import redrive
from stubbed import RESOURCES, StubbedStack

NOW = 1_800_000_000_000
HALF_AN_HOUR = 1800
SEND_MAIL = "arn:aws:lambda:ap-southeast-3:1:function:shop-send-mail:live"
SYNC_NIGHTLY = "arn:aws:lambda:ap-southeast-3:1:function:shop-sync-nightly:live"
HONOUR_RIGHTS = "arn:aws:lambda:ap-southeast-3:1:function:shop-honour-rights:live"


def message(name, body, seconds_ago=3600, target=None):
    """A message as SQS hands it out."""
    attributes = {"MessageAttributes": {"TARGET_ARN": {"StringValue": target, "DataType": "String"}}}
    return {
        "MessageId": name,
        "ReceiptHandle": f"receipt of {name}",
        "Body": body if isinstance(body, str) else json.dumps(body),
        "Attributes": {"SentTimestamp": str(NOW - seconds_ago * 1000)},
        **(attributes if target else {}),
    }


def failed(function, payload):
    """Lambda's record of an asynchronous invocation that failed for good."""
    context = {"functionArn": function, "condition": "RetriesExhausted"}
    return {"version": "1.0", "requestContext": context, "requestPayload": payload}


class RedriveCase(unittest.TestCase):
    def setUp(self):
        self.stack, self.said, self.pauses = StubbedStack(), [], []
        self.redrive = redrive.Redrive(self.stack, HALF_AN_HOUR, NOW, self.said.append, self.pauses.append)
        self.addCleanup(self.stack.assert_all_called)

    def expect_receive(self, queue, *messages):
        """The queue is asked, and hands these out."""
        self.stack.expect(
            "sqs",
            "receive_message",
            {"Messages": list(messages)},
            QueueUrl=RESOURCES[queue],
            MaxNumberOfMessages=10,
            VisibilityTimeout=redrive.HIDDEN_S,
            WaitTimeSeconds=1,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )

    def expect_delete(self, queue, one):
        self.stack.expect(
            "sqs", "delete_message", {}, QueueUrl=RESOURCES[queue], ReceiptHandle=one["ReceiptHandle"]
        )

    def expect_release(self, queue, one):
        self.stack.expect(
            "sqs",
            "change_message_visibility",
            {},
            QueueUrl=RESOURCES[queue],
            ReceiptHandle=one["ReceiptHandle"],
            VisibilityTimeout=0,
        )

    def expect_attribute(self, queue, name, value):
        self.stack.expect(
            "sqs",
            "get_queue_attributes",
            {"Attributes": {name: value}},
            QueueUrl=RESOURCES[queue],
            AttributeNames=[name],
        )

    def expect_items(self, work, until_ms, items, start=None, following=None, table="OperationsTable"):
        self.stack.expect(
            "dynamodb",
            "query",
            {"Items": items, **({"LastEvaluatedKey": following} if following else {})},
            TableName=RESOURCES[table],
            IndexName="by_work",
            KeyConditionExpression="#work = :work AND work_at <= :until",
            ProjectionExpression="pk, sk, kind, #state",
            ExpressionAttributeNames={"#work": "work", "#state": "state"},
            ExpressionAttributeValues={":work": {"S": work}, ":until": {"S": f"{until_ms:015}"}},
            **({"ExclusiveStartKey": start} if start else {}),
        )

    def expect_requests(self, *states):
        """Requests of people in these states are in the index."""
        items = [
            {"pk": {"S": f"Z#{number}"}, "sk": {"S": "Z"}, "kind": {"S": "rights"}, "state": {"S": state}}
            for number, state in enumerate(states)
        ]
        self.expect_items("rights", redrive.WHENEVER_MS, items, table="DutiesTable")
        return items


class Exports(RedriveCase):
    def expect_start(self, code=None):
        self.expect_attribute("IngestDeadLetters", "QueueArn", "arn:dead")
        self.expect_attribute("IngestQueue", "QueueArn", "arn:queue")
        parameters = {"SourceArn": "arn:dead", "DestinationArn": "arn:queue"}
        if code:
            self.stack.expect_error("sqs", "start_message_move_task", code, **parameters)
        else:
            self.stack.expect("sqs", "start_message_move_task", {"TaskHandle": "t"}, **parameters)

    def expect_task(self, **task):
        self.stack.expect(
            "sqs", "list_message_move_tasks", {"Results": [task]}, SourceArn="arn:dead", MaxResults=1
        )

    def test_aws_moves_them_and_is_watched_until_it_has(self):
        self.expect_start()
        self.expect_task(Status="RUNNING", ApproximateNumberOfMessagesMoved=2)
        self.expect_task(Status="COMPLETED", ApproximateNumberOfMessagesMoved=7)
        self.assertEqual(self.redrive.move_exports(), 7)
        self.assertEqual(self.pauses, [1])

    def test_a_move_that_fails_is_not_a_success(self):
        self.expect_start()
        self.expect_task(Status="FAILED", FailureReason="AccessDenied")
        with self.assertRaisesRegex(SystemExit, "AccessDenied"):
            self.redrive.move_exports()

    def test_where_messages_cannot_be_moved_each_is_sent_before_it_is_deleted(self):
        self.expect_start(code="InvalidAction")
        for one in [message("a", "one"), message("b", "two")]:
            self.expect_receive("IngestDeadLetters", one)
            self.stack.expect(
                "sqs",
                "send_message",
                {"MessageId": "new"},
                QueueUrl=RESOURCES["IngestQueue"],
                MessageBody=one["Body"],
            )
            self.expect_delete("IngestDeadLetters", one)
        self.expect_receive("IngestDeadLetters")
        self.assertEqual(self.redrive.move_exports(), 2)

    def test_a_refusal_is_not_taken_for_an_endpoint_that_cannot(self):
        self.expect_start(code="AccessDenied")
        with self.assertRaisesRegex(Exception, "AccessDenied"):
            self.redrive.move_exports()


class Items(RedriveCase):
    def stuck(self, number, state="continue"):
        return {
            "pk": {"S": f"E#{number}"},
            "sk": {"S": "V#etag"},
            "kind": {"S": "export"},
            "state": {"S": state},
        }

    def touch(self, item, table="OperationsTable"):
        return {
            "TableName": RESOURCES[table],
            "Key": {"pk": item["pk"], "sk": item["sk"]},
            "UpdateExpression": "SET touched = :now",
            "ConditionExpression": "#state = :state",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":now": {"N": str(NOW)}, ":state": item["state"]},
        }

    def test_every_stuck_item_is_touched_on_condition_that_it_still_is_in_its_state(self):
        first, second = self.stuck(1), self.stuck(2, "replaying")
        key = {"pk": first["pk"], "sk": first["sk"]}
        until = NOW - HALF_AN_HOUR * 1000
        self.expect_items("ingest", until, [first], following=key)
        self.expect_items("ingest", until, [second], start=key)
        self.expect_requests()
        self.stack.expect("dynamodb", "update_item", {}, **self.touch(first))
        self.stack.expect_error(
            "dynamodb", "update_item", "ConditionalCheckFailedException", **self.touch(second)
        )
        self.assertEqual(self.redrive.announce_items(), (1, 1))

    def test_a_request_is_announced_when_a_function_has_to_carry_it_out_and_not_when_a_person_has(self):
        self.expect_items("ingest", NOW - HALF_AN_HOUR * 1000, [])
        _, ordered, _ = self.expect_requests("received", "executing", "verified")
        self.stack.expect("dynamodb", "update_item", {}, **self.touch(ordered, "DutiesTable"))
        self.assertEqual(self.redrive.announce_items(), (1, 0))

    def test_a_touch_that_is_refused_stops_before_any_message_is_deleted(self):
        self.expect_items("ingest", NOW - HALF_AN_HOUR * 1000, [self.stuck(1)])
        self.expect_requests()
        self.stack.expect_error("dynamodb", "update_item", "AccessDenied", **self.touch(self.stuck(1)))
        with self.assertRaisesRegex(Exception, "AccessDenied"):
            self.redrive.announce_items()

    def test_messages_about_younger_items_stay(self):
        old, young = message("old", "{}", HALF_AN_HOUR + 1), message("young", "{}", HALF_AN_HOUR - 1)
        self.expect_receive("StreamDeadLetters", old, young)
        self.expect_delete("StreamDeadLetters", old)
        self.expect_release("StreamDeadLetters", young)
        # Released, it may come again at once, and in front of what was not looked at yet.
        hidden = message("hidden", "{}", HALF_AN_HOUR + 2)
        self.expect_receive("StreamDeadLetters", young)
        self.expect_receive("StreamDeadLetters", young, hidden)
        self.expect_delete("StreamDeadLetters", hidden)
        for _ in range(redrive.IDLE_ROUNDS):
            self.expect_receive("StreamDeadLetters", young)
        self.assertEqual(self.redrive.clear_stream_letters(), (2, 0, 1))


def at(number):
    """A sequence number, in the length that streams have."""
    return f"1{number:020}"


class Counts(RedriveCase):
    """What score-feedback gave up is in the stream for a day, and is counted from there."""

    STREAM = "arn:aws:dynamodb:ap-southeast-3:1:table/shop-SalesTable-1/stream/x"
    SHARD = "shardId-00000000000000000001"
    BATCH = {"shardId": SHARD, "startSequenceNumber": at(5), "endSequenceNumber": at(7), "streamArn": STREAM}

    def letter(self, **more):
        context = {"functionArn": "arn:aws:lambda:ap-southeast-3:1:function:shop-score-feedback:live"}
        # Young: an item of by_work would be left alone for a while, a count need not.
        return message("a", {"requestContext": context, "DDBStreamBatchInfo": {**self.BATCH, **more}}, seconds_ago=1)

    def record(self, number, sk):
        return {"dynamodb": {"SequenceNumber": at(number), "NewImage": {**self.item(sk), "d": {"B": b"page"}}}}

    def item(self, sk):
        return {"pk": {"S": "O#shop"}, "sk": {"S": sk}, "doc": {"S": "what it holds"}}

    def expect_iterator(self):
        self.stack.expect(
            "dynamodbstreams",
            "get_shard_iterator",
            {"ShardIterator": "first"},
            StreamArn=self.STREAM,
            ShardId=self.SHARD,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=at(5),
        )

    def expect_count(self, answer, *changes):
        records = [counting.changed(at(number), self.STREAM, self.item(sk)) for number, sk in changes]
        body = StreamingBody(io.BytesIO(answer), len(answer))
        self.stack.expect(
            "lambda",
            "invoke",
            {"StatusCode": 200, "Payload": body},
            FunctionName="shop-score-feedback:live",
            InvocationType="RequestResponse",
            Payload=json.dumps({"Records": records}).encode(),
        )

    def clear(self, deleted, counted, left, letter=None):
        letter = letter or self.letter()
        self.expect_receive("StreamDeadLetters", letter)
        (self.expect_release if left else self.expect_delete)("StreamDeadLetters", letter)
        self.expect_receive("StreamDeadLetters")
        self.assertEqual(self.redrive.clear_stream_letters(), (deleted, counted, left))

    def expect_records(self):
        """The batch over two reads: a day, a page that nobody counts, an answer, and what came later."""
        self.expect_iterator()
        first = [self.record(5, "S#2026-10-28"), self.record(6, "P#2026-10-28")]
        self.stack.expect(
            "dynamodbstreams", "get_records", {"Records": first, "NextShardIterator": "second"}, ShardIterator="first"
        )
        second = [self.record(7, "A#2026-10-28#1"), self.record(8, "S#2026-10-29")]
        self.stack.expect(
            "dynamodbstreams", "get_records", {"Records": second, "NextShardIterator": "third"}, ShardIterator="second"
        )

    def test_exactly_the_changes_of_the_batch_are_counted(self):
        self.expect_records()
        self.expect_count(b'{"batchItemFailures":[]}', (5, "S#2026-10-28"), (7, "A#2026-10-28#1"))
        self.clear(1, 2, 0)

    def test_what_could_not_be_counted_stays(self):
        self.expect_records()
        failed = b'{"batchItemFailures":[{"itemIdentifier":"5"}]}'
        self.expect_count(failed, (5, "S#2026-10-28"), (7, "A#2026-10-28#1"))
        self.clear(0, 0, 1)
        self.assertIn("its log says why", self.said[-1])

    def test_what_the_stream_has_forgotten_stays_with_the_way_out(self):
        self.expect_iterator()
        self.stack.expect_error(
            "dynamodbstreams", "get_records", "TrimmedDataAccessException", ShardIterator="first"
        )
        self.clear(0, 0, 1, self.letter(approximateArrivalOfFirstRecord="2026-10-28T16:00:00Z"))
        self.assertIn("2026-10-28T16:00:00Z: FROM=... TO=... make recount", "\n".join(self.said))


class Invocations(RedriveCase):
    def invoke_again(self, *messages, invoked=None, released=()):
        """Runs over these messages; expects these payloads to be invoked, and these to be released."""
        invoked = invoked or {}
        self.expect_receive("InvocationDeadLetters", *messages)
        for one in messages:
            if one["MessageId"] in invoked:
                function, payload = invoked[one["MessageId"]]
                self.stack.expect(
                    "lambda",
                    "invoke",
                    {"StatusCode": 202},
                    FunctionName=function,
                    InvocationType="Event",
                    Payload=json.dumps(payload).encode(),
                )
            if one["MessageId"] in released:
                self.expect_release("InvocationDeadLetters", one)
            else:
                self.expect_delete("InvocationDeadLetters", one)
        self.expect_receive("InvocationDeadLetters")
        return self.redrive.invoke_again()

    def test_a_failed_invocation_is_repeated_with_its_own_payload(self):
        task = {"task": "watch-arrivals"}
        one = message("a", failed(SYNC_NIGHTLY, task))
        self.assertEqual(self.invoke_again(one, invoked={"a": (SYNC_NIGHTLY, task)}), (1, 0, 0))

    def test_what_the_scheduler_could_not_invoke_is_invoked(self):
        task = {"task": "watch-arrivals"}
        one = message("a", task, target=SYNC_NIGHTLY)
        self.assertEqual(self.invoke_again(one, invoked={"a": (SYNC_NIGHTLY, task)}), (1, 0, 0))

    def test_a_minute_that_later_minutes_have_made_up_for_is_deleted(self):
        one = message("a", failed(SEND_MAIL, {"source": "aws.scheduler"}), seconds_ago=61)
        self.assertEqual(self.invoke_again(one), (0, 1, 0))

    def test_a_task_is_superseded_by_the_next_of_its_own(self):
        for function, task, seconds in [
            (SYNC_NIGHTLY, "go-on", 61),
            (HONOUR_RIGHTS, "remind", 3601),
            (HONOUR_RIGHTS, "retain", 24 * 3600 + 1),
            (SYNC_NIGHTLY, "sync", 24 * 3600 + 1),
        ]:
            with self.subTest(task=task):
                payload = {"task": task}
                late = message("a", failed(function, payload), seconds_ago=seconds)
                self.assertEqual(self.invoke_again(late), (0, 1, 0))
                young = message("a", failed(function, payload), seconds_ago=seconds - 2)
                self.assertEqual(self.invoke_again(young, invoked={"a": (function, payload)}), (1, 0, 0))

    def test_a_night_that_another_night_has_followed_is_deleted(self):
        one = message("a", failed(SYNC_NIGHTLY, {"task": "watch-arrivals"}), seconds_ago=24 * 3600 + 1)
        self.assertEqual(self.invoke_again(one), (0, 1, 0))

    def test_what_is_not_understood_stays(self):
        bodies = ["not json", "[]", "{}", '"text"', '{"requestContext": null}']
        messages = [message(str(number), body) for number, body in enumerate(bodies)]
        names = {one["MessageId"] for one in messages}
        self.assertEqual(self.invoke_again(*messages, released=names), (0, 0, len(bodies)))
        self.assertTrue(all("not understood" in line for line in self.said))


class Looking(RedriveCase):
    def look(self, counts, stuck, not_sent):
        for queue, count in zip(["IngestDeadLetters", "StreamDeadLetters", "InvocationDeadLetters"], counts):
            self.expect_attribute(queue, "ApproximateNumberOfMessages", str(count))
        self.expect_items("ingest", NOW - HALF_AN_HOUR * 1000, stuck)
        self.expect_requests("received")
        self.expect_items("mail-not-sent", NOW, not_sent)
        return self.redrive.look()

    def test_it_shows_everything_and_changes_nothing(self):
        item = {"pk": {"S": "E#1"}, "sk": {"S": "V#2"}, "kind": {"S": "export"}, "state": {"S": "continue"}}
        self.assertTrue(self.look((3, 2, 1), [item], [item, item]))
        shown = "\n".join(self.said)
        for expected in [
            "3 in IngestDeadLetters", "2 in StreamDeadLetters", "1 in InvocationDeadLetters",
            "1 items begun", "export continue, E#1 V#2", "2 mails not sent",
        ]:
            self.assertIn(expected, shown)

    def test_mails_alone_are_nothing_to_put_back(self):
        item = {"pk": {"S": "M#1"}, "sk": {"S": "M"}, "kind": {"S": "mail"}, "state": {"S": "unknown"}}
        self.assertFalse(self.look((0, 0, 0), [], [item]))


if __name__ == "__main__":
    unittest.main()
