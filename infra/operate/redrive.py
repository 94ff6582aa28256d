"""Puts back what was given up, after its cause is mended. Shows first what there is, then asks.

    DRY_RUN=1       only show
    OLDER_THAN=30   minutes: what is younger may be under way and is left alone
    YES=redrive     do it without asking

 * IngestDeadLetters    back into IngestQueue; every export is taken as if it had just arrived.
 * StreamDeadLetters    says that a function gave up on a change of an item, not on which. The items
                        with work to do are in the indexes by_work: each is touched, which announces it
                        again, and then the messages are deleted. What score-feedback gave up is read
                        from the stream once more, which keeps it for a day, and counted. A part of a
                        night, a top-up and a message to a partner need nothing: their functions look
                        every minute for what was left lying.
 * InvocationDeadLetters    invoked again with what they were invoked with, unless a later run of the
                        same task has done their work.
 * mails not sent       are only counted: whether one is sent twice is for a person to decide.

Everything here may be repeated, and may be stopped anywhere: each message is deleted after its work
was handed on, and what is announced twice changes nothing.
"""

import json
import os
import sys
import time

from botocore.exceptions import ClientError

import counting
from stack import Stack, confirmed

# Partitions of the indexes by_work; spelled in shared/aws/src/keys.rs and outbox.rs.
STARTED, NOT_SENT, REQUESTED = "ingest", "mail-not-sent", "rights"
# Requests of people are in the index by when they are due, so all of them are looked at.
WHENEVER_MS = 10**15 - 1
# Of these, the ones that a function has to carry out; the others wait for a person.
ORDERED = "executing"
# Seconds after which the next run has done the work of one that failed, by function and, where it matters,
# by task.
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
SUPERSEDED_AFTER = {
    ("SendMailFunction", None): MINUTE,  # every minute it sends all that is due
    ("SyncNightlyFunction", "go-on"): MINUTE,
    ("SyncNightlyFunction", None): DAY,  # the next night has looked, at the days before as well
    ("HonourRightsFunction", "remind"): HOUR,
    ("HonourRightsFunction", None): DAY,
    ("SendTopupsFunction", "look"): 15 * MINUTE,
    ("SendTopupsFunction", None): MINUTE,
    ("TellPartnersFunction", None): MINUTE,
}
# How an endpoint says that it cannot move messages by itself.
CANNOT_MOVE = {
    "AWS.SimpleQueueService.UnsupportedOperation",
    "InvalidAction",
    "UnknownOperation",
    "UnknownOperationException",
    "UnsupportedOperation",
}
# How a stream says that a record is older than the day it keeps.
FORGOTTEN = {"TrimmedDataAccessException", "ResourceNotFoundException"}
HIDDEN_S = 120  # how long a message that is being worked on is hidden from others
# Receives in a row that bring nothing new, after which a queue counts as read.
IDLE_ROUNDS = 20
MOVE_LIMIT_S = 600  # how long to watch AWS move messages; it goes on by itself


