"""Takes single rights away from deployed roles, through the IAM API, and gives them back."""

import contextlib
import dataclasses
import json
import re


@dataclasses.dataclass(frozen=True)
class Right:
    """One action on one resource, as one statement of one policy of one role grants it."""

    role: str  # as the template names it
    name: str  # as IAM names it
    policy: str
    statement: int
    sid: str
    action: str
    resource: str

    def __str__(self):
        return f"{self.role}/{self.sid}: {self.action} on {self.resource}"

    def grants(self, decision):
        """Whether a decision is about this right."""
        role, action, resource, _ = decision
        pattern = re.escape(self.resource).replace(r"\*", ".*").replace(r"\?", ".")
        return (role, action) == (self.name, self.action) and re.fullmatch(pattern, resource) is not None


def as_list(value):
    """IAM writes one action or resource as itself and several as a list."""
    return value if isinstance(value, list) else [value]


def policies(stack, role):
    """The inline policies of a role, by name; there are no others."""
    iam = stack.client("iam")
    if attached := iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        raise AssertionError(f"{role} has rights that nobody takes away: {attached}")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}


def rights(stack):
    """Every right of every role of the stack, each once."""
    found = {}
    for logical, role in stack.of_type("AWS::IAM::Role").items():
        for policy, document in policies(stack, role).items():
            for number, statement in enumerate(as_list(document["Statement"])):
                for action in as_list(statement["Action"]):
                    for resource in as_list(statement["Resource"]):
                        sid = statement.get("Sid", str(number))
                        found[Right(logical, role, policy, number, sid, action, resource)] = None
    return list(found)


def without(document, right):
    """A policy that grants what it granted, except for one action on one resource."""
    statements = as_list(document["Statement"])
    full = statements[right.statement]
    actions, resources = as_list(full["Action"]), as_list(full["Resource"])
    others = [action for action in actions if action != right.action]
    elsewhere = [resource for resource in resources if resource != right.resource]
    left = []
    if others:
        left.append({**full, "Action": others})
    if elsewhere:
        left.append({**full, "Sid": f"{right.sid}Elsewhere", "Action": right.action, "Resource": elsewhere})
    return {**document, "Statement": [*statements[: right.statement], *left, *statements[right.statement + 1 :]]}


@contextlib.contextmanager
def removed(stack, right):
    """While this lasts, the role does not have the right."""
    iam = stack.client("iam")
    document = policies(stack, right.name)[right.policy]
    reduced = without(document, right)
    try:
        if reduced["Statement"]:
            put(iam, right, reduced)
        else:
            iam.delete_role_policy(RoleName=right.name, PolicyName=right.policy)
        yield
    finally:
        put(iam, right, document)


def put(iam, right, document):
    """Writes a role's policy."""
    iam.put_role_policy(RoleName=right.name, PolicyName=right.policy, PolicyDocument=json.dumps(document))


@contextlib.contextmanager
def denied(stack, role, actions):
    """While this lasts, a role is denied actions, such as `dynamodb:*`, whatever its policies allow."""
    iam = stack.client("iam")
    statement = {"Effect": "Deny", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        iam.put_role_policy(RoleName=role, PolicyName="denied-by-test", PolicyDocument=policy)
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied-by-test")


@contextlib.contextmanager
def untrusted(stack, role):
    """While this lasts, no service can take the role on."""
    iam = stack.client("iam")
    document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = json.loads(json.dumps(document).replace('"Allow"', '"Deny"'))
    try:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
        yield
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))
