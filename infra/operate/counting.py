"""Asks score-feedback to count days anew, by telling it that they have changed.

Counting reads what is stored and overwrites what it made before, so a day may be counted as often as one
likes. The function looks at the key of a summary, and at the texts of an answer; the events made here
hold nothing else.
"""

import itertools
import json

FUNCTION = "ScoreFeedbackFunction"
# Changes in one invocation: what the function does with them has to fit into its five minutes.
AT_ONCE = 100
# What the streams of the two tables are asked for: see the filters in template.yaml.
ANSWER = "A#"
SUMMARY = "S#"


class NotCounted(RuntimeError):
    """The function failed, or says that something could not be counted."""


def changed(number, stream, item):
    """A record of a stream that says that an item has changed, with its texts; None where counting does
    not depend on the item."""
    texts = {name: value for name, value in item.items() if "S" in value}
    if not texts["sk"]["S"].startswith((ANSWER, SUMMARY)):
        return None
    return {
        "eventID": str(number),
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": stream,
        "dynamodb": {
            "Keys": {name: texts[name] for name in ("pk", "sk")},
            "NewImage": texts,
            "SequenceNumber": str(number),
        },
    }


def count(stack, records):
    """Has these records counted, some at a time, and waits for it. Answers how many there were."""
    counted, records = 0, iter(records)
    while batch := list(itertools.islice(records, AT_ONCE)):
        answer = stack.client("lambda").invoke(
            FunctionName=f"{stack.resource(FUNCTION)}:live",
            InvocationType="RequestResponse",
            Payload=json.dumps({"Records": batch}).encode(),
        )
        told = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer or (told or {}).get("batchItemFailures"):
            raise NotCounted("score-feedback could not count: its log says why")
        counted += len(batch)
    return counted


def stream_of(stack, table):
    """The ARN of a table's stream."""
    described = stack.client("dynamodb").describe_table(TableName=stack.resource(table))
    return described["Table"]["LatestStreamArn"]
