"""What a business of a certain size pays AWS in a month, from counts that a test holds and list prices.

    python infra/check/costs.py      the tables of docs/costs.md

The counts of reads and writes for sales are those that infra/bench/tests/counts.rs asserts; those for
what guests say, and for the night, are estimates from the functions' own metrics. Prices are whole
numbers of dollars for a million of something, as text, so that nothing is rounded on the way.
"""

import dataclasses
import re
import sys
from decimal import Decimal

from transformed import REPOSITORY

COUNTS = REPOSITORY / "infra/bench/tests/counts.rs"
DAYS = 30

# Dollars in us-east-1, for how many of what, free every month for good, and how sure we are. Jakarta
# is usually 10 to 20 % dearer.
READ, CHECK = "read", "to check"
PRICES = {
    "DynamoDB write units": ("0.625", 10**6, 0, READ),
    "DynamoDB read units": ("0.125", 10**6, 0, READ),
    "DynamoDB storage, GB": ("0.25", 1, 25, CHECK),
    "DynamoDB backups (PITR), GB": ("0.20", 1, 0, CHECK),
    "Lambda GB-seconds": ("0.0000166667", 1, 400_000, READ),
    "Lambda requests": ("0.20", 10**6, 10**6, READ),
    "S3 requests that write": ("0.005", 1000, 0, READ),
    "S3 requests that read": ("0.0004", 1000, 0, READ),
    "S3 storage, GB": ("0.023", 1, 0, READ),
    "EventBridge events": ("1.00", 10**6, 0, CHECK),
    "SQS requests": ("0.40", 10**6, 10**6, CHECK),
    "Scheduler invocations": ("1.00", 10**6, 14 * 10**6, CHECK),
    "HTTP API requests": ("1.00", 10**6, 0, READ),
    "SES mails": ("0.10", 1000, 0, CHECK),
    "CloudWatch logs, GB": ("0.50", 1, 5, CHECK),
}

# What nothing here counts: estimates, to be replaced by the bill's figures.
SECONDS_PER_FILE = Decimal("0.5")  # of ingest-sales: a dozen calls in a row, mostly waiting
SECONDS_PER_SWEEP = Decimal("0.05")  # of send-mail and three others, every minute
SECONDS_PER_NIGHT_AND_OUTLET = Decimal(2)  # of sync-nightly: three days asked for, compared, enriched; mostly waiting
JOBS_PER_OUTLET = 6  # of a night: a file, three days of Moka, one to reconcile, one to enrich
JOBS_PER_PART = 25  # JOBS_MAX of shared/domain/src/night.rs
WRITES_PER_JOB = Decimal(4)  # a part is saved after some jobs, and so is its place in the index
# Three days' pages and findings, the summaries of four weeks, and what is known of the day's guests.
READS_PER_NIGHT_AND_OUTLET = Decimal(60)
NEW = Decimal("0.1")  # of the guests of a day who name themselves
KNOWN = Decimal("0.3")  # of the receipts name a guest; the night reads and writes what that guest likes
GUESTS_PER_OUTLET, BYTES_PER_GUEST = 2000, 2000  # every one is read each night, to forget whom it is time to
INGEST_GB, MAIL_GB, API_GB = Decimal(1769) / 1024, Decimal(256) / 1024, Decimal(512) / 1024
SECONDS_PER_REQUEST = Decimal("0.05")  # of accept-exports and the functions beside it
ANSWERED = Decimal("0.05")  # of the receipts
# A page opened, two counters against abuse, the answer and its place in the index: five write units. Counting
# the day anew alone: eight; in a crowd many answers share it.
WRITES_PER_ANSWER = Decimal(13)
# The page read twice, once more to be counted, and the figures beside and above it. In a crowd they are shared.
READS_PER_ANSWER = Decimal(60)
WRITES_PER_COUNTED_DAY, READS_PER_COUNTED_DAY = Decimal(8), Decimal(20)
SECONDS_PER_COUNT = Decimal("0.2")  # of score-feedback, for an answer or a day
BYTES_PER_ANSWER = 1000  # with its place in the index
BYTES_PER_DAYS_FIGURES = 6000  # the day's own, their copy, and the month's share
BYTES_PER_RECEIPT = 1032  # of an export, unpacked, as the generator makes it
LOG_BYTES_PER_RUN = 1500  # the platform's three lines and one or two of ours
POLLS = 5 * 3 * 60 * 24  # a day: five pollers, twenty seconds a poll
TROUBLE = Decimal("0.01")  # of the files lead to a mail
LOW = Decimal("0.03")  # of the answers do
# A top-up: taken, about to be sent, answered and told, each a transaction, which counts twice, with its places in two
# indexes. The partner's request waits for up to five seconds, the supplier's answer takes ten.
TOPUP = {
    "DynamoDB write units": Decimal(60),
    "DynamoDB read units": Decimal(40),
    "Lambda GB-seconds": 5 * API_GB + 10 * MAIL_GB + MAIL_GB,
    "Lambda requests": Decimal(4),
    "HTTP API requests": Decimal(2),
    "CloudWatch logs, GB": Decimal(4 * LOG_BYTES_PER_RUN) / 10**9,
}

