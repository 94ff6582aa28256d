"""The AWS emulator as the end-to-end test runs it: with its departures from AWS corrected.

Started by server.py with an environment of its own. It ends, with every function it started, when
its input ends: also when whoever started it was killed and could not stop it.
"""

import os
import signal
import sys
import threading

import departures
from ministack.app import main


def end_with_the_starter():
    """Waits for the end of the input, then ends this process's whole group."""
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    departures.correct_all()
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    main()
