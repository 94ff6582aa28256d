"""Every right is needed: something is done that no other right allows, and without it the work is refused."""

import collections
import contextlib
import json
import os
import re
import unittest

import deploy
import exports
import nights
import rights
import session
import supplier
import topups
from exercises import Exercise, exercises, fire, mailed, put_mixed
from exports import export, receipt
from feedback_exercises import feedback_exercises
from night_exercises import night_exercises, reported, whole_night
from people_exercises import people_exercises
from topup_exercises import topup_exercises


# Takes away those rights as well that are shown to be needed by what they alone allow. It takes a quarter of an hour.
TAKE_ALL = "EVERY_RIGHT" in os.environ


def is_closed(right):
    """Whether a right is for something that waits for the end of the supplier's nightly cutoff."""
    return supplier.CLOSED and (right.role in topups.ROLES or right.sid.startswith("Topup"))


class EveryRight(unittest.TestCase):
    """Looks what was done by each right alone, and takes away those that share all their work with another."""

    @classmethod
    def setUpClass(cls):
        cls.stack = session.stack()
        wanted = re.compile(os.environ.get("E2E_RIGHTS", ""))
        cls.granted = rights.rights(cls.stack)
        cls.rights = [right for right in cls.granted if wanted.search(str(right)) and not is_closed(right)]
        cls.used = {}
        # The guest who comes again has to have been there once, and the shop has to have a first day.
        Exercise("the first export", put_mixed, mailed).run(cls.stack)
        nights.connect_outlet(cls.stack)
        # What a function does when it starts is no exercise's work, so all of them have started.
        for logical in cls.stack.schedules():
            fire(logical).run(cls.stack)
        # One of them has begun a night, which would go on beside the exercises; and what a night reads once and then
        # remembers is read.
        nights.end_all(cls.stack)
        Exercise("the first night", whole_night, reported).run(cls.stack)
        every = [*exercises(cls.stack), *feedback_exercises(), *night_exercises(), *people_exercises()]
        for exercise in [*every, *topup_exercises()]:
            mark = cls.stack.mark()
            exercise.run(cls.stack)
            session.quiet(cls.stack)
            cls.used[exercise] = set(cls.stack.decisions(mark))
        cls.ever = set(cls.stack.decisions())

    def exercises_for(self, right):
        """The exercises that used a right; none where only those who poll do."""
        uses = lambda used: any(seen[3] and right.grants(seen) for seen in used)
        return [exercise for exercise, used in self.used.items() if uses(used)]

    def test_every_right_is_needed(self):
        # The decisions that each right allows, and the rights that each allowed decision could rest upon.
        allowed = {seen for seen in self.ever if seen[3]}
        used = {right: {seen for seen in allowed if right.grants(seen)} for right in self.granted}
        leaves = collections.Counter(seen for seen_by_one in used.values() for seen in seen_by_one)
        surplus, taken = [], 0
        for right in self.rights:
            with self.subTest(right=str(right)):
                if not used[right]:
                    surplus.append(str(right))
                elif TAKE_ALL or all(leaves[seen] > 1 for seen in used[right]):
                    taken += 1
                    self.assert_missed(right, self.exercises_for(right))
        alone = sum(any(leaves[seen] == 1 for seen in used[right]) for right in self.rights)
        session.NOTES.append(
            f"rights: {len(self.rights)} granted, {alone} the only leave for something done, {taken} taken away and missed"
        )
        self.assertEqual(surplus, [], "no work here needs these: take them away, or add the work to exercises.py")

    def assert_missed(self, right, exercises):
        with rights.removed(self.stack, right):
            self.miss(right, *exercises)
        session.drain(self.stack)
        if right.role in topups.ROLES:
            topups.go_on(self.stack)

    def miss(self, right, exercise=None, *others):
        """Does the first piece of work, and where nothing missed the right in it the next: what used it may have been
        other work that went on beside it."""
        mark = self.stack.mark()
        missed = lambda: any(right.grants(seen) and not seen[3] for seen in self.stack.decisions(mark))
        try:
            if exercise is not None:
                exercise.begin(self.stack)
            self.stack.until(missed, f"{right} is missed by {exercise.name if exercise else 'whoever polls'}")
        except AssertionError:
            if not others and not missed():
                raise
            if not missed():
                self.miss(right, *others)


