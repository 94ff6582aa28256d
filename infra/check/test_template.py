"""What template.yaml promises beyond being valid: rights, encryption, retention, failure paths."""

import re
import unittest

from transformed import (
    EVERYTHING,
    REPOSITORY,
    as_list,
    deployed,
    function_of,
    names_in,
    of_type,
    source,
    statements,
    transformed,
)

FUNCTION = "AWS::Lambda::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
QUEUE = "AWS::SQS::Queue"


class TemplateCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.source = source()
        cls.template = deployed(cls.source)
        cls.everything = deployed(cls.source, **EVERYTHING)
        cls.resources = cls.template["Resources"]

    def of_type(self, kind):
        found = of_type(self.template, kind)
        self.assertTrue(found, f"no {kind}: the check would check nothing")
        return found.items()

    def properties(self, kind):
        for name, resource in self.of_type(kind):
            yield name, resource["Properties"]


class Rights(TemplateCase):
    """What rights.py does not look at: it proves each function's own rights, both ways."""

    def test_no_statement_uses_a_wildcard_for_all_resources_or_all_actions(self):
        for role, statement in statements(self.everything):
            with self.subTest(role=role, sid=statement.get("Sid")):
                for action in as_list(statement["Action"]):
                    self.assertNotIn("*", action)
                # X-Ray has no resources. Its statement exists only while tracing is on. And what stands for a
                # function in a network has no name before Lambda makes it.
                if statement.get("Sid") not in ("Trace", "JoinNetwork", "NotTheProgram"):
                    self.assertNotIn("*", as_list(statement["Resource"]))

    def test_no_role_carries_a_managed_policy(self):
        for role, resource in of_type(self.everything, "AWS::IAM::Role").items():
            with self.subTest(role=role):
                # SAM makes the role with which CodeDeploy shifts; AWS maintains what it needs.
                if role != "CodeDeployServiceRole":
                    self.assertFalse(resource["Properties"].get("ManagedPolicyArns"))

    def test_tracing_may_be_sent_by_every_function_and_only_while_it_is_on(self):
        senders = {role for role, statement in statements(self.everything) if statement.get("Sid") == "Trace"}
        roles = {role for _, p in self.properties(FUNCTION) for role in names_in(p["Role"])}
        self.assertEqual(senders, roles)
        for _, statement in statements(self.template):
            self.assertNotIn("xray", str(statement["Action"]))

    def test_every_function_has_a_role_of_its_own(self):
        roles = [tuple(names_in(p["Role"])) for _, p in self.properties(FUNCTION)]
        self.assertEqual(len(roles), len(set(roles)))

    def test_a_function_may_use_each_table_bucket_and_queue_it_is_told_about(self):
        allowed = {}
        for role, statement in statements(self.template):
            allowed.setdefault(role, set()).update(names_in(statement["Resource"]))
        stores = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", QUEUE}
        for name, properties in self.properties(FUNCTION):
            (role,) = names_in(properties["Role"])
            told = {
                named
                for named in names_in(properties["Environment"])
                if self.resources.get(named, {}).get("Type") in stores
            }
            with self.subTest(function=name):
                self.assertTrue(told)
                self.assertLessEqual(told, allowed[role])

    def test_a_queue_is_filled_by_a_service_only_on_behalf_of_one_source(self):
        for name, properties in self.properties("AWS::SQS::QueuePolicy"):
            for statement in properties["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Allow":
                    with self.subTest(policy=name):
                        self.assertIn("aws:SourceArn", statement["Condition"]["ArnEquals"])


class Storage(TemplateCase):
    def test_tables_are_encrypted_restorable_protected_and_kept(self):
        for name, resource in self.of_type("AWS::DynamoDB::Table"):
            properties = resource["Properties"]
            with self.subTest(table=name):
                self.assertEqual(properties["SSESpecification"], {"SSEEnabled": True, "SSEType": "KMS"})
                self.assertTrue(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"])
                self.assertTrue(properties["DeletionProtectionEnabled"])
                self.assertEqual(properties["BillingMode"], "PAY_PER_REQUEST")
                self.assertEqual(resource["DeletionPolicy"], "Retain")
                self.assertEqual(resource["UpdateReplacePolicy"], "Retain")

    def test_buckets_are_encrypted_versioned_private_and_kept(self):
        for name, resource in self.of_type("AWS::S3::Bucket"):
            properties = resource["Properties"]
            (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            with self.subTest(bucket=name):
                self.assertEqual(encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "aws:kms")
                self.assertEqual(properties["VersioningConfiguration"]["Status"], "Enabled")
                self.assertEqual(len(properties["PublicAccessBlockConfiguration"]), 4)
                self.assertTrue(all(properties["PublicAccessBlockConfiguration"].values()))
                self.assertEqual(resource["DeletionPolicy"], "Retain")
                self.assertEqual(resource["UpdateReplacePolicy"], "Retain")

    def test_what_names_guests_in_the_bucket_goes_after_the_chosen_time_with_all_its_versions(self):
        ((_, bucket),) = self.of_type("AWS::S3::Bucket")
        rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        (exports,) = [rule for rule in rules if rule.get("Prefix") == "incoming/"]
        self.assertEqual(exports["Status"], "Enabled")
        self.assertEqual(exports["ExpirationInDays"], {"Ref": "RawExportDays"})
        self.assertLessEqual(exports["NoncurrentVersionExpiration"]["NoncurrentDays"], 35)
        markers = [rule for rule in rules if rule.get("ExpiredObjectDeleteMarker")]
        self.assertEqual([rule["Status"] for rule in markers], ["Enabled"])

    def test_no_secret_is_a_parameter_of_the_stack_or_stands_in_an_environment(self):
        for name, parameter in self.source["Parameters"].items():
            self.assertNotRegex(name, r"(Token|Secret|Password|Key)$")
            self.assertNotIn("NoEcho", parameter)

    def test_buckets_and_queues_refuse_what_does_not_come_over_tls(self):
        refused = set()
        for kind, field in [("AWS::S3::BucketPolicy", "Bucket"), ("AWS::SQS::QueuePolicy", "Queues")]:
            for _, properties in self.properties(kind):
                for statement in properties["PolicyDocument"]["Statement"]:
                    condition = statement.get("Condition", {}).get("Bool", {})
                    if statement["Effect"] == "Deny" and condition == {"aws:SecureTransport": "false"}:
                        self.assertEqual(statement["Principal"], "*")
                        refused.update(names_in(properties[field]))
        for kind in ["AWS::S3::Bucket", QUEUE]:
            for name, _ in self.of_type(kind):
                self.assertIn(name, refused)

    def test_queues_are_encrypted(self):
        for name, properties in self.properties(QUEUE):
            with self.subTest(queue=name):
                self.assertTrue(properties["SqsManagedSseEnabled"])

    def test_logs_are_kept_for_the_chosen_time(self):
        for name, properties in self.properties("AWS::Logs::LogGroup"):
            with self.subTest(log_group=name):
                self.assertEqual(properties["RetentionInDays"], {"Ref": "LogRetentionDays"})
        for name, properties in self.properties(FUNCTION):
            with self.subTest(function=name):
                (group,) = names_in(properties["LoggingConfig"]["LogGroup"])
                self.assertIn(group, dict(self.of_type("AWS::Logs::LogGroup")))


class Failures(TemplateCase):
    def test_a_queue_that_feeds_a_function_waits_six_timeouts_and_has_dead_letters(self):
        fed = 0
        for name, mapping in self.properties(MAPPING):
            (origin,) = names_in(mapping["EventSourceArn"])
            (target,) = names_in(mapping["FunctionName"])
            function = function_of(self.template, target)
            if self.resources[origin]["Type"] != QUEUE:
                continue
            fed += 1
            queue = self.resources[origin]["Properties"]
            timeout = self.resources[function]["Properties"]["Timeout"]
            with self.subTest(mapping=name):
                self.assertGreaterEqual(queue["VisibilityTimeout"], 6 * timeout)
                self.assertGreaterEqual(queue["RedrivePolicy"]["maxReceiveCount"], 5)
        self.assertGreater(fed, 0)

    def test_a_stream_gives_up_after_some_retries_and_says_where(self):
        followed = 0
        for name, mapping in self.properties(MAPPING):
            if "StartingPosition" not in mapping:
                continue
            followed += 1
            with self.subTest(mapping=name):
                self.assertGreater(mapping["MaximumRetryAttempts"], 0)
                (target,) = names_in(mapping["DestinationConfig"]["OnFailure"]["Destination"])
                self.assertEqual(self.resources[target]["Type"], QUEUE)
                self.assertTrue(mapping["FilterCriteria"]["Filters"])
        self.assertGreater(followed, 0)

    def test_every_trigger_takes_partial_batches(self):
        for name, mapping in self.properties(MAPPING):
            with self.subTest(mapping=name):
                self.assertEqual(mapping["FunctionResponseTypes"], ["ReportBatchItemFailures"])

    def test_a_stream_has_at_most_two_readers(self):
        readers = [str(m["EventSourceArn"]) for _, m in self.properties(MAPPING) if "StartingPosition" in m]
        for stream in set(readers):
            self.assertLessEqual(readers.count(stream), 2)

    def test_a_schedule_that_cannot_invoke_keeps_its_event_and_gives_up(self):
        for name, properties in self.properties("AWS::Scheduler::Schedule"):
            target = properties["Target"]
            with self.subTest(schedule=name):
                (queue,) = names_in(target["DeadLetterConfig"]["Arn"])
                self.assertEqual(self.resources[queue]["Type"], QUEUE)
                self.assertIn("MaximumRetryAttempts", target["RetryPolicy"])
                self.assertLessEqual(target["RetryPolicy"]["MaximumEventAgeInSeconds"], 3600)
                (role,) = names_in(target["RoleArn"])
                granted = {
                    (action, named)
                    for holder, statement in statements(self.template)
                    if holder == role
                    for action in as_list(statement["Action"])
                    for named in names_in(statement["Resource"])
                }
                (invoked,) = names_in(target["Arn"])
                expected = {("lambda:InvokeFunction", invoked), ("sqs:SendMessage", queue)}
                self.assertEqual(granted, expected)
                # A fixed name would keep a second stack out of the account.
                self.assertNotIn("Name", properties)

    def test_what_is_invoked_asynchronously_keeps_what_it_failed_on_and_gives_up(self):
        invoked = {
            function_of(self.template, name)
            for _, properties in self.properties("AWS::Scheduler::Schedule")
            for name in names_in(properties["Target"]["Arn"])
        }
        configured = {}
        for _, properties in self.properties("AWS::Lambda::EventInvokeConfig"):
            (name,) = names_in(properties["FunctionName"])
            configured[name] = properties
        self.assertEqual(set(configured), invoked)
        for name, properties in configured.items():
            with self.subTest(function=name):
                self.assertIn("MaximumRetryAttempts", properties)
                self.assertLessEqual(properties["MaximumEventAgeInSeconds"], 3600)
                (queue,) = names_in(properties["DestinationConfig"]["OnFailure"]["Destination"])
                self.assertEqual(self.resources[queue]["Type"], QUEUE)
                # A configuration belongs to what is invoked: here, the alias.
                self.assertEqual(properties["Qualifier"], "live")

    def test_a_new_account_can_deploy_because_nothing_is_reserved_by_default(self):
        self.assertEqual(self.source["Parameters"]["ReservedIngestConcurrency"]["Default"], 0)
        for name, properties in self.properties(FUNCTION):
            reserved = properties.get("ReservedConcurrentExecutions")
            if reserved is not None:
                with self.subTest(function=name):
                    self.assertEqual(reserved["Fn::If"][0], "HasReservedIngestConcurrency")
                    self.assertEqual(reserved["Fn::If"][2], {"Ref": "AWS::NoValue"})


class Versions(TemplateCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shifting = deployed(cls.source, GradualDeployment=EVERYTHING["GradualDeployment"])

    def versions(self, **parameters):
        return set(of_type(transformed(self.source, **parameters), "AWS::Lambda::Version"))

    def test_every_trigger_invokes_the_alias(self):
        targets = [p["FunctionName"] for _, p in self.properties(MAPPING)]
        targets += [p["Target"]["Arn"] for _, p in self.properties("AWS::Scheduler::Schedule")]
        for target in targets:
            (name,) = names_in(target)
            self.assertEqual(self.resources[name]["Type"], "AWS::Lambda::Alias")

    def test_a_release_publishes_a_new_version_of_every_function(self):
        first, second = self.versions(Release="a" * 16), self.versions(Release="b" * 16)
        self.assertEqual(len(first), len(of_type(self.source, "AWS::Serverless::Function")))
        self.assertFalse(first & second)
        # An empty one must not hide that the code has changed: SAM looks at the code then.
        self.assertFalse(first & self.versions())

    def test_a_gradual_deployment_shifts_every_function_and_stops_at_its_own_error_alarm(self):
        # A request that was answered with 500 is no error of its function.
        answering = {
            function_of(self.everything, named): names_in(integration["ApiId"])
            for _, integration in self.properties("AWS::ApiGatewayV2::Integration")
            for named in names_in(integration["IntegrationUri"])
            if named in self.everything["Resources"]
        }
        answering = {name: list(api) for name, api in answering.items()}
        groups = of_type(self.everything, "AWS::CodeDeploy::DeploymentGroup")
        for name, _ in self.properties(FUNCTION):
            with self.subTest(function=name):
                group = groups[f"{name}DeploymentGroup"]["Properties"]
                (alarm,) = group["AlarmConfiguration"]["Alarms"]
                (watching,) = names_in(alarm["Name"])
                # Also where it is a gradual deployment alone that brings the alarm into being.
                watched = self.shifting["Resources"][watching]["Properties"]
                self.assertEqual(watched["MetricName"], "5xx" if name in answering else "Errors")
                self.assertEqual(list(names_in(watched["Dimensions"])), answering.get(name, [name]))
                # A canary of five minutes has to be over the threshold within them.
                self.assertLessEqual(watched["Period"] * watched["EvaluationPeriods"], 60)
                rollback = group["AutoRollbackConfiguration"]
                self.assertTrue(rollback["Enabled"])
                self.assertIn("DEPLOYMENT_STOP_ON_ALARM", rollback["Events"])
                alias = self.everything["Resources"][f"{name}Aliaslive"]
                self.assertIn("CodeDeployLambdaAliasUpdate", alias["UpdatePolicy"])

    def test_a_gradual_deployment_shifts_http_requests_too(self):
        for name, integration in of_type(self.everything, "AWS::ApiGatewayV2::Integration").items():
            (target,) = names_in(integration["Properties"]["IntegrationUri"])
            with self.subTest(integration=name):
                self.assertEqual(self.everything["Resources"][target]["Type"], "AWS::Lambda::Alias")

    def test_by_default_nothing_of_it_is_there(self):
        for kind in ["AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"]:
            self.assertEqual(of_type(self.template, kind), {})

    def test_every_choice_but_all_at_once_is_gradual(self):
        choices = self.source["Parameters"]["GradualDeployment"]["AllowedValues"]
        shifting = self.source["Mappings"]["ShiftWithCodeDeploy"]
        self.assertEqual(set(choices), set(shifting))
        for choice in choices:
            self.assertEqual(shifting[choice]["Enabled"], "false" if choice == "AllAtOnce" else "true")


class Naming(TemplateCase):
    def test_functions_are_the_folders_of_the_repository_under_one_name_everywhere(self):
        folders = {path.parent.name for path in (REPOSITORY / "functions").glob("*/Cargo.toml")}
        named = set()
        for logical_id, function in of_type(self.source, "AWS::Serverless::Function").items():
            properties = function["Properties"]
            token = properties["CodeUri"].removeprefix("target/lambda/").rstrip("/")
            named.add(token)
            with self.subTest(function=logical_id):
                camel = "".join(word.capitalize() for word in token.split("-"))
                self.assertEqual(logical_id, f"{camel}Function")
                self.assertEqual(properties["FunctionName"], {"Fn::Sub": f"${{AWS::StackName}}-{token}"})
                self.assertEqual(list(names_in(properties["LoggingConfig"])), [f"{camel}Logs"])
        self.assertEqual(named, folders)

    def test_every_route_leads_to_a_function_the_api_may_call(self):
        permitted = {
            name
            for _, properties in self.properties("AWS::Lambda::Permission")
            if properties["Principal"] == "apigateway.amazonaws.com"
            for name in names_in(properties["FunctionName"])
        }
        for route, properties in self.properties("AWS::ApiGatewayV2::Route"):
            with self.subTest(route=route):
                (integration,) = names_in(properties["Target"])
                uri = self.resources[integration]["Properties"]["IntegrationUri"]
                self.assertLessEqual(set(names_in(uri)), permitted)

    def test_the_access_log_has_neither_a_path_nor_a_query(self):
        for _, stage in self.properties("AWS::ApiGatewayV2::Stage"):
            told = set(re.findall(r"\$context\.(\w+)", stage["AccessLogSettings"]["Format"]))
            self.assertIn("routeKey", told)
            self.assertFalse({"path", "identity", "httpPath", "queryString"} & told)

    def test_a_route_stays_permitted_while_the_way_of_deploying_changes(self):
        permitted = {
            name
            for _, properties in self.properties("AWS::Lambda::Permission")
            for name in names_in(properties["FunctionName"])
        }
        for _, integration in of_type(self.everything, "AWS::ApiGatewayV2::Integration").items():
            self.assertLessEqual(set(names_in(integration["Properties"]["IntegrationUri"])), permitted)


if __name__ == "__main__":
    unittest.main()
