"""Each departure of the emulator is still there, and its correction corrects it.

These tests run inside the emulator's code, without a server. When upstream mends a departure, its
test fails at the first line, and the correction is to be taken out of departures.py.
"""

import asyncio
import json
import os
import pathlib
import re
import tempfile
import unittest
from unittest import mock

# The emulator reads these when it is first imported.
FOLDER = tempfile.TemporaryDirectory(prefix="e2e-")
os.environ.update(
    AUTH="true",
    E2E_LEDGER=f"{FOLDER.name}/decisions.jsonl",
    LOG_LEVEL="ERROR",
    MINISTACK_REGION="ap-southeast-3",
)

from departures import DEPARTURES  # noqa: E402
from ministack.core import iam_actions, iam_evaluator  # noqa: E402
from ministack.core.responses import get_account_id, get_region  # noqa: E402
from ministack.services import apigateway, cloudwatch_logs, dynamodb, eventbridge  # noqa: E402
from ministack.services import iam, lambda_svc, s3, ses, sqs, sts  # noqa: E402
from ministack.services.cloudformation import provisioners  # noqa: E402

REGION, ACCOUNT = get_region(), get_account_id()
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:work"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/x"
KEY = "ASIAWORKER"
FAILED = {"error": True, "body": {"errorType": "Broken", "errorMessage": "broken"}}


def ask(module, target, **body):
    """Calls a service of the emulator in its JSON protocol."""
    headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"}
    return asyncio.run(module.handle_request("POST", "/", headers, json.dumps(body).encode(), {}))


