"""Recounting tells score-feedback of every day that was asked for, and of nothing else."""

import contextlib
import io
import json
import os
import unittest
from unittest import mock

from botocore.response import StreamingBody

import counting
import recount
from stubbed import StubbedStack

STREAM = "arn:aws:dynamodb:ap-southeast-3:1:table/shop-SalesTable-1/stream/x"


class Recount(unittest.TestCase):
    def setUp(self):
        self.stack = StubbedStack()
        self.addCleanup(self.stack.assert_all_called)

    def recount(self, **environment):
        """The exit status, with this in the environment and nobody at the keyboard."""
        with (
            mock.patch.object(recount.Stack, "chosen", return_value=self.stack),
            mock.patch.dict(os.environ, environment),
            mock.patch("builtins.input", return_value=""),
            contextlib.redirect_stdout(io.StringIO()) as printed,
        ):
            return recount.main(), printed.getvalue()

    def expect_scan(self, *pages):
        self.stack.expect(
            "dynamodb", "describe_table", {"Table": {"LatestStreamArn": STREAM}}, TableName="shop-SalesTable-1"
        )
        asked = {
            "TableName": "shop-SalesTable-1",
            "ProjectionExpression": "pk, sk",
            "FilterExpression": "sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {":first": {"S": "S#2026-10-01"}, ":last": {"S": "S#2026-10-31"}},
        }
        start = {}
        for number, page in enumerate(pages):
            following = {"pk": {"S": str(number)}, "sk": {"S": "x"}} if number + 1 < len(pages) else None
            answer = {"Items": page, **({"LastEvaluatedKey": following} if following else {})}
            self.stack.expect("dynamodb", "scan", answer, **asked, **start)
            start = {"ExclusiveStartKey": following}

    def expect_count(self, keys, first=0):
        records = [
            counting.changed(number, STREAM, key) for number, key in enumerate(keys, first)
        ]
        answer = b'{"batchItemFailures":[]}'
        self.stack.expect(
            "lambda",
            "invoke",
            {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(answer), len(answer))},
            FunctionName="shop-score-feedback:live",
            InvocationType="RequestResponse",
            Payload=json.dumps({"Records": records}).encode(),
        )

    def test_every_day_is_told_of_in_parts_that_fit_into_a_run(self):
        keys = [
            {"pk": {"S": f"O#{number}"}, "sk": {"S": "S#2026-10-28"}} for number in range(counting.AT_ONCE + 1)
        ]
        self.expect_scan(keys[:60], keys[60:])
        self.expect_count(keys[: counting.AT_ONCE])
        self.expect_count(keys[counting.AT_ONCE :], counting.AT_ONCE)
        status, printed = self.recount(FROM="2026-10-01", TO="2026-10-31", YES="recount")
        self.assertEqual(status, 0)
        self.assertIn(f"{len(keys)} days counted", printed)

    def test_nothing_is_counted_unasked(self):
        status, printed = self.recount(FROM="2026-10-01", TO="2026-10-31", YES="")
        self.assertEqual(status, 1)
        self.assertIn("nothing was done", printed)

    def test_days_that_are_no_days_are_refused(self):
        for first, last in [("", ""), ("2026-10-01", ""), ("1 Oct", "2 Oct"), ("2026-10-02", "2026-10-01")]:
            with self.subTest(first=first, last=last), self.assertRaises(SystemExit):
                self.recount(FROM=first, TO=last, YES="recount")


if __name__ == "__main__":
    unittest.main()
