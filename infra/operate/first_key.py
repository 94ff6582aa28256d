"""Makes an API key of every scope in the store itself: for the first key, when no key can make one.

The key is shown once and stored as a hash. Make the keys of every day with it, through
POST /v1/keys, which writes the audit trail; then revoke it. That this one was made, and by whom, is
in the account's own trail (CloudTrail), since only somebody with rights on the table can.
"""

import base64
import hashlib
import json
import secrets
import sys
import time

from stack import Stack

# As in shared/domain/src/api_key.rs; a test compares them.
SCOPES = [
    "exports",
    "sales:read",
    "customers:read",
    "quarantine:read",
    "quarantine:write",
    "audit:read",
    "feedback:read",
    "feedback:write",
    "links:read",
    "people:read",
    "people:write",
    "topups",
    "topups:manage",
    "topups:read",
    "topups:decide",
    "admin",
]


def mint(name, now_ms, random=secrets.token_bytes):
    """The text of a new key, and the key as it is stored."""
    encode = lambda count: base64.b32encode(random(count)).decode().rstrip("=").lower()
    identity, secret = encode(8), encode(32)
    key = {
        "id": identity,
        "name": name,
        "secret_hash": hashlib.sha256(secret.encode()).hexdigest(),
        "scopes": SCOPES,
        "created_ms": now_ms,
    }
    return f"oyk_{identity}_{secret}", key


def store(stack, key):
    """Puts a key where the API looks for it."""
    stack.client("dynamodb").put_item(
        TableName=stack.resource("OperationsTable"),
        Item={"pk": {"S": "K"}, "sk": {"S": key["id"]}, "doc": {"S": json.dumps(key)}},
        ConditionExpression="attribute_not_exists(pk)",
    )


def main():
    stack = Stack.chosen()
    text, key = mint("first key", int(time.time() * 1000))
    store(stack, key)
    print(f"{stack}: a key of every scope, shown this once\n\n  {text}\n")
    print("Make a key for each use with it (POST /v1/keys), then revoke it:")
    print(f"  DELETE /v1/keys/{key['id']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
