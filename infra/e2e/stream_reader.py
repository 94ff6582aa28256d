"""Reads DynamoDB streams for functions as Lambda does: with retries that end, and partial batches.

Lambda developer guide, "Using Lambda with Amazon DynamoDB" (error handling, partial batch
responses): a batch that fails is tried again at most MaximumRetryAttempts times, halved when
BisectBatchOnFunctionError says so; when the function names the first record it could not work off,
what comes before it is done; when the retries are used up, a record of the failure goes to the
destination and the stream moves on. A batch is made of the records that pass the filter. The emulator's
own reader knows none of this: it repeats a batch that failed for ever, forgets the records that a function
handed back, and has what it filters out fill the batch.
"""

import time

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, lambda_svc

# Seconds between two tries. Lambda waits longer; nobody here gains from waiting.
PAUSE = 0.2
# Records of one read. What the filter leaves out takes no place in a batch.
READ = 1000
# How often each mapping's batch was tried, and how many of its records are looked at now.
_tries, _limits = {}, {}


def poll():
    """Gives every mapping's function its next batch. Answers whether any had work."""
    worked = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        account_token = lambda_svc._request_account_id.set(account)
        region_token = lambda_svc._request_region.set(region)
        try:
            worked = _serve(mapping) or worked
        finally:
            lambda_svc._request_account_id.reset(account_token)
            lambda_svc._request_region.reset(region_token)
    return worked


def _serve(mapping):
    source = mapping.get("EventSourceArn", "")
    here = f"arn:aws:dynamodb:{get_region()}:{get_account_id()}:table/"
    if not mapping.get("Enabled", True) or not source.startswith(here) or "/stream/" not in source:
        return False
    table = source.removeprefix(here).split("/stream/")[0]
    function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    stored = dynamodb._tables.get(table)
    identity = mapping["UUID"]
    if function is None or not stored or stored.get("LatestStreamArn") != source:
        return False
    if lambda_svc._esm_backoff_until.get(identity, 0) > time.time():
        return False
    position = _position(mapping, table)
    size = _limits.get(identity) or int(mapping.get("BatchSize", 100))
    records = dynamodb.stream_records_since(table, position, READ)
    if not records:
        return False
    wanted = lambda_svc._apply_filter_criteria(records, mapping)[:size]
    if not wanted:
        _move_on(mapping, position + len(records))
        return True
    records = records[: records.index(wanted[-1]) + 1]
    result = lambda_svc._execute_function(function, {"Records": wanted})
    refused = _first_refused(mapping, wanted, result)
    if refused is None:
        _move_on(mapping, position + len(records))
    elif refused:
        _move_on(mapping, position + records.index(refused))
    else:
        _failed(mapping, function, position, records, wanted, result)
    return True


def _position(mapping, table):
    identity, horizon = mapping["UUID"], dynamodb.stream_start_position(table)
    with lambda_svc._dynamodb_stream_positions_lock:
        known = lambda_svc._dynamodb_stream_positions.get(identity)
        if known is None:
            at_start = mapping.get("StartingPosition") == "TRIM_HORIZON"
            known = horizon if at_start else dynamodb.stream_end_position(table)
        lambda_svc._dynamodb_stream_positions[identity] = max(known, horizon)
        return max(known, horizon)


def _move_on(mapping, position):
    _tries.pop(mapping["UUID"], None)
    _limits.pop(mapping["UUID"], None)
    with lambda_svc._dynamodb_stream_positions_lock:
        lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = position


def _first_refused(mapping, records, result):
    """The record to go on with: None when all are done, an empty dict when the whole batch failed."""
    if result.get("error"):
        return {}
    answer = result.get("body")
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []) or not isinstance(answer, dict):
        return None
    refused = {failure.get("itemIdentifier") for failure in answer.get("batchItemFailures") or []}
    if not refused:
        return None
    known = [record for record in records if record["dynamodb"]["SequenceNumber"] in refused]
    # An identifier of no record, or the very first record, is a failure of the batch.
    if len(known) < len(refused) or known[0] is records[0]:
        return {}
    return known[0]


def _failed(mapping, function, position, records, wanted, result):
    identity = mapping["UUID"]
    if len(wanted) > 1 and mapping.get("BisectBatchOnFunctionError"):
        _limits[identity] = (len(wanted) + 1) // 2
        return
    _tries[identity] = _tries.get(identity, 0) + 1
    if _tries[identity] > int(mapping.get("MaximumRetryAttempts", -1)) >= 0:
        lambda_svc._send_ddb_stream_failure_record(
            mapping, function, wanted, mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
        )
        _move_on(mapping, position + len(records))
        return
    lambda_svc._esm_backoff_until[identity] = time.time() + PAUSE