# Dollars an hour in us-east-1, and a gigabyte, of a fixed address.
NAT_HOUR, ADDRESS_HOUR, NAT_GB = Decimal("0.045"), Decimal("0.005"), Decimal("0.045")


@dataclasses.dataclass(frozen=True)
class Counts:
    """What one ingestion run of so many outlet-days was counted to cost."""

    receipts: int
    outlet_days: int
    write_units: Decimal
    read_units: Decimal
    page_bytes_per_receipt: Decimal = Decimal(42)  # target/bench.json: page_bytes / receipts

    def of_day(self, outlets):
        """Write and read units of a day of so many outlets."""
        share = Decimal(outlets) / self.outlet_days
        return self.write_units * share, self.read_units * share


@dataclasses.dataclass(frozen=True)
class Business:
    """A size of business."""

    name: str
    outlets: int
    receipts_a_day_and_outlet: int
    requests_a_day: int
    counts: Counts


def asserted(test):
    """Write units and read units that a test of the counts asserts, for a day of which NEW of the guests are new."""
    source = COUNTS.read_text(encoding="utf-8")
    body = source.split(f"async fn {test}()")[1].split("\n}\n")[0]
    writes, reads = re.search(r"assert_eq!\(cost\(&case\), \(([\d_]+), ([\d_]+), ", body).groups()
    # In the counted day all of them are, and are written into the index of phone numbers.
    (phones,) = re.search(r"case\.floor\.phones\), \([\d_]+, ([\d_]+)\)", body).groups()
    return Decimal(writes) / 1000 - int(phones) * (1 - NEW), Decimal(reads) / 1000


def businesses():
    """The sizes of the table."""
    warung = Counts(500, 1, *asserted("day_of_one_warung"))
    chain = Counts(6000, 20, *asserted("chain_with_a_file_for_each_outlet_day"))
    return [
        Business("one warung", 1, 500, 100, warung),
        Business("ten outlets", 10, 300, 1_000, chain),
        Business("10,000 outlets", 10_000, 300, 100_000, chain),
    ]


