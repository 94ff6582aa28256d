"""The one emulator and the one stack that all tests of a run share."""

import time

import deploy
from server import Emulator
from stack import Stack

# Seconds that a message stays hidden after a failed try. The template's hour and a half is right for
# files of a million receipts and too long for a test.
VISIBILITY = 1
# Seconds without a decision after which a piece of work is over.
QUIET = 0.3

# What a test wants to be told at the end of the run.
NOTES = []

_running = None


def start():
    """Starts the emulator and deploys, once."""
    global _running
    emulator = Emulator()
    emulator.__enter__()
    try:
        deployed = Stack(emulator, deploy.deploy(emulator))
        settle(deployed)
    except BaseException:
        emulator.stop()
        raise
    _running = deployed
    return deployed


def settle(stack):
    """Makes the stack fit for a test: short retries, and no schedule that fires by itself meanwhile."""
    attributes = {"VisibilityTimeout": str(VISIBILITY)}
    stack.client("sqs").set_queue_attributes(QueueUrl=stack.queue("IngestQueue"), Attributes=attributes)
    for schedule in stack.schedules().values():
        if schedule["State"] != "ENABLED":
            raise AssertionError(f"the schedule {schedule['Name']} is not on")
        kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
        stack.client("scheduler").update_schedule(**{name: schedule[name] for name in kept}, State="DISABLED")


def stack():
    """The deployed stack."""
    return _running or start()


def stop():
    """Ends the emulator, if it runs."""
    if _running is not None:
        _running.emulator.stop()


def quiet(stack):
    """Waits until nobody has asked for a right for a moment."""
    size = -1
    while size != (size := stack.mark()):
        time.sleep(QUIET)


def drain(stack):
    """Throws away what a failed piece of work has left in the queues."""
    sqs = stack.client("sqs")
    for logical in ("IngestQueue", "IngestDeadLetters", "StreamDeadLetters", "InvocationDeadLetters"):
        sqs.purge_queue(QueueUrl=stack.queue(logical))
