"""The deployed stack, as the operator's commands see it: which one, where, and what it is made of.

    STACK=name        the stack; otherwise the one that samconfig.toml names
    AWS_ENDPOINT_URL  an emulator instead of AWS
"""

import os
import pathlib
import tomllib

import boto3

SAMCONFIG = pathlib.Path("samconfig.toml")


class NoStack(SystemExit):
    """Nobody said which stack; ends the program with words instead of a trace."""


def settings(path=SAMCONFIG):
    """What the first `make deploy` was told, such as `stack_name`; empty before it."""
    if not path.exists():
        return {}
    environment = tomllib.loads(path.read_text(encoding="utf-8")).get("default", {})
    return environment.get("global", {}).get("parameters", {}) | environment.get("deploy", {}).get("parameters", {})


class Stack:
    """One stack and the clients to work on it."""

    def __init__(self, name, session):
        self.name, self.session = name, session
        self._clients, self._resources = {}, None

    @classmethod
    def chosen(cls):
        """The stack that the environment or samconfig.toml names."""
        known = settings()
        name = os.environ.get("STACK") or known.get("stack_name")
        if not name:
            raise NoStack("Which stack? Say STACK=name, or deploy first: make deploy.")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or known.get("region")
        profile = None if "AWS_PROFILE" in os.environ else known.get("profile")
        return cls(name, boto3.Session(region_name=region, profile_name=profile))

    def client(self, service):
        """The client of a service, made once."""
        if service not in self._clients:
            self._clients[service] = self.session.client(service)
        return self._clients[service]

    def resource(self, logical_id):
        """The physical id of a resource of the template: a table's name, a queue's address."""
        return self._physical()[logical_id]

    def has(self, logical_id):
        """Whether a resource of the template has come into being."""
        return logical_id in self._physical()

    def _physical(self):
        """Physical ids by logical ids, asked for once."""
        if self._resources is None:
            pages = self.client("cloudformation").get_paginator("list_stack_resources")
            self._resources = {
                resource["LogicalResourceId"]: resource["PhysicalResourceId"]
                for page in pages.paginate(StackName=self.name)
                for resource in page["StackResourceSummaries"]
                if "PhysicalResourceId" in resource
            }
        return self._resources

    def __str__(self):
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return f"stack {self.name}, {self.session.region_name}{f', {endpoint}' if endpoint else ''}"


def confirmed(question, expected):
    """Whether the person at the keyboard typed exactly what was expected, or said so before with YES."""
    if os.environ.get("YES") == expected:
        return True
    try:
        return input(f"{question} ").strip() == expected
    except EOFError:
        return False
