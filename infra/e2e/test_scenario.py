"""The shop's work, end to end, on what was deployed: every trigger, every store, every failure path."""

import json
import re
import time
import unittest
import urllib.request

import exports
import guests
import nights
import people
import rights
import session
import supplier
import topups
from deploy import MAIL, REPOSITORY
from exports import broken, export, receipt

DIFFICULT_KEY = "incoming/moka-100818/sp ace é+1 (ü)%.json"
SAMPLE = REPOSITORY / "samples/moka-2025-10-26.json"
SAMPLE_RECEIPTS = 60


class Case(unittest.TestCase):
    """A test on the deployed stack."""

    longMessage = True

    @classmethod
    def setUpClass(cls):
        cls.stack = session.stack()

    def pages(self, outlet):
        """The pages and summaries of an outlet, by sort key."""
        return {item["sk"]["S"]: item for item in self.stack.items("SalesTable", pk=f"O#{outlet}")}

    def mails_about(self, key):
        """The mails that name an object: in their body, never in the subject."""
        mails = [mail for mail in self.stack.mails() if key in json.dumps(mail)]
        self.assertFalse([mail for mail in mails if key in mail["Subject"]])
        return mails


class Exports(Case):
    def test_an_export_under_a_difficult_key_is_stored_whole(self):
        ledger = self.stack.ingested(DIFFICULT_KEY, SAMPLE.read_bytes())
        self.assertEqual(ledger["state"], "done")
        self.assertEqual(ledger["counts"]["received"], SAMPLE_RECEIPTS)
        self.assertEqual(ledger["counts"]["stored"], SAMPLE_RECEIPTS)
        stored = self.pages("moka-100818")
        self.assertLessEqual({"P#2025-10-26", "S#2025-10-26"}, stored.keys())
        customers = [item for item in self.stack.items("CustomersTable") if item["pk"]["S"].startswith("C#")]
        self.assertTrue(customers, "guests are kept")
        chain, number = ledger["audit"]
        (record,) = self.stack.items("OperationsTable", pk=f"A#{chain}", sk=f"{number:012}")
        self.assertIn(ledger["id"], record["doc"]["S"])

    def test_the_same_export_again_changes_no_page(self):
        body = export(receipt("again", 11, day="2025-11-05"))
        self.stack.ingested("incoming/once.ndjson", body)
        before = self.pages(exports.OUTLET)["P#2025-11-05"]
        again = self.stack.ingested("incoming/once-more.ndjson", body)
        self.assertEqual((again["counts"]["stored"], again["counts"]["unchanged"]), (0, 1))
        self.assertEqual(self.pages(exports.OUTLET)["P#2025-11-05"], before)

    def test_an_object_outside_of_incoming_is_left_alone(self):
        self.stack.put_export("elsewhere/a.ndjson", export(receipt("elsewhere")))
        # The next object overtakes nothing: once it is read, the first would have been announced too.
        self.stack.ingested("incoming/after-elsewhere.ndjson", export(receipt("after-elsewhere")))
        self.assertFalse([item for item in self.stack.items("OperationsTable") if "elsewhere/a" in str(item)])


