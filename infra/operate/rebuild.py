"""Makes the tables of sales on AWS anew from the bucket, and proves that they mean the same.

    program rebuild           asks first; --yes and --keep-gone as `rebuild --help` says
    program fingerprint       only says what the tables mean

The program is `infra/rebuild`, built for the machine that this runs on. It is told the stack's tables and bucket, and
has the rights of the credentials that this was started with.
"""

import os
import sys

from stack import Stack

# What the program asks its environment for, and the template's name of it.
NAMES = {
    "SALES_TABLE": "SalesTable",
    "CUSTOMERS_TABLE": "CustomersTable",
    "OPERATIONS_TABLE": "OperationsTable",
    "FEEDBACK_TABLE": "FeedbackTable",
    "DUTIES_TABLE": "DutiesTable",
    "EXPORTS_BUCKET": "Exports",
}


def environment(stack):
    """What the program needs to know: names, region, and credentials, wherever those came from."""
    told = {variable: stack.resource(logical_id) for variable, logical_id in NAMES.items()}
    credentials = stack.session.get_credentials().get_frozen_credentials()
    told |= {
        "AWS_REGION": stack.session.region_name,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
    }
    if credentials.token:
        told["AWS_SESSION_TOKEN"] = credentials.token
    return told


def main(arguments):
    if not arguments:
        raise SystemExit("Which program? make rebuild says it.")
    stack = Stack.chosen()
    print(stack, flush=True)
    # A token of other credentials would not fit these.
    kept = {name: value for name, value in os.environ.items() if name != "AWS_SESSION_TOKEN"}
    os.execve(arguments[0], arguments, kept | environment(stack))


if __name__ == "__main__":
    main(sys.argv[1:])
