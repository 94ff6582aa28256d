"""A stack whose clients answer what a test expects, and nothing else: for the tests."""

import boto3
from botocore.stub import Stubber

from stack import Stack

REGION = "ap-southeast-3"
# Physical ids by logical id, as CloudFormation gives them: addresses of queues, names of the rest.
RESOURCES = {
    "OperationsTable": "shop-OperationsTable-1",
    "DutiesTable": "shop-DutiesTable-1",
    "Exports": "shop-exports-1",
    "IngestQueue": "https://sqs.invalid/1/ingest",
    "IngestDeadLetters": "https://sqs.invalid/1/ingest-dead",
    "StreamDeadLetters": "https://sqs.invalid/1/stream-dead",
    "InvocationDeadLetters": "https://sqs.invalid/1/invocation-dead",
    "SalesTable": "shop-SalesTable-1",
    "ScoreFeedbackFunction": "shop-score-feedback",
    "SendMailFunction": "shop-send-mail",
    "SyncNightlyFunction": "shop-sync-nightly",
    "HonourRightsFunction": "shop-honour-rights",
    "SendTopupsFunction": "shop-send-topups",
    "TellPartnersFunction": "shop-tell-partners",
}


class StubbedStack(Stack):
    """A stack called `shop`. A call that no test announced is an error, and so is one that is missing."""

    def __init__(self):
        session = boto3.Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
        super().__init__("shop", session)
        self._resources = dict(RESOURCES)
        self._stubbers = {}

    def expect(self, service, operation, answer, **parameters):
        """Announces a call with exactly these parameters, and its answer."""
        self._stubber(service).add_response(operation, answer, parameters)

    def expect_error(self, service, operation, code, **parameters):
        """Announces a call that fails."""
        self._stubber(service).add_client_error(operation, code, expected_params=parameters)

    def _stubber(self, service):
        if service not in self._stubbers:
            self._stubbers[service] = Stubber(self.client(service))
            self._stubbers[service].activate()
        return self._stubbers[service]

    def assert_all_called(self):
        """Every announced call was made."""
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()
