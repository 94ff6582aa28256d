"""Where the emulator is known to depart from AWS, and what makes it behave.

Each departure says what AWS does and where that is written, what the emulator does instead, and
what corrects it. Most corrections make the emulator stricter; those that let something pass only
undo a refusal that AWS would not make. test_departures.py proves of each that it is still there
without its correction, so a departure that upstream has mended fails a test until it is taken out.
"""

import dataclasses
import email.utils
import json
import re
import typing
import urllib.parse

import decisions
import service_rights
import stream_reader
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, lambda_svc, s3, ses, ses_v2
from ministack.services.cloudformation import provisioners


@dataclasses.dataclass(frozen=True)
class Departure:
    """One difference from AWS."""

    name: str
    aws: str
    source: str
    emulator: str
    correct: typing.Callable[[], None]


def numbers_in_templates():
    create = provisioners._lambda_esm_create

    def typed(logical_id, properties, stack):
        scaling = properties.get("ScalingConfig")
        if scaling:
            properties = {**properties, "ScalingConfig": {name: int(value) for name, value in scaling.items()}}
        return create(logical_id, properties, stack)

    provisioners._lambda_esm_create = typed
    # Handlers are looked up in a table that was filled when the module was read.
    for handlers in provisioners._RESOURCE_HANDLERS.values():
        if handlers.get("create") is create:
            handlers["create"] = typed