class Consequences(unittest.TestCase):
    """What a person would see: the work is not done without the right, and is done once it is back."""

    @classmethod
    def setUpClass(cls):
        cls.stack = session.stack()

    def right(self, role, sid, action):
        (found,) = [
            right
            for right in rights.rights(self.stack)
            if (right.role, right.sid, right.action) == (role, sid, action) and "identity/" not in right.resource
        ]
        return found

    @contextlib.contextmanager
    def without(self, right):
        """While this lasts the right is gone; at its end it must have been refused, by its name. What it yields
        waits for the refusal."""
        with rights.removed(self.stack, right):
            mark = self.stack.mark()

            def refused():
                self.stack.until(
                    lambda: any(right.grants(seen) and not seen[3] for seen in self.stack.decisions(mark)),
                    f"{right} is refused",
                )

            yield refused
            refused()
            self.assertIn((right.name, right.action, right.resource), self.stack.refusals(mark))

    def test_a_guest_who_comes_again_needs_the_right_to_update_customers(self):
        guest, key = 901, "incoming/comes-again.ndjson"
        self.stack.ingested("incoming/comes-first.ndjson", export(receipt("first", guest)))
        with self.without(self.right("IngestSalesRole", "Customers", "dynamodb:PartiQLUpdate")) as refused:
            self.stack.put_export(key, export(receipt("second", guest)))
            refused()
            self.assertIsNone(self.stack.export(key), "the export is not done without the right")
        done = self.stack.until(lambda: self.stack.export(key), "the export is done with the right")
        self.assertEqual(done["state"], "done")

    def test_an_export_by_http_needs_the_right_to_write_operations(self):
        api_key, body = self.stack.api_key(3), export(receipt("by-http"))
        sent = {"Idempotency_Key": "by-http", "Content_Type": "application/x-ndjson"}
        with self.without(self.right("AcceptExportsRole", "Operations", "dynamodb:PutItem")):
            status, problem = self.stack.call("POST", "/v1/exports", body, api_key, **sent)
        self.assertGreaterEqual(status, 500, problem)
        self.assertEqual(self.stack.call("POST", "/v1/exports", body, api_key, **sent)[0], 202)

    def test_a_mail_needs_the_right_to_send(self):
        role = self.stack.names["SendMailRole"]
        mark, key = self.stack.mark(), "incoming/no-mail.ndjson"
        with rights.denied(self.stack, role, "ses:SendEmail"):
            self.stack.ingested(key, export(receipt("no-mail"), exports.broken("no-mail-broken", 16)))
            refused = self.stack.until(
                lambda: [seen for seen in self.stack.refusals(mark) if seen[1] == "ses:SendEmail"],
                "the mail is refused",
            )
        self.assertEqual({seen[0] for seen in refused}, {role})
        self.assertFalse([mail for mail in self.stack.mails() if key in json.dumps(mail)])


class Doors(unittest.TestCase):
    """Who may come in from outside a role: trust policies, queue policies, function permissions."""

    # What each function behind the HTTP API answers to anybody.
    OPEN = {
        "accept-exports": ("/openapi.json", 200),
        "serve-feedback": ("/r/nobodys", 404),
        "serve-dashboard": ("/v1/sync", 401),
        "serve-topups": ("/v1/products", 401),
    }

    @classmethod
    def setUpClass(cls):
        cls.stack = session.stack()

    def test_no_role_works_without_its_trust_policy(self):
        firing = {
            schedule["Target"]["RoleArn"].rsplit("/", 1)[1]: (logical, schedule)
            for logical, schedule in self.stack.schedules().items()
        }
        for logical, role in self.stack.of_type("AWS::IAM::Role").items():
            with self.subTest(role=logical), rights.untrusted(self.stack, role):
                mark = self.stack.mark()
                if role in firing:
                    self.stack.fire(firing[role][1], f"untrusted-{logical}"[:64])
                else:
                    self.stack.client("lambda").invoke(FunctionName=self.function_of(role), Payload=b"{}")
                self.stack.until(
                    lambda: [seen for seen in self.stack.refusals(mark) if seen[:2] == (role, "sts:AssumeRole")],
                    f"{logical} is not taken on",
                )
        session.drain(self.stack)

    def function_of(self, role):
        """The alias of the function with this role."""
        for function in self.stack.of_type("AWS::Lambda::Function").values():
            if self.stack.role_of(function) == role:
                return f"{function}:live"
        raise AssertionError(f"{role} is nobody's")

    def test_without_the_queues_policy_an_announcement_ends_in_the_dead_letters(self):
        key = "incoming/unannounced.ndjson"
        with self.no_policy("IngestQueue"):
            self.stack.put_export(key, export(receipt("unannounced")))
            (letter,) = self.stack.until(lambda: self.stack.letters("IngestDeadLetters"), "the announcement is kept")
        self.assertIn(key, json.loads(letter)["detail"]["object"]["key"])
        # Moved back, as the operator does, it is read.
        self.stack.client("sqs").send_message(QueueUrl=self.stack.queue("IngestQueue"), MessageBody=letter)
        self.assertEqual(self.stack.until(lambda: self.stack.export(key), "it is read")["state"], "done")

    def test_without_the_dead_letters_policy_nothing_may_be_kept(self):
        with self.no_policy("IngestQueue"), self.no_policy("IngestDeadLetters"):
            mark = self.stack.mark()
            self.stack.put_export("incoming/lost.ndjson", export(receipt("lost")))
            refused = lambda: [seen for seen in self.stack.refusals(mark) if seen[0] == "events.amazonaws.com"]
            self.stack.until(lambda: len(refused()) == 2, "both queues refuse the rule")

    @contextlib.contextmanager
    def no_policy(self, logical):
        """While this lasts, a queue has no policy."""
        sqs, url = self.stack.client("sqs"), self.stack.queue(logical)
        policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        try:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    def test_without_its_permission_the_api_cannot_invoke(self):
        client, api = self.stack.client("lambda"), self.stack.names["Api"]
        for integration in self.stack.client("apigatewayv2").get_integrations(ApiId=api)["Items"]:
            with self.subTest(function=integration["IntegrationUri"]):
                arn = "arn:aws:lambda:" + integration["IntegrationUri"].split("arn:aws:lambda:")[1].split("/")[0]
                name, _, qualifier = arn.split(":function:")[1].partition(":")
                target = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
                policy = json.loads(client.get_policy(**target)["Policy"])
                (grant,) = [statement for statement in policy["Statement"] if statement["Resource"] == arn]
                path, answered = self.OPEN[name.removeprefix(f"{deploy.STACK}-")]
                client.remove_permission(**target, StatementId=grant["Sid"])
                try:
                    self.assertEqual(self.stack.send("GET", path)[0], 500)
                finally:
                    client.add_permission(
                        **target,
                        StatementId=grant["Sid"],
                        Action=grant["Action"],
                        Principal=grant["Principal"]["Service"],
                        SourceArn=next(iter(next(iter(grant["Condition"].values())).values())),
                    )
                self.assertEqual(self.stack.send("GET", path)[0], answered)
