"""Every function may do what it does and nothing else; and the proof of it bites.

Each change below is one that the proof must notice: it is made to a copy of the template or of the
sources, and the words of the complaint are compared.
"""

import copy
import pathlib
import shutil
import tempfile
import unittest

import rights
from transformed import EVERYTHING, REPOSITORY, as_list, deployed, statements


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = deployed()

    def test_every_function_is_granted_what_it_needs_and_nothing_else(self):
        self.assertEqual(rights.complaints(self.template), [])

    def test_the_same_holds_with_everything_switched_on(self):
        self.assertEqual(rights.complaints(deployed(**EVERYTHING)), [])

    def test_the_same_holds_with_a_proxy_whose_password_is_read_then_alone(self):
        self.assertEqual(rights.complaints(deployed(TopupEgress="proxy"), crates=["send-topups"]), [])
        function = lambda template: rights.granted("SendTopupsFunction", template)
        more = function(deployed(TopupEgress="proxy")) - function(self.template)
        self.assertEqual(more, {rights.Right("ssm:GetParameter", "parameter/TopupParameters/proxy")})

    def test_every_reason_for_a_wildcard_is_still_needed(self):
        everything = deployed(**EVERYTHING)
        used = {
            right.resource
            for name, _ in rights.functions_of(everything)
            for right in rights.granted(name, everything)
            if "*" in right.resource
        }
        self.assertEqual(used, set(rights.WILDCARDS))

    def test_every_function_that_reads_or_writes_is_seen_to_do_so(self):
        for name, crate in rights.functions_of(self.template):
            function = self.template["Resources"][name]
            with self.subTest(function=crate):
                self.assertTrue(rights.needed_by_code(crate, function, self.template))

    def test_mail_goes_out_under_the_shops_address_only(self):
        (conditions,) = [
            statement["Condition"]
            for _, statement in statements(self.template)
            if "ses:SendEmail" in as_list(statement["Action"])
        ]
        self.assertEqual(conditions, {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}})


