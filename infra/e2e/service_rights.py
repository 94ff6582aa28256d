"""AWS services act with a role's rights or by a resource's policy; the emulator just acts.

On AWS it is Lambda's poller that reads a queue or a stream as the function's role, Lambda that
writes the function's log and its failure records as that role, EventBridge Scheduler that invokes
its target as the schedule's role, and EventBridge or API Gateway that is let in by the policy of
the queue or the function. The functions here ask the emulator's own policy evaluation the same
questions, write the answers down, and act on them.
"""

import json

import decisions
from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway, cloudwatch_logs, eventbridge, iam, lambda_svc, scheduler, sqs
from ministack.services import s3 as s3_service

# What Lambda needs on the source of a mapping. Lambda developer guide, "Creating and configuring an
# Amazon SQS event source mapping" and "Using Lambda with Amazon DynamoDB", execution role permissions.
POLLER = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
}


def name_of(role_arn):
    """The name in a role's ARN, or in that of a session of it."""
    return role_arn.split(":assumed-role/")[-1].split(":role/")[-1].split("/")[0]


def may(role_arn, action, resource, repeated=False):
    """Whether a role may do something, by its own policies and the resource's."""
    account, name = get_account_id(), name_of(role_arn)
    context = evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/service",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
    )
    result = evaluator.evaluate(context, evaluator._gather_role_policies(name, account))
    policy = evaluator._resource_policy(action.split(":")[0], resource)
    if policy is not None:
        result = evaluator.combine_resource_policy(result, context, *policy)
    allowed = result.decision == "Allow"
    decisions.note(name, action, resource, allowed, repeated)
    return allowed


def trusts(role_arn, service):
    """Whether a role's trust policy lets a service take the role on."""
    name = name_of(role_arn)
    role = iam._roles.get(name) or {}
    document = role.get("AssumeRolePolicyDocument") or {}
    if isinstance(document, str):
        document = json.loads(document)
    allowed = any(
        statement.get("Effect") == "Allow"
        and evaluator._service_principal_matches(statement.get("Principal"), service)
        for statement in document.get("Statement", [])
    )
    decisions.note(name, "sts:AssumeRole", service, allowed, repeated=True)
    return allowed


def lets_in(resource, action, service, source):
    """Whether a resource's policy lets a service act on behalf of one source."""
    found = evaluator._resource_policy(action.split(":")[0], resource)
    context = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={"aws:sourcearn": source, "aws:sourceaccount": get_account_id()},
    )
    allowed = bool(found and found[0]) and (
        evaluator.evaluate_resource_policy(found[0], context, service=service).decision == "Allow"
    )
    decisions.note(service, action, resource, allowed)
    return allowed


def role_of(mapping):
    """The execution role of a mapping's function."""
    function, config = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    return (config or function["config"])["Role"] if function else ""


def pollers_need_the_functions_role():
    every = lambda_svc._iter_all_esms

    def permitted():
        for account, region, mapping in every():
            source = mapping.get("EventSourceArn", "")
            wanted = POLLER.get(source.split(":")[2], ())
            token = enter(account, region)
            try:
                role = role_of(mapping)
                ready = [may(role, action, source, repeated=True) for action in wanted]
            finally:
                leave(token)
            if all(ready):
                yield account, region, mapping

    lambda_svc._iter_all_esms = permitted


def enter(account, region):
    """Enters the account and region that a background thread works for."""
    return lambda_svc._request_account_id.set(account), lambda_svc._request_region.set(region)


def leave(tokens):
    """Leaves what `enter` entered."""
    lambda_svc._request_account_id.reset(tokens[0])
    lambda_svc._request_region.reset(tokens[1])


def failure_records_need_the_functions_role():
    of_stream, of_event = lambda_svc._send_ddb_stream_failure_record, lambda_svc._route_async_failure

    def from_stream(mapping, function, *details):
        target = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if target and may((function.get("config") or function)["Role"], "sqs:SendMessage", target):
            of_stream(mapping, function, *details)

    def from_event(target, function_name, *details):
        function = lambda_svc._functions.get(function_name) or {}
        if may(function.get("config", {}).get("Role", ""), "sqs:SendMessage", target):
            of_event(target, function_name, *details)

    lambda_svc._send_ddb_stream_failure_record = from_stream
    lambda_svc._route_async_failure = from_event