def endpoints_are_tls():
    resolve = iam_evaluator._resolve_condition_key

    def secure(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = secure


# INSERT INTO "table" …, UPDATE "table" …, DELETE FROM "table" …, SELECT … FROM "table"."index" …
STATEMENT = re.compile(
    r"""\s*(?P<kind>insert|update|delete|select|exists)\b.*?
        (?:(?:into|from)\s+|(?<=update)\s+)"?(?P<table>[\w.-]+)"?(?:\."?(?P<index>[\w.-]+)"?)?""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def partiql_rights():
    transactions = iam_actions.dynamodb_transaction_checks

    def checks(action, body, region, account):
        field = {
            "dynamodb:ExecuteStatement": None,
            "dynamodb:BatchExecuteStatement": "Statements",
            "dynamodb:ExecuteTransaction": "TransactStatements",
        }
        if action not in field:
            return transactions(action, body, region, account)
        request = json.loads(body)
        statements = request[field[action]] if field[action] else [request]
        return [partiql_check(statement["Statement"], region, account) for statement in statements]

    iam_actions.dynamodb_transaction_checks = checks


def partiql_check(text, region, account):
    """The action and the resource that one statement is authorised as."""
    statement = STATEMENT.match(text)
    if not statement:
        # Nobody has a right to what cannot be read.
        return ("dynamodb:PartiQLUnreadable", "*")
    kind = statement["kind"].capitalize().replace("Exists", "Select")
    arn = f"arn:aws:dynamodb:{region}:{account}:table/{statement['table']}"
    return (f"dynamodb:PartiQL{kind}", f"{arn}/index/{statement['index']}" if statement["index"] else arn)


def mail_rights():
    context, enforce = iam_actions.request_tag_context, iam_evaluator.enforce

    def keys_of(service, action, body, query):
        keys = context(service, action, body, query)
        if action == "ses:SendEmail":
            fields = urllib.parse.parse_qs((body or b"").decode())
            to = [value for name, values in fields.items() if name.startswith("Destination.") for value in values]
            keys["ses:FromAddress"] = email.utils.parseaddr(fields.get("Source", [""])[0])[1]
            keys["ses:Recipients"] = to
        return keys

    def checked(access_key, action, service, region, resource_arn="*", service_context=None):
        keys = service_context or {}
        if action != "ses:SendEmail" or "ses:FromAddress" not in keys:
            return enforce(access_key, action, service, region, resource_arn, service_context)
        for address in [keys["ses:FromAddress"], *keys["ses:Recipients"]]:
            arn = f"arn:aws:ses:{region}:{get_account_id()}:identity/{identity_of(address)}"
            refused = enforce(access_key, action, service, region, arn, keys)
            note(access_key, action, arn, refused)
            if refused:
                return refused
        return None

    iam_actions.request_tag_context, iam_evaluator.enforce = keys_of, checked


def identity_of(address):
    """The identity SES knows an address by: itself where it is one, else its domain."""
    known = {name.lower() for name in [*ses._identities, *ses_v2._identities]}
    address = email.utils.parseaddr(address)[1].lower()
    return address if address in known else address.rpartition("@")[2]


def parameter_rights():
    context, enforce = iam_actions.request_tag_context, iam_evaluator.enforce

    def keys_of(service, action, body, query):
        keys = context(service, action, body, query)
        if action == "ssm:GetParameters":
            keys[PARAMETERS] = json.loads(body)["Names"]
        return keys

    def checked(access_key, action, service, region, resource_arn="*", service_context=None):
        names = (service_context or {}).get(PARAMETERS)
        if names is None:
            return enforce(access_key, action, service, region, resource_arn, service_context)
        for name in names:
            arn = f"arn:aws:ssm:{region}:{get_account_id()}:parameter/{name.removeprefix('/')}"
            refused = enforce(access_key, action, service, region, arn)
            note(access_key, action, arn, refused)
            if refused:
                return refused
        return None

    iam_actions.request_tag_context, iam_evaluator.enforce = keys_of, checked


def events_name_the_version():
    dispatch = eventbridge._dispatch_event

    def complete(event, view=None):
        if event.get("Source") == "aws.s3" and view is None:
            detail = json.loads(event["Detail"])
            bucket, written = detail["bucket"]["name"], detail["object"]
            versions = s3._object_versions.get((bucket, written["key"]), [])
            matching = [known for known in versions if known["etag"].strip('"') == written.get("etag")]
            if matching and matching[-1]["version_id"] != "null":
                written["version-id"] = matching[-1]["version_id"]
                event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, view)

    eventbridge._dispatch_event = complete


# Under this the names that a request asks for go from one of the emulator's questions to the next.
PARAMETERS = "e2e:parameters"
# What is asked for resource by resource, and written down by it.
NOTED = {"ses:SendEmail", "ssm:GetParameters"}


def decisions_are_written_down():
    """No departure: the tests read who was allowed and who was refused what."""
    enforce = iam_evaluator.enforce

    def noted(access_key, action, service, region, resource_arn="*", service_context=None):
        refused = enforce(access_key, action, service, region, resource_arn, service_context)
        if action not in NOTED:
            note(access_key, action, resource_arn, refused)
        return refused

    iam_evaluator.enforce = noted


def note(access_key, action, resource, refused):
    """Writes down what became of a request, if it was made with a role's credentials."""
    caller = iam_evaluator.resolve_credential(access_key or "", get_account_id())
    if getattr(caller, "principal_type", "") == "AssumedRole":
        role = service_rights.name_of(caller.principal_arn)
        decisions.note(role, action, resource, refused is None)


def streams_are_read_with_retries():
    lambda_svc._poll_dynamodb_streams = stream_reader.poll


SAR = "Service Authorization Reference"
LAMBDA = "Lambda developer guide"

DEPARTURES = (
    Departure(
        "numbers-in-templates",
        "MaximumConcurrency is a number, also when it comes from a parameter.",
        "CloudFormation, AWS::Lambda::EventSourceMapping ScalingConfig",
        "Keeps the parameter's text; comparing it ends every look at every queue.",
        numbers_in_templates,
    ),
    Departure(
        "endpoints-are-tls",
        "Requests reach AWS over TLS, so aws:SecureTransport is true.",
        "IAM user guide, AWS global condition context keys",
        "Has a plain endpoint here, so a policy that insists on TLS locks everybody out.",
        endpoints_are_tls,
    ),
    Departure(
        "partiql-rights",
        "A statement needs dynamodb:PartiQLInsert, -Update, -Delete or -Select on its table.",
        "DynamoDB developer guide, IAM security policies with PartiQL",
        "Asks for dynamodb:ExecuteStatement or BatchExecuteStatement, on everything.",
        partiql_rights,
    ),
    Departure(
        "mail-rights",
        "ses:SendEmail is asked for on the sender's identity, in the sandbox also on the recipients', "
        "with the condition key ses:FromAddress.",
        "SES developer guide, controlling access; " + SAR,
        "Asks for it on everything, and knows no ses: condition key.",
        mail_rights,
    ),
    Departure(
        "parameter-rights",
        "ssm:GetParameters is asked for on each parameter that it names.",
        SAR + "; Systems Manager user guide, restricting access to parameters",
        "Asks for it on everything.",
        parameter_rights,
    ),
    Departure(
        "object-versions",
        "The event of an object in a bucket that keeps versions names the version.",
        "S3 user guide, EventBridge event message structure",
        "Leaves it out, so nobody needs the right to read a version.",
        events_name_the_version,
    ),
    Departure(
        "pollers",
        "Lambda reads queues and streams as the function's role.",
        LAMBDA + ", execution role permissions of event source mappings",
        "Reads them whatever the role may do.",
        service_rights.pollers_need_the_functions_role,
    ),
    Departure(
        "stream-retries",
        "Retries of a stream's batch end, a batch is halved or cut, and a failure gets to its destination.",
        LAMBDA + ", Using Lambda with Amazon DynamoDB",
        "Repeats a batch for ever and ignores which records failed.",
        streams_are_read_with_retries,
    ),
    Departure(
        "failure-destinations",
        "Lambda sends failure records as the function's role.",
        LAMBDA + ", Capturing records of asynchronous invocations",
        "Sends them whatever the role may do.",
        service_rights.failure_records_need_the_functions_role,
    ),
    Departure(
        "logs",
        "Lambda writes logs as the function's role; without the right there are none.",
        LAMBDA + ", Sending function logs to CloudWatch Logs",
        "Writes them whatever the role may do, and makes the group if need be.",
        service_rights.logs_need_the_functions_role,
    ),
    Departure(
        "function-trust",
        "Lambda can take on only a role that trusts lambda.amazonaws.com.",
        LAMBDA + ", Defining Lambda function permissions with an execution role",
        "Never looks at a function role's trust policy.",
        service_rights.functions_need_a_role_that_trusts_lambda,
    ),
    Departure(
        "targets",
        "A schedule invokes as its role, a rule as far as its target's policy lets it; "
        "what is refused goes to the target's dead letters.",
        "EventBridge user guide, resource-based policies; EventBridge Scheduler user guide, execution role",
        "Invokes whatever role and policy say, and has no dead letters.",
        service_rights.targets_need_a_role_or_a_policy,
    ),
    Departure(
        "asynchronous-targets",
        "Rules and schedules invoke a function asynchronously: with its retries and its OnFailure destination.",
        LAMBDA + ", How Lambda handles errors and retries with asynchronous invocation",
        "Invokes it once and forgets a failure.",
        service_rights.targets_are_invoked_asynchronously,
    ),
    Departure(
        "routes",
        "API Gateway invokes a function only if the function's policy lets it.",
        "API Gateway developer guide, AWS Lambda proxy integrations for HTTP APIs",
        "Invokes it whatever the policy says.",
        service_rights.routes_need_the_functions_policy,
    ),
    Departure(
        "missing-objects",
        "Who may not list a bucket gets 403, and not 404, for an object that is not there.",
        "S3 API reference, GetObject, permissions",
        "Answers 404 to everybody.",
        service_rights.missing_objects_are_forbidden_to_who_may_not_list,
    ),
)


def correct_all():
    """Makes the emulator behave, and write its decisions down."""
    for departure in DEPARTURES:
        departure.correct()
    decisions_are_written_down()
    service_rights.schedules_are_looked_at_every_second()
