"""Counts days of sales and answers anew: after tables were restored, after an update that counts more,
or when score-feedback had given up on days that the stream no longer tells of.

    FROM=2026-10-01 TO=2026-10-31   business dates, both included; required, since every day is read
    YES=recount                     do it without asking

It reads the keys of all of SalesTable, which costs by the size of the table. It may be stopped and
repeated at any time.
"""

import os
import re
import sys

import counting
from stack import Stack, confirmed

DATE = re.compile(r"\d{4}-\d\d-\d\d")


def span(environment):
    """The first and the last day that were asked for."""
    days = environment.get("FROM", ""), environment.get("TO", "")
    if not all(DATE.fullmatch(day) for day in days) or days[0] > days[1]:
        raise SystemExit("Which days? Say FROM=2026-10-01 TO=2026-10-31.")
    return days


def days_with_sales(stack, first, last):
    """The records of the summaries of these days."""
    stream = counting.stream_of(stack, "SalesTable")
    pages = stack.client("dynamodb").get_paginator("scan").paginate(
        TableName=stack.resource("SalesTable"),
        ProjectionExpression="pk, sk",
        FilterExpression="sk BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":first": {"S": f"{counting.SUMMARY}{first}"},
            ":last": {"S": f"{counting.SUMMARY}{last}"},
        },
    )
    keys = (item for page in pages for item in page["Items"])
    for number, key in enumerate(keys):
        yield counting.changed(number, stream, key)


def main():
    stack = Stack.chosen()
    first, last = span(os.environ)
    print(f"{stack}: counts every outlet's days from {first} to {last} anew")
    if not confirmed("Type recount to do it:", "recount"):
        print("nothing was done")
        return 1
    print(f"{counting.count(stack, days_with_sales(stack, first, last))} days counted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