class Api(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.stack.api_key(1)

    def ended(self, identity):
        """An export, as the API tells of it, once it was read to its end."""

        def look():
            status, document = self.stack.call("GET", f"/v1/exports/{identity}", key=self.key)
            return status == 200 and document["state"] in ("done", "failed") and document

        return self.stack.until(look, f"the API tells the end of {identity}")

    def test_the_description_needs_no_key(self):
        status, document = self.stack.call("GET", "/openapi.json")
        self.assertEqual(status, 200)
        self.assertIn("/v1/exports", document["paths"])

    def test_without_a_key_the_answer_is_a_problem_document(self):
        status, document = self.stack.call("GET", "/v1/outlets")
        self.assertEqual((status, document["status"], document["code"]), (401, 401, "UNAUTHORIZED"))

    def test_an_export_sent_by_http_is_followed_to_its_day(self):
        body = export(receipt("posted", 12, day="2025-11-06", total=25_000))
        sent = {"Idempotency_Key": "posted", "Content_Type": "application/x-ndjson"}
        status, accepted = self.stack.call("POST", "/v1/exports", body, self.key, **sent)
        self.assertEqual(status, 202, accepted)
        ended = self.ended(accepted["id"])
        self.assertEqual((ended["state"], ended["stored"]), ("done", 1))
        status, day = self.stack.call("GET", f"/v1/outlets/{exports.OUTLET}/days/2025-11-06", key=self.key)
        self.assertEqual(status, 200, day)
        self.assertIn("25000", json.dumps(day))
        status, repeated = self.stack.call("POST", "/v1/exports", body, self.key, **sent)
        self.assertEqual((status, repeated["id"]), (202, accepted["id"]))

    def test_a_large_export_goes_straight_to_the_bucket(self):
        request = {"filename": "large.ndjson", "content_type": "application/x-ndjson"}
        status, place = self.stack.call("POST", "/v1/exports/upload", request, self.key, Idempotency_Key="large")
        self.assertEqual(status, 201, place)
        upload = place["upload"]
        put = urllib.request.Request(
            upload["url"], export(receipt("uploaded")), upload["headers"], method=upload["method"]
        )
        with urllib.request.urlopen(put, timeout=60) as answer:
            self.assertEqual(answer.status, 200)
        self.assertEqual(self.ended(place["id"])["state"], "done")


class Quarantine(Case):
    def test_a_bad_record_makes_one_mail_and_can_be_replayed(self):
        key, stack = "incoming/bad.ndjson", self.stack
        ledger = stack.ingested(key, export(receipt("good"), broken("bad", 13)))
        self.assertEqual((ledger["counts"]["stored"], ledger["counts"]["quarantined"]), (1, 1))
        (mail,) = stack.until(lambda: self.mails_about(key), "a mail about the bad record")
        self.assertEqual((mail["Source"], mail["To"]), (MAIL["MailFrom"], [MAIL["AdminEmail"]]))
        api_key = stack.api_key(2)
        pieces = f"/v1/quarantine?export={ledger['id']}"
        (piece,) = stack.call("GET", pieces, key=api_key)[1]["items"]
        self.assertEqual((piece["code"], piece["state"], piece["attempts"]), ("MONEY_INVALID", "open", 1))
        status, asked = stack.call("POST", f"/v1/quarantine/{piece['id']}/replay", key=api_key)
        self.assertEqual((status, asked["state"]), (202, "replaying"))

        def settled():
            (now,) = stack.call("GET", pieces, key=api_key)[1]["items"]
            return now["state"] == "open" and now

        # Nothing was corrected, so the stream's run refuses it once more.
        self.assertEqual(stack.until(settled, "the replay has run")["attempts"], 2)
        self.assertEqual(len(self.mails_about(key)), 1)


class Guests(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.stack.api_key("g")
        cls.day = guests.days_ago(2)

    def figures(self):
        """The figures of the day at its outlet."""
        path = f"/v1/satisfaction?outlet={exports.OUTLET}&from={self.day}&to={self.day}"
        status, document = self.stack.call("GET", path, key=self.key)
        self.assertEqual(status, 200, document)
        return document["figures"]

    def test_an_answer_becomes_a_figure_a_case_and_a_mail_and_a_refund_takes_it_back(self):
        path = guests.link(self.stack, self.key, "told", self.day)
        self.assertNotIn("told", path)
        status, page = guests.look(self.stack, path)
        self.assertEqual(status, 200, guests.title(page))
        self.assertIn("Es Teh", page)
        for comment in ["Asin", "Terlalu asin <b>"]:
            status, page = guests.answer(self.stack, path, overall=2, d0=1, comment=comment)
            self.assertEqual(status, 200, guests.title(page))
        (case,) = self.stack.until(lambda: guests.cases(self.stack, "told"), "the low score is a case")
        counted = self.stack.until(lambda: self.figures()["comments"] and self.figures(), "the answer is counted")
        # How many were low is not told of fewer than five.
        self.assertEqual((counted["answered"], counted["comments"], counted["low"]), (1, 1, None))
        mails = self.stack.until(
            lambda: [mail for mail in self.stack.mails() if case["id"] in json.dumps(mail)], "the shop is told"
        )
        self.assertNotIn("asin", "".join(mail["Subject"] for mail in mails))
        # Given back, it is not counted any more.
        returned = receipt("told", day=self.day, revision=5)
        returned["status"] = "voided"
        self.stack.ingested("incoming/told-voided.ndjson", export(returned))
        self.stack.until(lambda: self.figures()["answered"] == 0, "a voided sale takes its answer out")
        self.assertEqual(self.figures()["reversed"], 1)
        self.assertEqual(guests.look(self.stack, path)[0], 409)

    def test_a_link_that_nobody_made_is_a_page_and_no_error(self):
        status, page = guests.look(self.stack, "/r/AAAA")
        self.assertEqual(status, 404)
        self.assertIn("LINK_FORGED", page)

    def test_the_dashboard_is_shown_to_staff_alone_and_a_viewer_decides_nothing(self):
        status, _ = guests.look(self.stack, "/dashboard")
        self.assertEqual(status, 303)
        export_id = self.stack.ingested("incoming/viewed.ndjson", export(broken("viewed", 19)))["id"]
        (piece,) = self.stack.call("GET", f"/v1/quarantine?export={export_id}", key=self.key)[1]["items"]
        here = f"/dashboard/errors/{piece['id']}"
        viewer, operator = guests.Staff(self.stack, "viewer", name="v"), guests.Staff(self.stack, "operator", name="o")
        for staff in (viewer, operator):
            self.assertEqual(staff.look(here)[0], 200)
        self.assertEqual(viewer.press(f"{here}/replay")[0], 403)
        self.assertEqual(operator.press(f"{here}/replay")[0], 303)


class Nights(Case):
    def test_a_night_fetches_from_both_servers_compares_enriches_and_reports_once(self):
        # Until sales have come in once, nobody has told the shop of the outlet.
        self.stack.ingested("incoming/before-the-night.ndjson", export(receipt("before-the-night", day="2025-11-20")))
        nights.connect_outlet(self.stack)
        date = "2025-11-21"
        nights.sell(1, date, receipt("nightly", 701, day=date, total=31_000))
        nights.drive(self.stack, date)
        night = self.stack.until(lambda: nights.is_over(self.stack, date) and nights.night(self.stack, date), "it ends")
        self.assertEqual((night["end"], night.get("troubles", [])), ("complete", []), night)
        # A file of the one and a page of the other; the day's guest, and those of other days with news.
        self.assertEqual(night["tally"]["pulled"], 2, night["tally"])
        self.assertGreaterEqual(night["tally"]["people"], 1, night["tally"])
        key = self.stack.api_key("n")
        status, day = self.stack.call("GET", f"/v1/outlets/{exports.OUTLET}/days/{date}", key=key)
        self.assertEqual((status, day["receipts"]), (200, 2), day)
        shown = self.stack.call("GET", f"/v1/nights/{date}", key=key)[1]
        self.assertEqual(shown["end"], "complete", shown)
        mails = self.stack.until(lambda: self.digests(date), "the mail about the night")
        # Told once more, and looked at once more, it stays as it is.
        nights.run(self.stack, "sync", date)
        nights.run(self.stack, "go-on")
        session.quiet(self.stack)
        self.assertEqual(nights.night(self.stack, date), night)
        self.assertEqual(len(self.digests(date)), len(mails))
        self.assertEqual(len(mails), 1)
        settings = self.stack.client("s3").get_object(Bucket=self.stack.names["Exports"], Key=f"config/{date}.json")
        self.assertIn(exports.OUTLET, settings["Body"].read().decode())

    def digests(self, date):
        """The mails about a night."""
        day, month, year = int(date[8:]), "November", date[:4]
        return [mail for mail in self.stack.mails() if f"{day} {month} {year}" in mail["Subject"]]


class People(Case):
    def test_who_asks_to_be_erased_is_gone_and_what_was_sold_stays(self):
        guest, day = 702, "2025-11-19"
        self.stack.ingested("incoming/to-erase.ndjson", export(receipt("to-erase", guest, day=day, total=17_000)))
        key, id = self.stack.api_key("q"), people.customer(guest)
        before = self.stack.call("GET", f"/v1/outlets/{exports.OUTLET}/days/{day}", key=key)[1]
        told = self.stack.call("GET", f"/v1/customers/{id}", key=key)[1]
        self.assertIn(exports.NAME, json.dumps(told))
        request = people.ask(self.stack, guest, "erasure")
        self.stack.until(lambda: people.is_done(self.stack, request), "the erasure is carried out")
        shown = self.stack.call("GET", f"/v1/rights/{request}", key=key)[1]
        self.assertEqual(shown["proof"]["counts"]["profiles"], 1, shown)
        self.assertEqual(people.call(self.stack, "POST", "/v1/people/find", {"phone": people.phone(guest)})["items"], [])
        left = self.stack.call("GET", f"/v1/customers/{id}", key=key)[1]
        self.assertNotIn(exports.NAME, json.dumps(left))
        # The same export, read once more, tells nothing anew.
        self.stack.ingested("incoming/to-erase-again.ndjson", export(receipt("to-erase", guest, day=day, total=17_000)))
        self.assertNotIn(exports.NAME, json.dumps(self.stack.call("GET", f"/v1/customers/{id}", key=key)[1]))
        self.assertEqual(self.stack.call("GET", f"/v1/outlets/{exports.OUTLET}/days/{day}", key=key)[1], before)


@unittest.skipIf(supplier.CLOSED, "the supplier is closed around midnight in Jakarta")
class TopUps(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        topups.open_shop(cls.stack)
        cls.secret = topups.secret(cls.stack)

    def told(self, refid, kind):
        """The message about an order, once it has come."""
        look = lambda: [told for told in session.supplier().messages(refid) if told[2]["type"] == kind]
        (told, *_) = self.stack.until(look, f"the partner is told {kind} of {refid}")
        return told

    def test_an_order_is_bought_once_and_its_partner_is_told(self):
        body = {"product": topups.PRODUCT, "destination": topups.destination(9001, supplier.DELIVERED)}
        ordered = lambda more: self.stack.call(
            "POST", "/v1/topups", {**body, **more}, self.stack.api_key("t"), Idempotency_Key="topup-of-the-scenario"
        )
        status, taken = ordered({})
        self.assertIn(status, (200, 202), taken)
        refid = taken["refid"]
        topups.comes_to(self.stack, refid, "success")
        status, again = ordered({})
        self.assertEqual((status, again["refid"], again["state"]), (200, refid, "success"))
        self.assertTrue(again["serial_number"].startswith(supplier.SERIAL))
        self.assertEqual(ordered({"destination": topups.destination(9002, supplier.DELIVERED)})[0], 409)
        told = self.told(refid, "topup.success")
        self.assertTrue(topups.signed(told, self.secret), told[0])
        self.assertEqual(told[2]["topup"]["serial_number"], again["serial_number"])
        self.assertEqual(session.supplier().purchases(refid), 1)

    def test_an_order_that_nobody_knows_the_end_of_is_decided_by_two_people_and_never_bought_again(self):
        refid = topups.hand_over(self.stack, 9003, supplier.BOUGHT_WITHOUT_ANSWER)
        mails = lambda: [mail for mail in self.stack.mails() if refid in json.dumps(mail)]
        self.stack.until(mails, "the shop is told")
        verdict = {"delivered": True, "reason": "Pelanggan sudah menerima"}
        seen = {"version": 1}
        for deed, said in [("propose", verdict), ("confirm", seen), ("reject", seen)]:
            status, problem = self.stack.call("POST", f"/v1/topup-reviews/{refid}/{deed}", said, self.stack.api_key("one"))
            self.assertEqual((status, problem["code"]), (403, "TOPUP_NEEDS_PERSON"))
        topups.decide(self.stack, refid, verdict="delivered", sn=f"{supplier.SERIAL}999")
        self.assertEqual(topups.state(self.stack, refid), "success")
        self.told(refid, "topup.success")
        self.assertEqual(session.supplier().purchases(refid), 1)


class Schedules(Case):
    def test_every_schedule_does_its_task_as_its_own_role(self):
        for logical, schedule in self.stack.schedules().items():
            with self.subTest(schedule=logical):
                function = schedule["Target"]["Arn"].split(":function:")[1].split(":")[0]
                # A night that has begun goes on by itself, in runs of the same function.
                session.quiet(self.stack)
                mark = self.stack.mark()
                self.stack.fire(schedule, f"once-{logical}"[:64])
                done = self.stack.until(
                    lambda: self.stack.invocations(function, mark), f"{logical} invokes {function}"
                )
                self.assertEqual(set(done), {True})

    def test_the_minute_ends_a_mail_whose_sender_never_came_back(self):
        key = "incoming/stranded.ndjson"
        self.stack.ingested(key, export(receipt("stranded"), broken("stranded-broken", 15)))
        (sent,) = self.stack.until(
            lambda: [mail for mail in self.outbox(key) if '"state":"sent"' in mail["doc"]["S"]], f"a mail about {key}"
        )
        # As it stood between the claim and the answer, long ago. The text is changed and not written
        # anew: the function compares what it read with what is stored.
        document = sent["doc"]["S"].replace('"state":"sent"', '"state":"sending"')
        document = re.sub(r'"due_ms":\d+', '"due_ms":1', document)
        keys = {"pk": sent["pk"]["S"], "sk": sent["sk"]["S"], "kind": "mail", "state": "sending"}
        due = {"work": "mail", "work_at": f"{1:015}"}
        self.stack.put_item("OperationsTable", {**keys, **due, "doc": document})
        self.stack.fire(minute(self.stack), "once-stranded")
        self.stack.until(
            lambda: [mail for mail in self.outbox(key) if '"state":"unknown"' in mail["doc"]["S"]],
            "the sweep ends the mail that is due",
        )

    def outbox(self, key):
        """The mails of the outbox about an object."""
        return [mail for mail in self.stack.items("OperationsTable", kind="mail") if key in mail["doc"]["S"]]


def minute(stack):
    """The schedule that sweeps the outbox."""
    (found,) = [schedule for logical, schedule in stack.schedules().items() if logical.startswith("SendMail")]
    return found


class Failures(Case):
    def test_a_message_that_is_no_event_ends_in_the_dead_letters_and_blocks_nobody(self):
        poison = json.dumps({"detail": {"nothing": "of an object"}})
        self.stack.client("sqs").send_message(QueueUrl=self.stack.queue("IngestQueue"), MessageBody=poison)
        ledger = self.stack.ingested("incoming/beside-poison.ndjson", export(receipt("beside")))
        self.assertEqual(ledger["state"], "done")
        letters = self.stack.until(lambda: self.stack.letters("IngestDeadLetters"), "the message is given up")
        self.assertEqual(letters, [poison])

    def test_a_continuation_that_cannot_be_done_ends_in_the_dead_letters_and_blocks_nobody(self):
        # It names an object where the function may not read, so every try is refused.
        self.stack.put_item("OperationsTable", continuation(self.stack, "forbidden/a.ndjson"))
        self.given_up_in_time_for("incoming/after-continuation.ndjson", "IngestSales")

    def test_a_mail_that_cannot_be_read_ends_in_the_dead_letters_and_blocks_nobody(self):
        self.stack.put_item("OperationsTable", {**outbox_item("unreadable"), "doc": "no document"})
        self.given_up_in_time_for("incoming/after-mail.ndjson", "SendMail")

    def given_up_in_time_for(self, key, function):
        """Expects one letter about the stream, and the mail about an export that comes behind it."""
        self.stack.ingested(key, export(receipt(key), broken(f"{key}-broken", 14)))
        self.stack.until(lambda: self.mails_about(key), "the record behind is worked off")
        (letter,) = self.stack.until(lambda: self.stack.letters("StreamDeadLetters"), "the record is given up")
        told = json.loads(letter)
        self.assertEqual(told["requestContext"]["condition"], "RetryAttemptsExhausted")
        self.assertEqual(told["DDBStreamBatchInfo"]["batchSize"], 1)
        arn = told["requestContext"]["functionArn"]
        self.assertIn(self.stack.names[f"{function}Function"], arn)

    def test_a_minute_that_fails_ends_in_the_dead_letters(self):
        schedule = minute(self.stack)
        with rights.denied(self.stack, self.stack.role_of(schedule["Target"]["Arn"]), "dynamodb:Query"):
            self.stack.fire(schedule, "once-failing")
            letters = self.stack.until(lambda: self.stack.letters("InvocationDeadLetters"), "the minute is given up")
        self.assertEqual(len(letters), 1)
        self.assertIn("requestPayload", json.loads(letters[0]))


def outbox_item(name):
    """A mail in the outbox, as the operations table holds it."""
    document = {
        "id": f"mail_{name}",
        "cause": {"cause": "export_trouble", "export": ledger_entry("bucket", f"incoming/{name}"), "reasons": []},
        "state": "queued",
        "attempts": 1,
        "due_ms": 0,
        "created_ms": 0,
    }
    keys = {"pk": f"M#mail_{name}", "sk": "M", "kind": "mail", "state": "queued"}
    return {**keys, "work": "mail", "work_at": f"{0:015}", "doc": json.dumps(document)}


def continuation(stack, key):
    """The ledger entry of a file that a run is asked to go on with, as the operations table holds it."""
    document = {**ledger_entry(stack.names["Exports"], key), "state": "processing"}
    keys = {"pk": f"E#{document['id']}", "sk": f"V#{document['etag']}", "kind": "export", "state": "continue"}
    return {**keys, "doc": json.dumps(document)}


def ledger_entry(bucket, key):
    """A ledger entry with nothing in it yet."""
    return {
        "id": f"exp_{key.encode().hex():.26}",
        "bucket": bucket,
        "key": key,
        "etag": "0" * 32,
        "size": 1,
        "state": "done",
        "dialect": None,
        "counts": dict.fromkeys(("received", "stored", "unchanged", "stale", "quarantined"), 0),
        "sums": {"total": 0, "not_sold": 0, "refunded": 0},
        "days_total": 0,
        "received_ms": int(time.time() * 1000),
        "runs": 0,
    }