class ChangedTemplate(unittest.TestCase):
    """What is changed in the template does not go unnoticed."""

    @classmethod
    def setUpClass(cls):
        cls.original = deployed()

    def setUp(self):
        self.template = copy.deepcopy(self.original)

    def statement(self, role, sid):
        (found,) = [s for r, s in statements(self.template) if (r, s.get("Sid")) == (role, sid)]
        return found

    def complaints(self, crate):
        return rights.complaints(self.template, crates=[crate])

    def test_any_action_taken_away_is_missed(self):
        taken = 0
        for name, crate in rights.functions_of(self.template):
            role = name.replace("Function", "Role")
            for statement in [s for r, s in statements(self.template) if r == role]:
                actions = as_list(statement["Action"])
                for action in actions:
                    statement["Action"] = [other for other in actions if other != action]
                    with self.subTest(role=role, sid=statement["Sid"], action=action):
                        found = self.complaints(crate)
                        self.assertTrue(found)
                        for complaint in found:
                            self.assertIn(f"{crate}: missing {action} on ", complaint)
                    taken += 1
                statement["Action"] = actions
        self.assertGreater(taken, 40)

    def test_an_action_too_many_is_surplus(self):
        self.statement("SendMailRole", "Outbox")["Action"].append("dynamodb:DeleteItem")
        self.assertEqual(
            self.complaints("send-mail"), ["send-mail: surplus dynamodb:DeleteItem on OperationsTable"]
        )

    def test_a_resource_too_many_is_surplus(self):
        statement = self.statement("AcceptExportsRole", "Customers")
        statement["Resource"] = [statement["Resource"], {"Fn::GetAtt": ["SalesTable", "Arn"]}]
        # Both are granted on SalesTable elsewhere: twice is not too much. On the bucket it would be.
        self.assertEqual(self.complaints("accept-exports"), [])
        statement["Resource"][1] = {"Fn::GetAtt": ["Exports", "Arn"]}
        surplus = [f"accept-exports: surplus dynamodb:{action} on Exports" for action in ("BatchGetItem", "GetItem")]
        self.assertEqual(self.complaints("accept-exports"), surplus)

    def test_a_wider_resource_is_another_one_and_wants_a_reason(self):
        self.statement("SendMailRole", "Outbox")["Resource"] = {"Fn::Sub": "${OperationsTable.Arn}*"}
        found = self.complaints("send-mail")
        self.assertIn("send-mail: surplus dynamodb:PutItem on OperationsTable*", found)
        self.assertIn(
            "send-mail: a wildcard without a reason, dynamodb:PutItem on OperationsTable*", found
        )
        self.assertTrue(any("missing dynamodb:PutItem on OperationsTable (" in line for line in found))

    def test_the_whole_bucket_is_wider_than_the_exports_in_it(self):
        self.statement("IngestSalesRole", "ReadExports")["Resource"] = {"Fn::Sub": "${Exports.Arn}/*"}
        found = self.complaints("ingest-sales")
        self.assertIn("ingest-sales: surplus s3:GetObject on Exports/*", found)

    def test_a_wildcard_for_an_action_is_refused(self):
        self.statement("SyncNightlyRole", "Operations")["Action"] = "dynamodb:*"
        self.assertIn("sync-nightly: a wildcard in the action dynamodb:*", self.complaints("sync-nightly"))

    def test_a_new_trigger_needs_its_rights(self):
        mapping = self.template["Resources"]["IngestSalesFunctionObjectCreated"]["Properties"]
        mapping["FunctionName"] = {"Ref": "SendMailFunctionAliaslive"}
        self.assertTrue(
            any("send-mail: missing sqs:ReceiveMessage on IngestQueue" in c for c in self.complaints("send-mail"))
        )
        self.assertIn(
            "ingest-sales: surplus sqs:ReceiveMessage on IngestQueue", self.complaints("ingest-sales")
        )

    def test_who_is_in_a_network_may_join_it_and_the_program_may_not(self):
        self.template = deployed(**EVERYTHING)
        self.assertEqual(self.complaints("send-topups"), [])
        joining = self.statement("SendTopupsRole", "JoinNetwork")
        joining["Action"].remove("ec2:CreateNetworkInterface")
        self.assertEqual(
            self.complaints("send-topups"),
            ["send-topups: missing ec2:CreateNetworkInterface on * (a place in the network)"],
        )
        forbidding = self.statement("SendTopupsRole", "NotTheProgram")
        self.assertLessEqual(set(joining["Action"]), set(forbidding["Action"]))
        forbidding["Condition"] = {}
        with self.assertRaisesRegex(rights.NotUnderstood, "plain Allow"):
            self.complaints("send-topups")

    def test_a_statement_that_says_what_it_does_not_mean_is_refused(self):
        statement = self.statement("SendMailRole", "Outbox")
        statement["NotResource"] = statement["Resource"]
        with self.assertRaisesRegex(rights.NotUnderstood, "plain Allow"):
            self.complaints("send-mail")


