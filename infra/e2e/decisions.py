"""The emulator's book of decisions: who was allowed or refused what, one JSON object a line.

Written inside the emulator, read by the tests: it tells which right a scenario needed, and names
the action when one was refused.
"""

import json
import os
import threading

# Not a right: an invocation and whether it succeeded.
INVOCATION = "invocation"

_lock = threading.Lock()
# What was last said about a poller's right, which is asked for many times a second.
_said = {}


def note(role, action, resource, allowed, repeated=False):
    """Writes one decision. A `repeated` one is written only when it differs from the last."""
    entry = {"role": role, "action": action, "resource": resource, "allowed": allowed}
    line = json.dumps(entry) + "\n"
    with _lock:
        if repeated:
            key = (role, action, resource)
            if _said.get(key) == allowed:
                return
            _said[key] = allowed
        with open(os.environ["E2E_LEDGER"], "a", encoding="utf-8") as ledger:
            ledger.write(line)

