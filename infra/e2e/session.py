"""The one emulator and the one stack that all tests of a run share."""

import time

import deploy
import partners as servers
import supplier as suppliers
from server import Emulator
from stack import Stack

# Seconds that a message stays hidden after a failed try. The template's hour and a half is right for
# files of a million receipts and too long for a test.
VISIBILITY = 1
# Seconds without a decision after which a piece of work is over.
QUIET = 0.3

# What a test wants to be told at the end of the run.
NOTES = []

_running = _partners = _supplier = None


def start():
    """Starts the emulator and the servers of other people, and deploys, once."""
    global _running, _partners, _supplier
    emulator, others, kiosampm = Emulator(), servers.Partners(), suppliers.Supplier()
    emulator.__enter__()
    try:
        deployed = Stack(emulator, deploy.deploy(emulator, TopupUrl=kiosampm.url))
        settle(deployed)
        servers.connect(deployed, others)
        suppliers.introduce(deployed)
    except BaseException:
        emulator.stop()
        others.stop()
        kiosampm.stop()
        raise
    _running, _partners, _supplier = deployed, others, kiosampm
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


def partners():
    """The servers of other people that the stack asks."""
    return _partners


def supplier():
    """The supplier of top-ups that the stack asks, and the partner's server beside it."""
    return _supplier


def stop():
    """Ends the emulator and the servers beside it, if they run."""
    if _running is not None:
        _running.emulator.stop()
        _partners.stop()
        _supplier.stop()


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