def month(business):
    """How much of everything a business uses in a month. A file is an outlet's day; storage is that
    of the twelfth month."""
    files = Decimal(business.outlets * DAYS)
    receipts = files * business.receipts_a_day_and_outlet
    writes, reads = business.counts.of_day(business.outlets)
    minutes = Decimal(DAYS * 24 * 60)
    requests = Decimal(business.requests_a_day * DAYS)
    answers = receipts * ANSWERED
    # Two requests make an answer, and one looks without answering.
    requests += answers * 3
    # A summary of an outlet-day is one to two kilobytes.
    day_bytes = receipts * business.counts.page_bytes_per_receipt + files * (1500 + BYTES_PER_DAYS_FIGURES)
    stored = (day_bytes + answers * BYTES_PER_ANSWER) * 12 / 10**9
    guests = Decimal(business.outlets * GUESTS_PER_OUTLET)
    stored += guests * BYTES_PER_GUEST / 10**9
    jobs = files * JOBS_PER_OUTLET
    parts = max(jobs / JOBS_PER_PART, Decimal(3 * DAYS))
    # Every minute send-mail, sync-nightly, send-topups and tell-partners, every quarter of an hour the look at the
    # deposit, every hour honour-rights, and what comes once a night.
    clock = minutes * 4 + minutes / 15 + DAYS * 24 + DAYS * 4
    runs = files * 2 + answers + requests + clock + parts
    seconds = (
        files * SECONDS_PER_FILE * INGEST_GB
        + minutes * SECONDS_PER_SWEEP * (3 * MAIL_GB + API_GB)
        + requests * SECONDS_PER_REQUEST * API_GB
        + (files + answers) * SECONDS_PER_COUNT * API_GB
        + files * SECONDS_PER_NIGHT_AND_OUTLET * API_GB
    )
    return {
        "DynamoDB write units": writes * DAYS
        + answers * WRITES_PER_ANSWER
        + files * WRITES_PER_COUNTED_DAY
        + jobs * WRITES_PER_JOB
        + receipts * KNOWN,
        "DynamoDB read units": reads * DAYS
        + requests * 2
        + files / 2
        + answers * READS_PER_ANSWER
        + files * READS_PER_COUNTED_DAY
        + files * READS_PER_NIGHT_AND_OUTLET
        + minutes * 2
        + guests * BYTES_PER_GUEST / 8192 * DAYS,
        "DynamoDB storage, GB": stored,
        "DynamoDB backups (PITR), GB": stored,
        "Lambda GB-seconds": seconds,
        "Lambda requests": runs,
        # The settings of each night; whether each of three days is there already.
        "S3 requests that write": files + DAYS,
        "S3 requests that read": files * 4,
        "S3 storage, GB": receipts * BYTES_PER_RECEIPT * 12 / 10**9,
        "EventBridge events": files,
        "SQS requests": Decimal(POLLS * DAYS) + files * 2,
        "Scheduler invocations": clock,
        "HTTP API requests": requests,
        "SES mails": files * TROUBLE + answers * LOW + DAYS,
        "CloudWatch logs, GB": runs * LOG_BYTES_PER_RUN / 10**9,
    }


def dollars(what, amount):
    """The price of an amount in a month, after what is free."""
    price, unit, free, _ = PRICES[what]
    return Decimal(price) * max(amount - free, Decimal(0)) / unit


def topups(number):
    """What so many top-ups cost beside everything else, with nothing free."""
    return sum(Decimal(PRICES[what][0]) * amount * number / PRICES[what][1] for what, amount in TOPUP.items())


def fixed_address(gigabytes):
    """What a network address translator with one address costs in a month."""
    return (NAT_HOUR + ADDRESS_HOUR) * 24 * DAYS + NAT_GB * gigabytes


def shown(amount):
    """An amount in three figures."""
    for limit, name in [(10**9, "bn"), (10**6, "M"), (10**3, "k")]:
        if amount >= limit:
            return f"{amount / limit:.3g} {name}" if amount < limit * 1000 else f"{amount / limit:.0f} {name}"
    return f"{amount:.3g}" if amount else "0"


def tables():
    """Both tables of docs/costs.md."""
    sizes = [(business, month(business)) for business in businesses()]
    lines = ["| a month | " + " | ".join(f"{b.name} | $" for b, _ in sizes) + " |"]
    lines.append("|---|" + "--:|--:|" * len(sizes))
    for what in PRICES:
        cells = [f"{shown(used[what])} | {dollars(what, used[what]):.2f}" for _, used in sizes]
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    totals = [sum(dollars(what, used[what]) for what in PRICES) for _, used in sizes]
    lines.append("| **together** | " + " | ".join(f"| **{total:.2f}**" for total in totals) + " |")
    per_million = [
        total * 10**6 / (b.outlets * DAYS * b.receipts_a_day_and_outlet) for (b, _), total in zip(sizes, totals)
    ]
    lines.append("| a million receipts | " + " | ".join(f"| {cost:.2f}" for cost in per_million) + " |")
    lines += ["", "| top-ups | $ |", "|---|--:|"]
    lines += [f"| a thousand, with nothing free | {topups(1000):.2f} |"]
    lines += [f"| a fixed address a month (`TopupEgress=nat`), with 1 GB | {fixed_address(1):.2f} |"]
    lines += ["", "| price | $ | for | free a month | |", "|---|--:|--:|--:|---|"]
    for what, (price, unit, free, sure) in PRICES.items():
        lines.append(f"| {what} | {price} | {unit:,} | {free:,} | {sure} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
    sys.exit(0)