class Redrive:
    """One look at a stack, and what to do about it."""

    def __init__(self, stack, older_than_s, now_ms, say=print, pause=time.sleep):
        self.stack, self.say, self.pause = stack, say, pause
        self.now_ms, self.cutoff_ms = now_ms, now_ms - older_than_s * 1000

    # ---- looking ---------------------------------------------------------------------------------

    def count(self, queue):
        """About how many messages wait in a queue."""
        answer = self.stack.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.resource(queue), AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def items(self, table, work, until_ms):
        """Keys, states and kinds of the items with this work that has waited since before a time."""
        start = {}
        while True:
            answer = self.stack.client("dynamodb").query(
                TableName=self.stack.resource(table),
                IndexName="by_work",
                KeyConditionExpression="#work = :work AND work_at <= :until",
                ProjectionExpression="pk, sk, kind, #state",
                ExpressionAttributeNames={"#work": "work", "#state": "state"},
                ExpressionAttributeValues={":work": {"S": work}, ":until": {"S": f"{until_ms:015}"}},
                **start,
            )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def begun(self):
        """What was begun and has not ended, as tables and items."""
        for item in self.items("OperationsTable", STARTED, self.cutoff_ms):
            yield "OperationsTable", item
        for item in self.items("DutiesTable", REQUESTED, WHENEVER_MS):
            if item["state"]["S"] == ORDERED:
                yield "DutiesTable", item

    def look(self):
        """Shows what there is. Answers whether anything can be put back."""
        exports, streams, invocations = map(
            self.count, ["IngestDeadLetters", "StreamDeadLetters", "InvocationDeadLetters"]
        )
        stuck = [item for _, item in self.begun()]
        not_sent = sum(1 for _ in self.items("OperationsTable", NOT_SENT, self.now_ms))
        self.say(f"{exports:>6} in IngestDeadLetters      -> back into IngestQueue")
        self.say(f"{len(stuck):>6} items begun and not ended -> announced again")
        for item in stuck[:20]:
            self.say(f"         {item['kind']['S']} {item['state']['S']}, {item['pk']['S']} {item['sk']['S']}")
        self.say(f"{streams:>6} in StreamDeadLetters      -> deleted, once their items are announced or counted")
        self.say(f"{invocations:>6} in InvocationDeadLetters  -> invoked again, or deleted where superseded")
        self.say(f"{not_sent:>6} mails not sent            -> left: GET /v1/mails/not-sent names them,")
        self.say("                                     POST /v1/mails/ID/send-again sends one again")
        return bool(exports or stuck or streams or invocations)

    # ---- doing -----------------------------------------------------------------------------------

    def run(self):
        """Puts everything back."""
        self.say(f"{self.move_exports()} messages are back in IngestQueue")
        announced, moved_on = self.announce_items()
        self.say(f"{announced} items announced again, {moved_on} had moved on meanwhile")
        deleted, counted, left = self.clear_stream_letters()
        self.say(f"{deleted} messages of StreamDeadLetters deleted, {counted} changes counted, {left} messages left")
        invoked, superseded, refused = self.invoke_again()
        self.say(f"{invoked} invocations repeated, {superseded} superseded, {refused} not understood and left")

    def messages(self, queue):
        """Every message of a queue, once."""
        seen, rounds_without_news = set(), 0
        while rounds_without_news < IDLE_ROUNDS:
            answer = self.stack.client("sqs").receive_message(
                QueueUrl=self.stack.resource(queue),
                MaxNumberOfMessages=10,
                VisibilityTimeout=HIDDEN_S,
                WaitTimeSeconds=1,
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            received = answer.get("Messages", [])
            if not received:
                return
            # What was put back for others comes first as often as not, and hides what is behind it.
            new = [m for m in received if m["MessageId"] not in seen]
            rounds_without_news = 0 if new else rounds_without_news + 1
            for message in new:
                seen.add(message["MessageId"])
                yield message

    def delete(self, queue, message):
        """Takes a message out of a queue for good."""
        self.stack.client("sqs").delete_message(
            QueueUrl=self.stack.resource(queue), ReceiptHandle=message["ReceiptHandle"]
        )

    def release(self, queue, message):
        """Lets others see a message again that was only looked at."""
        self.stack.client("sqs").change_message_visibility(
            QueueUrl=self.stack.resource(queue), ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def arn(self, queue):
        """The ARN of a queue."""
        answer = self.stack.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.resource(queue), AttributeNames=["QueueArn"]
        )
        return answer["Attributes"]["QueueArn"]

    def move_exports(self):
        """Moves all messages of IngestDeadLetters. Answers how many."""
        sqs, source = self.stack.client("sqs"), self.arn("IngestDeadLetters")
        try:
            sqs.start_message_move_task(SourceArn=source, DestinationArn=self.arn("IngestQueue"))
        except ClientError as error:
            if error.response["Error"]["Code"] not in CANNOT_MOVE:
                raise
            return self.move_exports_by_hand()
        for _ in range(MOVE_LIMIT_S):
            (task,) = sqs.list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"]
            if task["Status"] == "FAILED":
                raise SystemExit(f"SQS stopped moving: {task.get('FailureReason', 'no reason given')}")
            if task["Status"] != "RUNNING":
                break
            self.pause(1)
        return task.get("ApproximateNumberOfMessagesMoved", 0)

    def move_exports_by_hand(self):
        """The same where the endpoint cannot: sent first, then deleted."""
        moved = 0
        for message in self.messages("IngestDeadLetters"):
            self.stack.client("sqs").send_message(
                QueueUrl=self.stack.resource("IngestQueue"), MessageBody=message["Body"]
            )
            self.delete("IngestDeadLetters", message)
            moved += 1
        return moved

    def announce_items(self):
        """Touches every item that was begun and not ended, so that the stream tells of it again.
        Answers how many, and how many had changed in between."""
        announced = moved_on = 0
        for table, item in list(self.begun()):
            try:
                self.stack.client("dynamodb").update_item(
                    TableName=self.stack.resource(table),
                    Key={"pk": item["pk"], "sk": item["sk"]},
                    UpdateExpression="SET touched = :now",
                    ConditionExpression="#state = :state",
                    ExpressionAttributeNames={"#state": "state"},
                    ExpressionAttributeValues={":now": {"N": str(self.now_ms)}, ":state": item["state"]},
                )
                announced += 1
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                moved_on += 1
        return announced, moved_on

    def clear_stream_letters(self):
        """Deletes what StreamDeadLetters said about items that are announced by now. A mail among
        them needs nothing: send-mail looks every minute for what is due. Answers how many messages
        were deleted, how many changes were counted before, and how many messages were left."""
        deleted = counted = left = 0
        for message in self.messages("StreamDeadLetters"):
            if (batch := self.batch_to_count(message)) is not None:
                done = self.count_again(batch)
            else:
                done = 0 if sent_ms(message) <= self.cutoff_ms else None
            if done is None:
                self.release("StreamDeadLetters", message)
                left += 1
            else:
                self.delete("StreamDeadLetters", message)
                deleted, counted = deleted + 1, counted + done
        return deleted, counted, left

    def batch_to_count(self, message):
        """Where in which stream score-feedback gave up, or None when the message is of another function."""
        try:
            told = json.loads(message["Body"])
            function = told["requestContext"]["functionArn"].split(":")[6]
            return told["DDBStreamBatchInfo"] if function == self.stack.resource(counting.FUNCTION) else None
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    def count_again(self, batch):
        """Counts what a batch told of. Answers how many changes, or None where that did not work."""
        try:
            return counting.count(self.stack, self.records(batch))
        except counting.NotCounted as problem:
            self.say(f"         {problem}")
        except ClientError as error:
            if error.response["Error"]["Code"] not in FORGOTTEN:
                raise
            arrived = batch.get("approximateArrivalOfFirstRecord", "a time unknown")
            self.say(f"         the stream has forgotten what came at {arrived}: FROM=... TO=... make recount, then")
            self.say(f"         delete the message about {batch['streamArn']}")
        return None

    def records(self, batch):
        """What a stream told from the first to the last record of a batch, as far as it is counted."""
        streams, last = self.stack.client("dynamodbstreams"), int(batch["endSequenceNumber"])
        iterator = streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        while iterator:
            answer = streams.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                number = record["dynamodb"]["SequenceNumber"]
                if int(number) > last:
                    return
                item = record["dynamodb"].get("NewImage", {})
                if item and (told := counting.changed(number, batch["streamArn"], item)):
                    yield told
                if int(number) == last:
                    return
            iterator = answer.get("NextShardIterator")

    def invoke_again(self):
        """Repeats the invocations of InvocationDeadLetters. Answers how many were repeated, had been
        superseded, and were not understood."""
        invoked = superseded = refused = 0
        for message in self.messages("InvocationDeadLetters"):
            function, payload = invocation(message)
            if function is None:
                self.say(f"         not understood: message {message['MessageId']}")
                self.release("InvocationDeadLetters", message)
                refused += 1
                continue
            if self.is_superseded(function, payload, sent_ms(message)):
                superseded += 1
            else:
                self.stack.client("lambda").invoke(
                    FunctionName=function, InvocationType="Event", Payload=json.dumps(payload).encode()
                )
                invoked += 1
            self.delete("InvocationDeadLetters", message)
        return invoked, superseded, refused

    def is_superseded(self, function_arn, payload, at_ms):
        """Whether a later run of the same task has done the work of one that was given up."""
        name = function_arn.split(":")[6]
        task = payload.get("task") if isinstance(payload, dict) else None
        for logical_id in {function for function, _ in SUPERSEDED_AFTER}:
            if name == self.stack.resource(logical_id):
                seconds = SUPERSEDED_AFTER.get((logical_id, task)) or SUPERSEDED_AFTER[logical_id, None]
                return self.now_ms - at_ms > seconds * 1000
        return False


def sent_ms(message):
    """When a message came into its queue, Unix milliseconds."""
    return int(message["Attributes"]["SentTimestamp"])


def invocation(message):
    """The function and the payload of an invocation that was given up; (None, None) when the message
    is of neither kind: Lambda's record of a failure, or the scheduler's own event."""
    try:
        body = json.loads(message["Body"])
        target = message.get("MessageAttributes", {}).get("TARGET_ARN")
        if target is not None:
            return target["StringValue"], body
        return body["requestContext"]["functionArn"], body["requestPayload"]
    except (ValueError, KeyError, TypeError):
        return None, None


def main():
    stack = Stack.chosen()
    minutes = float(os.environ.get("OLDER_THAN", "30"))
    redrive = Redrive(stack, int(minutes * 60), int(time.time() * 1000))
    print(stack)
    if not redrive.look():
        print("nothing to put back")
        return 0
    if os.environ.get("DRY_RUN"):
        return 0
    if not confirmed("Type redrive to put it back:", "redrive"):
        print("nothing was done")
        return 1
    redrive.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