class ChangedSources(unittest.TestCase):
    """A new call in the sources does not go unnoticed."""

    @classmethod
    def setUpClass(cls):
        cls.template = deployed()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        shutil.copy(REPOSITORY / "Cargo.toml", self.root)
        for part in ("functions", "shared"):
            ignored = shutil.ignore_patterns("target", "fuzz", "tests")
            shutil.copytree(REPOSITORY / part, self.root / part, ignore=ignored)

    def add(self, path, code):
        with open(self.root / path, "a", encoding="utf-8") as file:
            file.write(code)

    def change(self, path, before, after):
        file = self.root / path
        source = file.read_text(encoding="utf-8")
        self.assertEqual(source.count(before), 1, f"{before!r} in {path}")
        file.write_text(source.replace(before, after), encoding="utf-8")

    def complaints(self, crate):
        return rights.complaints(self.template, self.root, [crate])

    def assert_missing(self, crate, right):
        found = self.complaints(crate)
        self.assertTrue(any(line.startswith(f"{crate}: missing {right} (") for line in found), found)

    def test_an_unchanged_copy_is_as_good_as_the_original(self):
        self.assertEqual(self.complaints("send-mail"), [])

    def test_a_function_that_uses_another_method_of_an_adapter(self):
        self.add("functions/send-mail/src/deliver.rs", "async fn f(deps: &Deps) { deps.outbox.send_again(a, b, c); }")
        self.assert_missing("send-mail", "dynamodb:Query on OperationsTable")

    def test_a_function_that_asks_the_same_index_in_another_way(self):
        self.add("functions/send-mail/src/deliver.rs", "async fn f(deps: &Deps) { deps.outbox.not_sent(None, 1); }")
        self.assertEqual(self.complaints("send-mail"), [])

    def test_an_adapter_in_a_structure_without_names_of_fields(self):
        self.add(
            "functions/send-mail/src/deliver.rs",
            "struct Box(u8, pub(crate) Outbox);\nimpl Box { async fn f(&self) { self.1.send_again(a, b, c).await } }",
        )
        self.assert_missing("send-mail", "dynamodb:Query on OperationsTable")

    def test_a_call_within_the_arguments_of_a_macro(self):
        self.add(
            "functions/send-mail/src/deliver.rs",
            "async fn f(deps: &Deps) { tokio::try_join!(deps.outbox.send_again(a, b, c), g()); }",
        )
        self.assert_missing("send-mail", "dynamodb:Query on OperationsTable")

    def test_an_adapter_that_is_handed_around(self):
        self.add(
            "functions/accept-exports/src/days.rs",
            "async fn f(deps: &Deps) { let (mine, _) = (deps.objects.clone(), 1); g(&mine).await }\n"
            "async fn g(anything: &aws::objects::Objects) { anything.open(wanted, 0).await }",
        )
        self.assert_missing("accept-exports", "s3:GetObject on Exports/incoming/*")
        self.assert_missing("accept-exports", "s3:ListBucket on Exports")

    def test_a_method_that_does_more_than_before(self):
        self.change(
            "shared/aws/src/dynamo.rs",
            "        self.meter.count(Direction::Read, reply.consumed_capacity());\n        Ok(reply.item)",
            "        self.client.delete_item().table_name(table).send().await?;\n        Ok(reply.item)",
        )
        self.assert_missing("accept-exports", "dynamodb:DeleteItem on CustomersTable")

    def test_a_call_of_another_service(self):
        self.add(
            "functions/send-mail/src/deliver.rs",
            "async fn f() { aws_sdk_kms::Client::new(&c).generate_random().send().await }",
        )
        with self.assertRaisesRegex(rights.NotUnderstood, "kms:GenerateRandom on what"):
            self.complaints("send-mail")

    def test_another_action_within_a_transaction(self):
        file = "shared/aws/src/attributes.rs"
        self.change(file, "let put = put.build()", "Update::builder(); let put = put.build()")
        self.change(file, "types::{AttributeValue, Delete, Put,", "types::{AttributeValue, Delete, Put, Update,")
        self.assert_missing("accept-exports", "dynamodb:UpdateItem on OperationsTable")

    def test_another_kind_of_statement(self):
        self.change("shared/aws/src/packed.rs", 'r#"INSERT INTO "{table}"', 'r#"DELETE FROM "{table}"')
        self.assert_missing("ingest-sales", "dynamodb:PartiQLDelete on CustomersTable")
        self.assertIn(
            "ingest-sales: surplus dynamodb:PartiQLInsert on CustomersTable", self.complaints("ingest-sales")
        )

    def test_an_adapter_that_works_on_two_tables(self):
        self.change(
            "shared/aws/src/requests.rs", "delete_action(&self.customers, ", "delete_action(&self.table, "
        )
        self.assert_missing("honour-rights", "dynamodb:DeleteItem on DutiesTable")

    def test_an_adapter_that_can_be_made_for_two_tables_is_the_one_that_is_made(self):
        self.change("functions/send-topups/src/deps.rs", "Leases::topups(", "Leases::new(")
        with self.assertRaisesRegex(rights.NotUnderstood, "the template tells no DUTIES_TABLE"):
            self.complaints("send-topups")

    def test_another_folder_of_the_bucket(self):
        self.change("shared/aws/src/setups.rs", 'FOLDER: &str = "config/"', 'FOLDER: &str = "setups/"')
        self.assert_missing("sync-nightly", "s3:PutObject on Exports/setups/*")
        self.assertIn("sync-nightly: surplus s3:PutObject on Exports/config/*", self.complaints("sync-nightly"))

    def test_a_secret_of_a_partner(self):
        self.add(
            "functions/send-mail/src/deliver.rs",
            "async fn f(p: &aws::parameters::Parameters) { p.get_many(&names).await }",
        )
        with self.assertRaisesRegex(rights.NotUnderstood, "ssm:GetParameters of which parameters"):
            self.complaints("send-mail")

    def test_a_secret_of_a_partner_through_the_library_that_keeps_it(self):
        self.add(
            "functions/send-mail/src/deliver.rs",
            "async fn f(s: &lambda_edge::secrets::Secrets<lambda_edge::secrets::ssm::ParameterStore>) { s.get(n).await }",
        )
        with self.assertRaisesRegex(rights.NotUnderstood, "ssm:GetParameter of which parameters"):
            self.complaints("send-mail")

    def test_a_request_made_by_a_closure_that_was_handed_in(self):
        self.add("functions/send-mail/src/deliver.rs", "async fn f(ask: impl Fn() -> reqwest::RequestBuilder) { ask().send().await }")
        self.assertEqual(self.complaints("send-mail"), [])

    def test_another_index(self):
        self.change("shared/aws/src/keys.rs", 'BY_WORK: &str = "by_work"', 'BY_WORK: &str = "by_day"')
        self.assert_missing("send-mail", "dynamodb:Query on OperationsTable/index/by_day")

    def test_a_call_that_is_gone(self):
        self.change("functions/send-mail/src/deliver.rs", "deps.mailer.send(&letter)", "nobody::sends(&letter)")
        found = self.complaints("send-mail")
        self.assertIn("send-mail: surplus ses:SendEmail on identity/MailFrom", found)

    def test_a_request_from_nowhere_is_not_guessed_at(self):
        self.add("functions/send-mail/src/deliver.rs", "async fn f(m: M) { m.made_elsewhere().send().await }")
        with self.assertRaisesRegex(rights.NotUnderstood, "what is sent here"):
            self.complaints("send-mail")

    def test_a_namesake_in_a_library_that_calls_nothing_of_aws_needs_no_right(self):
        self.add("functions/send-mail/src/deliver.rs", "async fn send_again(d: &Deps) { d.outbox.send_again(a, b, c); }")
        self.assert_missing("send-mail", "dynamodb:Query on OperationsTable")
        for call in ["domain::other::send_again(1)", "serde_json::send_again(1)"]:
            self.setUp()
            self.add("functions/send-mail/src/words.rs", f"fn f() {{ {call} }}")
            self.assertEqual(self.complaints("send-mail"), [])

    def test_a_request_to_the_web_is_none_to_aws(self):
        self.add("functions/send-mail/src/deliver.rs", "async fn f(r: reqwest::RequestBuilder) { r.send().await }")
        self.assertEqual(self.complaints("send-mail"), [])

    def test_what_only_tests_call_needs_no_right(self):
        self.add(
            "functions/send-mail/src/deliver.rs",
            "#[cfg(test)]\nmod tests { async fn f(deps: &Deps) { deps.outbox.send_again(a, b, c); } }",
        )
        self.assertEqual(self.complaints("send-mail"), [])


if __name__ == "__main__":
    unittest.main()