def role(*statements, trusts="lambda.amazonaws.com"):
    """Makes the role that everything here works with: it may do what these statements allow."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": trusts}, "Action": "sts:AssumeRole"}]}
    policies = {"only": {"Statement": list(statements)}}
    iam._roles["worker"] = {"InlinePolicies": policies, "AssumeRolePolicyDocument": trust}
    sts.register_session(KEY, {"Arn": SESSION, "UserId": "x", "SecretAccessKey": "x", "SessionToken": "x"})


def letters():
    """How many messages the queue of dead letters holds."""
    return len(sqs._queue_by_arn(QUEUE)["messages"])


def config():
    """The function that everything here works with."""
    return {
        "FunctionName": "work",
        "FunctionArn": FUNCTION,
        "Role": f"arn:aws:iam::{ACCOUNT}:role/worker",
        "Runtime": "provided.al2023",
        "LoggingConfig": {"LogGroup": "/work"},
    }


def mapping(source, **more):
    """A mapping of the function on a source, enabled."""
    known = {"UUID": "one", "EventSourceArn": source, "FunctionName": "work", "Enabled": True, "BatchSize": 10}
    return {**known, "StartingPosition": "TRIM_HORIZON", **more}


class Departures(unittest.TestCase):
    def setUp(self):
        for target, stand_in in [
            ((lambda_svc, "_ensure_poller"), mock.Mock()),
            ((lambda_svc, "_execute_function_provided_warm"), mock.Mock(return_value={"body": None})),
        ]:
            patch = mock.patch.object(*target, stand_in)
            patch.start()
            self.addCleanup(patch.stop)

    def afresh(self):
        """One function, which may do nothing, and an empty queue of dead letters."""
        ask(sqs, "AmazonSQS.CreateQueue", QueueName="letters")
        sqs._queue_by_arn(QUEUE)["messages"].clear()
        lambda_svc._esms.clear()
        function = {"config": config(), "versions": {}, "aliases": {}, "policy": {"Statement": []}}
        lambda_svc._functions["work"] = function
        role()

    def test_each_departure_is_there_until_it_is_corrected(self):
        for departure in DEPARTURES:
            as_on_aws = getattr(self, departure.name.replace("-", "_"))
            with self.subTest(departure=departure.name):
                self.afresh()
                self.assertFalse(as_on_aws(), "upstream has mended this: take the correction out")
                departure.correct()
                self.afresh()
                self.assertTrue(as_on_aws(), "the correction does not correct it")

    def test_the_page_for_people_names_each_departure(self):
        page = (pathlib.Path(__file__).parent / "README.md").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE), [known.name for known in DEPARTURES])

    def numbers_in_templates(self):
        create = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]["create"]
        scaling = {"MaximumConcurrency": "5"}
        made, _ = create("M", {"EventSourceArn": QUEUE, "FunctionName": "work", "ScalingConfig": scaling}, "s")
        return lambda_svc._esms[made]["ScalingConfig"]["MaximumConcurrency"] == 5

    def endpoints_are_tls(self):
        condition = {"Bool": {"aws:SecureTransport": "false"}}
        statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": condition}
        context = iam_evaluator.EvalContext(SESSION, "AssumedRole", ACCOUNT, "sqs:SendMessage", QUEUE, REGION)
        return iam_evaluator.evaluate_resource_policy({"Statement": [statement]}, context).decision != "Deny"

    def partiql_rights(self):
        texts = {
            "INSERT INTO \"t\" VALUE {'pk': ?}": ("PartiQLInsert", "t"),
            'UPDATE "t.x-1" SET d = ? WHERE pk = ?': ("PartiQLUpdate", "t.x-1"),
            "delete from t where pk = ?": ("PartiQLDelete", "t"),
            'SELECT * FROM "t"."by_work" WHERE work = ?': ("PartiQLSelect", "t/index/by_work"),
        }
        body = json.dumps({"Statements": [{"Statement": text} for text in texts]}).encode()
        action = "dynamodb:BatchExecuteStatement"
        checks = iam_actions.dynamodb_transaction_checks(action, body, REGION, ACCOUNT)
        arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/"
        return checks == [(f"dynamodb:{kind}", arn + table) for kind, table in texts.values()]

    def mail_rights(self):
        ses._identities["shop@a.example"] = ses._identities["b.example"] = {}
        arns = [f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{name}" for name in ("shop@a.example", "b.example")]
        condition = {"StringEquals": {"ses:FromAddress": "shop@a.example"}}
        role({"Effect": "Allow", "Action": "ses:SendEmail", "Resource": arns, "Condition": condition})

        def allowed(sender, to):
            body = f"Action=SendEmail&Source={sender}&Destination.ToAddresses.member.1={to}".encode()
            keys = iam_actions.request_tag_context("ses", "ses:SendEmail", body, {})
            return iam_evaluator.enforce(KEY, "ses:SendEmail", "ses", REGION, "*", keys) is None

        refused = [("other@b.example", "owner@b.example"), ("shop@a.example", "owner@c.example")]
        return allowed("shop@a.example", "owner@b.example") and not any(allowed(*mail) for mail in refused)

    def parameter_rights(self):
        arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/one"
        role({"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": arn})

        def allowed(*names):
            body, action = json.dumps({"Names": names}).encode(), "ssm:GetParameters"
            keys = iam_actions.request_tag_context("ssm", action, body, {})
            headers = {"x-amz-target": "AmazonSSM.GetParameters"}
            named = iam_actions.extract_resource_arn("ssm", "POST", "/", headers, body, {}, REGION, ACCOUNT)
            return iam_evaluator.enforce(KEY, action, "ssm", REGION, named, keys) is None

        return allowed("/shop/one") and not allowed("/shop/one", "/shop/two")

    def object_versions(self):
        self.bucket()
        rule = {"Name": "r", "EventBusName": "default", "State": "ENABLED", "EventPattern": '{"source":["aws.s3"]}'}
        eventbridge._rules["r"], eventbridge._targets["r"] = rule, [{"Arn": QUEUE}]
        self.s3("PUT", "/bucket/k", b"x")
        written = s3._object_versions[("bucket", "k")][-1]
        with mock.patch.object(eventbridge, "_invoke_target") as invoked:
            told = {"etag": written["etag"], "version_id": written["version_id"]}
            s3._fire_s3_event("bucket", "k", "s3:ObjectCreated:Put", 1, **told)
        event = invoked.call_args.args[3].event_with_detail()
        return event["detail"]["object"].get("version-id") == written["version_id"]

    def s3(self, method, path, body=b"", **query):
        signed = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"host": "127.0.0.1", "authorization": signed}
        return asyncio.run(s3.handle_request(method, path, headers, body, query))

    def bucket(self):
        """A bucket that keeps versions and tells EventBridge."""
        place = f"<LocationConstraint>{REGION}</LocationConstraint>"
        self.s3("PUT", "/bucket", f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>".encode())
        versions = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        self.s3("PUT", "/bucket", versions, versioning=[""])
        told = b"<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>"
        self.s3("PUT", "/bucket", told, notification=[""])

    def pollers(self):
        lambda_svc._esms["one"] = mapping(QUEUE)
        without = list(lambda_svc._iter_all_esms())
        actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        role({"Effect": "Allow", "Action": actions, "Resource": QUEUE})
        return not without and len(list(lambda_svc._iter_all_esms())) == 1

    def stream_retries(self):
        role({"Effect": "Allow", "Action": "*", "Resource": "*"})
        keys = {"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "pk", "AttributeType": "S"}
        ask(
            dynamodb, "DynamoDB_20120810.CreateTable", TableName="table", KeySchema=[keys[0]],
            AttributeDefinitions=[keys[1]], BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )  # fmt: skip
        for name in "ab":
            ask(dynamodb, "DynamoDB_20120810.PutItem", TableName="table", Item={"pk": {"S": name}})
        more = {"MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True}
        more["FunctionResponseTypes"] = ["ReportBatchItemFailures"]
        more["DestinationConfig"] = {"OnFailure": {"Destination": QUEUE}}
        lambda_svc._esms["one"] = mapping(dynamodb._tables["table"]["LatestStreamArn"], **more)
        lambda_svc._dynamodb_stream_positions.clear()
        seen = []

        def second_fails(_, event):
            names = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
            numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
            seen.append("".join(names))
            failed = [number for name, number in zip(names, numbers) if name == "b"]
            return {"body": {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}}

        with mock.patch.object(lambda_svc, "_execute_function", second_fails):
            for _ in range(6):
                lambda_svc._esm_backoff_until.clear()
                lambda_svc._poll_dynamodb_streams()
        # Both at first, then what failed by itself, once more, and given up.
        return seen == ["ab", "b", "b"] and letters() == 1

    def failure_destinations(self):
        record = {"dynamodb": {"SequenceNumber": "1"}}
        to = {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
        lambda_svc._send_ddb_stream_failure_record(to, {"config": config()}, [record], "arn", FAILED, "x")
        lambda_svc._route_async_failure(QUEUE, "work", {}, FAILED)
        return letters() == 0

    def logs(self):
        cloudwatch_logs._log_groups.pop("/work", None)
        ask(cloudwatch_logs, "Logs_20140328.CreateLogGroup", logGroupName="/work")
        lambda_svc._emit_lambda_logs({"config": config()}, "id", "a line", False, 1)
        return not cloudwatch_logs._log_groups["/work"]["streams"]

    def function_trust(self):
        role(trusts="scheduler.amazonaws.com")
        return bool(lambda_svc._execute_function_dispatch({"config": config()}, config(), {}, "id", 0).get("error"))

    def targets(self):
        by_rule = {"Source": "aws.s3", "Detail": "{}"}
        eventbridge._invoke_target({"Arn": QUEUE}, by_rule, {"Name": "r", "Arn": "arn:rule"})
        kept, by_schedule = letters(), {"Source": "aws.scheduler", "Detail": "{}"}
        role({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}, trusts="scheduler.amazonaws.com")
        target = {"Arn": FUNCTION, "RoleArn": config()["Role"], "DeadLetterConfig": {"Arn": QUEUE}}
        with mock.patch.object(eventbridge, "_dispatch_to_lambda") as invoked:
            eventbridge._invoke_target(target, by_schedule, {"Name": "s", "Arn": "arn:schedule"})
        return kept == 0 and not invoked.called and letters() == 1

    def asynchronous_targets(self):
        retries = {"MaximumRetryAttempts": 0}
        lambda_svc._functions["work"]["event_invoke_configs"] = {"": retries}
        with mock.patch.object(lambda_svc, "invoke_async_with_retry") as invoked:
            eventbridge._dispatch_to_lambda(FUNCTION, '{"task": "x"}')
        return invoked.called and invoked.call_args.args[0]["event_invoke_config"] == retries

    def routes(self):
        integration = {"integrationUri": FUNCTION}
        answer = apigateway._invoke_lambda_proxy(integration, "api", "$default", "/", "GET", {}, b"", {})
        return asyncio.run(answer)[0] == 500

    def missing_objects(self):
        self.bucket()
        token = iam_evaluator._request_caller_arn.set(SESSION)
        self.addCleanup(iam_evaluator._request_caller_arn.reset, token)

        def asked():
            return [ask("bucket", "none", {}, {})[0] for ask in (s3._get_object, s3._head_object)]

        without = asked()
        role({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"})
        return (without, asked()) == ([403, 403], [404, 404])