def logs_need_the_functions_role():
    write = lambda_svc._emit_lambda_logs

    def permitted(function, *details, **more):
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:any"
        wanted = ["logs:CreateLogStream", "logs:PutLogEvents"]
        if group not in cloudwatch_logs._log_groups:
            wanted.insert(0, "logs:CreateLogGroup")
        if all(may(config["Role"], action, arn) for action in wanted):
            write(function, *details, **more)

    lambda_svc._emit_lambda_logs = permitted


def functions_need_a_role_that_trusts_lambda():
    run = lambda_svc._execute_function_dispatch

    def permitted(function, config, *details):
        if trusts(config.get("Role", ""), "lambda.amazonaws.com"):
            result = run(function, config, *details)
        else:
            message = "The role defined for the function cannot be assumed by Lambda."
            failure = {"errorType": "AccessDeniedException", "errorMessage": message}
            result = {"error": True, "body": failure}
        # No decision, but wanted beside them: whether the invocation succeeded.
        succeeded = not result.get("error")
        decisions.note(name_of(config.get("Role", "")), decisions.INVOCATION, config["FunctionName"], succeeded)
        return result

    lambda_svc._execute_function_dispatch = permitted


def targets_need_a_role_or_a_policy():
    """Schedules act by their role, rules by the target's policy; what is refused goes to the dead letters."""
    deliver = eventbridge._invoke_target

    def permitted(target, event, rule, view=None):
        target_arn, role, source = target.get("Arn", ""), target.get("RoleArn"), rule.get("Arn", "")
        by_schedule = event.get("Source") == "aws.scheduler" and bool(role)

        def allowed(arn):
            action = "sqs:SendMessage" if ":sqs:" in arn else "lambda:InvokeFunction"
            if by_schedule:
                return trusts(role, "scheduler.amazonaws.com") and may(role, action, arn)
            return lets_in(arn, action, "events.amazonaws.com", source)

        if allowed(target_arn):
            return deliver(target, event, rule, view)
        letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if letters and allowed(letters):
            deliver({**target, "Arn": letters}, event, rule, view)
            # EventBridge Scheduler user guide, dead-letter queues: the attributes say of what it was.
            told = {"TARGET_ARN": target_arn, "ERROR_CODE": "AccessDeniedException"}
            attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
            sqs._queue_by_arn(letters)["messages"][-1]["message_attributes"] = attributes
        return None

    eventbridge._invoke_target = permitted


def targets_are_invoked_asynchronously():
    def to_lambda(arn, payload):
        function, config, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            return
        # Retries and destination are set for the alias or version that the target names.
        _, qualifier = lambda_svc._resolve_name_and_qualifier(arn)
        retries = lambda_svc._event_invoke_config(lambda_svc._functions[name], qualifier)
        record = lambda_svc._execution_record_for_config(function, config)
        record["event_invoke_config"] = retries
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = to_lambda


def routes_need_the_functions_policy():
    invoke = apigateway._invoke_lambda_proxy

    async def permitted(integration, api_id, stage, path, method, *details, **more):
        function = apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
        source = f"arn:aws:execute-api:{get_region()}:{get_account_id()}:{api_id}/{stage}/{method}{path}"
        if lets_in(function, "lambda:InvokeFunction", "apigateway.amazonaws.com", source):
            return await invoke(integration, api_id, stage, path, method, *details, **more)
        return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'

    apigateway._invoke_lambda_proxy = permitted


def missing_objects_are_forbidden_to_who_may_not_list():
    def permitted(read):
        def answered(bucket, key, headers=None, query_params=None):
            answer = read(bucket, key, headers, query_params)
            caller = evaluator.caller_arn()
            if answer[0] != 404 or ":assumed-role/" not in caller:
                return answer
            if may(caller, "s3:ListBucket", f"arn:aws:s3:::{bucket}"):
                return answer
            return s3_service._object_error("AccessDenied", "Access Denied", 403)

        return answered

    s3_service._get_object = permitted(s3_service._get_object)
    s3_service._head_object = permitted(s3_service._head_object)


def schedules_are_looked_at_every_second():
    """No departure: it only spares the test up to ten seconds for every schedule it fires."""
    scheduler._SCHEDULE_TICK_INTERVAL = 1

