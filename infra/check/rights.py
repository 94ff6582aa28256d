"""Least privilege, proved both ways: what a function's code can call, and what its role grants.

    python infra/check/rights.py          every right of every function, and where it is needed

What the code can call is read from the sources (rust_source.py): every call of an SDK client that
can be reached from the function's crate, with the table or bucket that the adapter in between was
made for. What Lambda does in the function's name is read from the template: logs, queues, streams,
failure destinations. The few facts that neither tells are in the tables below, each with its reason.
Both sides are compared by action and resource. A call that is not understood is an error.
"""

import dataclasses
import functools
import json
import re
import sys

from rust_source import Program, callee, every, text
from transformed import REPOSITORY, as_list, deployed, function_of, names_in, of_type, statements

# How IAM names operations that it does not name by their own name: one action, several, or none.
ACTIONS = {
    # Its actions are checked one by one: see BUILT.
    ("dynamodb", "transact_write_items"): [],
    ("dynamodb", "transact_get_items"): ["dynamodb:GetItem"],
    # Checked by the kind of statement: see STATEMENT.
    ("dynamodb", "batch_execute_statement"): [],
    ("dynamodb", "execute_statement"): [],
    ("dynamodb", "execute_transaction"): [],
    ("s3", "head_object"): ["s3:GetObject"],
    ("s3", "head_bucket"): ["s3:ListBucket"],
    ("s3", "list_objects_v2"): ["s3:ListBucket"],
    ("s3", "create_multipart_upload"): ["s3:PutObject"],
    ("s3", "upload_part"): ["s3:PutObject"],
    ("s3", "complete_multipart_upload"): ["s3:PutObject"],
}
# One action of a transaction needs the right of the single operation.
BUILT = {
    "aws_sdk_dynamodb::types::Put": "dynamodb:PutItem",
    "aws_sdk_dynamodb::types::Update": "dynamodb:UpdateItem",
    "aws_sdk_dynamodb::types::Delete": "dynamodb:DeleteItem",
    "aws_sdk_dynamodb::types::ConditionCheck": "dynamodb:ConditionCheckItem",
}
# A PartiQL statement needs the right of its kind.
STATEMENT = re.compile(r'^(?:r#*)?"\s*(INSERT INTO|UPDATE|DELETE FROM|SELECT)\b')
PARTIQL = {
    "INSERT INTO": "dynamodb:PartiQLInsert",
    "UPDATE": "dynamodb:PartiQLUpdate",
    "DELETE FROM": "dynamodb:PartiQLDelete",
    "SELECT": "dynamodb:PartiQLSelect",
}
# Rights that no call shows.
SILENT = {
    "s3:GetObject": (
        "s3:ListBucket",
        "never called: without it S3 answers 403 and not 404 for an object that is gone",
    ),
}
# Every wildcard in a resource, and why it is there.
WILDCARDS = {
    "Exports/incoming/*": "whoever sends an export chooses the rest of its key",
    "Exports/config/*": "a night's date is the rest of the key",
    "*": "X-Ray knows no resource to send a trace to; Lambda's place in a network has no name before it is made",
}
# SES checks the right on identities, which no call names: the sender's, as an address or its domain,
# and, while the account is in the sandbox, the recipient's as well.
SES_IDENTITIES = ["MailFrom", "domain of MailFrom", "AdminEmail", "domain of AdminEmail"]
# Parameters of Systems Manager have the names that the template's parameters say, which no call shows: what
# a function reads of partners' secrets, and the ones that it renews.
PARAMETERS = {
    ("sync-nightly", "ssm:GetParameters"): [
        "CentralTokenParameter",
        *(
            f"MokaParameters/{secret}"
            for secret in ["client-id", "client-secret", "refresh-token", "renewed-token", "access-token"]
        ),
    ],
    ("sync-nightly", "ssm:PutParameter"): ["MokaParameters/renewed-token", "MokaParameters/access-token"],
    ("serve-topups", "ssm:GetParameters"): ["TopupParameters/report-tokens", "TopupParameters/webhook-key"],
    ("send-topups", "ssm:GetParameter"): [
        f"TopupParameters/{secret}" for secret in ["member-id", "pin", "password", "proxy"]
    ],
    ("tell-partners", "ssm:GetParameter"): ["TopupParameters/webhook-key"],
}
# What Lambda does with the role of a function in a network. Lambda developer guide, "Giving Lambda functions
# access to resources in an Amazon VPC", required IAM permissions.
NETWORK = [
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
]
# What Lambda does with the function's role. Lambda developer guide, permissions of an event source.
QUEUE_READER = ["DeleteMessage", "GetQueueAttributes", "ReceiveMessage"]
STREAM_READER = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]


@dataclasses.dataclass(frozen=True, order=True)
class Right:
    """An action on a resource, as `SalesTable`, `OperationsTable/index/by_work`, `Exports/incoming/*`."""

    action: str
    resource: str


class NotUnderstood(ValueError):
    """The sources hold something this proof cannot follow."""


# ---- what the code can call ----------------------------------------------------------------------


class Code:
    """The calls to AWS of one function."""

    def __init__(self, crate, root=REPOSITORY):
        self.program = Program(root, crate)
        self.stores = store_of_each_adapter(self.program)
        self.fields = store_of_each_field(self.program)
        self.folders = folder_of_each_adapter(self.program)
        # (action, store, index or None, is it an object) -> where it is called
        self.calls = {}
        self._seen = set()
        for function in self.program.roots():
            self._follow(function, None)

    def _follow(self, function, store, entry=None):
        """Notes what a function calls. Its own adapter's store comes first, then its caller's. `entry`
        is where the crate itself calls into its libraries."""
        store = self._store(function.owner, store)
        if (function, store) in self._seen:
            return
        self._seen.add((function, store))
        variables = self.program.variables(function)
        for call in function.calls:
            self._follow_call(call, function, store, variables, entry)
        for literal in function.literals:
            if statement := STATEMENT.match(text(literal)):
                self._note(PARTIQL[statement[1]], store, None, entry or function.place(literal))

    def _store(self, owner, store):
        """What an adapter works on, given what its caller does: a table, the bucket, or a folder of it."""
        if owner in self.folders:
            return f"/{self.folders[owner]}"
        own = self.stores.get(owner)
        if own is None:
            return store
        return own + store[store.index("/") :] if store and "/" in store else own

    def _handed_over(self, call, function):
        """The store that a call is told, by an adapter that works on more than one: `&self.customers`."""
        for argument in call.child_by_field_name("arguments").named_children:
            if field := re.fullmatch(r"&?self\.(\w+)", text(argument)):
                if (store := self.fields.get((function.owner, field[1]))) is not None:
                    return store
        return None

    def _follow_call(self, call, function, store, variables, entry):
        called, program = callee(call), self.program
        place = function.place(call)
        entry = entry or place
        store = self._handed_over(call, function) or store
        for argument in call.child_by_field_name("arguments").named_children:
            if argument.type in ("identifier", "scoped_identifier"):
                for target in program.resolve(argument, function):
                    self._follow(target, store, self._entry(target, entry))
        if called.type != "field_expression":
            path = text(called)
            owner, _, name = path.rpartition("::")
            if name == "builder" and function.file.full(owner) in BUILT:
                self._note(BUILT[function.file.full(owner)], store, None, entry)
            for target in program.resolve(called, function):
                self._follow(target, store, self._entry(target, entry))
            return
        name = text(called.child_by_field_name("field"))
        types = program.type_of(called.child_by_field_name("value"), function, variables)
        arguments = call.child_by_field_name("arguments").named_children
        if name in ("send", "presigned", "into_paginator") and not {"request", "web request"} & types:
            if not arguments or name == "presigned":
                raise NotUnderstood(f"{place}: what is sent here?")
        index = index_of(call, program)
        for kind in types:
            if kind and kind.startswith("sdk:") and name != "clone":
                self._note_operation(kind.removeprefix("sdk:"), name, function, store, index, entry)
            for target in program.methods(kind, name, function.file):
                self._follow_method(target, store, index, self._entry(target, entry))

    def _entry(self, target, entry):
        """Where the crate left its own sources; nowhere yet while it calls itself."""
        return None if target.file in self.program.own else entry

    def _follow_method(self, target, store, index, entry):
        """Follows a method; a query that names an index reads that, and not the table."""
        if index is None:
            self._follow(target, store, entry)
            return
        before, self.calls, seen, self._seen = self.calls, {}, self._seen, set()
        self._follow(target, store, entry)
        found, self.calls, self._seen = self.calls, before, seen
        for (action, where, inner, is_object), place in found.items():
            asked = index if action == "dynamodb:Query" else inner
            self.calls.setdefault((action, where, asked, is_object), place)

    def _note_operation(self, service, operation, function, store, index, place):
        named = f"{service}:{''.join(word.capitalize() for word in operation.split('_'))}"
        actions = list(ACTIONS.get((service, operation), [named]))
        is_object = service == "s3" and "s3:ListBucket" not in actions
        if "s3:GetObject" in actions and re.search(r"\.(set_)?version_id\(", text(function.node)):
            actions.append("s3:GetObjectVersion")
        for action in actions:
            self._note(action, store, index, place, is_object)
            if action in SILENT:
                self._note(SILENT[action][0], store, None, f"{SILENT[action][1]}; for {place}")

    def _note(self, action, store, index, place, is_object=False):
        self.calls.setdefault((action, store, index, is_object), place)


def outermost(call):
    """The whole chain of calls that a call begins."""
    while call.parent.type in ("field_expression", "call_expression", "await_expression", "try_expression"):
        call = call.parent
    return call


def index_of(call, program):
    """The index that a chain of calls asks for, if it does."""
    for link in every(outermost(call), "call_expression"):
        called = callee(link)
        if called.type == "field_expression" and text(called.child_by_field_name("field")) == "index_name":
            (name,) = link.child_by_field_name("arguments").named_children
            index = program.constants.get(text(name))
            if index is None:
                raise NotUnderstood(f"an index called {text(name)}")
            return index
    return None


def store_of_each_adapter(program):
    """Which store an adapter was made for: the name it takes from the clients. Where one can be made for several
    (`Leases::new`, `Leases::topups`), the one that the function makes."""
    stores = {}
    for file in program.files:
        for function in file.functions:
            for made in every(function.node, "struct_expression"):
                owner = file.type_named(text(made.child_by_field_name("name")), function.owner)
                if named := re.search(r"\.names\(\)\s*\.(\w+)", text(made)):
                    stores.setdefault(owner, {})[function.name] = named[1]
    chosen = {}
    for owner, by_maker in stores.items():
        possible = set(by_maker.values())
        if len(possible) > 1:
            possible = {by_maker[maker] for maker in makers_called(program, owner) if maker in by_maker}
        if len(possible) > 1:
            raise NotUnderstood(f"{owner} is made for {' and '.join(sorted(possible))}")
        chosen.update((owner, store) for store in possible)
    return chosen


def makers_called(program, owner):
    """The functions of a type, `Leases::topups`, that the crate itself calls."""
    for file in program.own:
        for function in file.functions:
            for call in function.calls:
                path, _, name = text(callee(call)).rpartition("::")
                if path and file.type_named(path, function.owner) == owner:
                    yield name


def store_of_each_field(program):
    """Which store a field of an adapter names; not where that depends on how the adapter was made."""
    fields = {}
    for file in program.files:
        for function in file.functions:
            for made in every(function.node, "struct_expression"):
                owner = file.type_named(text(made.child_by_field_name("name")), function.owner)
                for field in every(made, "field_initializer"):
                    if named := re.search(r"\.names\(\)\s*\.(\w+)", text(field)):
                        fields.setdefault((owner, text(field.child_by_field_name("field"))), set()).add(named[1])
    return {field: stores.pop() for field, stores in fields.items() if len(stores) == 1}


def folder_of_each_adapter(program):
    """Which folder of the bucket an adapter keeps to, if it has one of its own: `const FOLDER`."""
    return {
        function.owner: file.constants["FOLDER"]
        for file in program.files
        if "FOLDER" in file.constants
        for function in file.functions
        if function.owner
    }


def variables_of_stores(program):
    """The environment variable that names each store, from where the configuration is read."""
    found = {}
    for file in program.files:
        for function in file.functions:
            for made in every(function.node, "struct_expression"):
                if text(made.child_by_field_name("name")).split("::")[-1] != "Names":
                    continue
                for field in every(made, "field_initializer"):
                    if variable := re.search(r'"([A-Z_]+)"', text(field)):
                        found[text(field.child_by_field_name("field"))] = variable[1]
    if not found:
        raise NotUnderstood("no reader of the environment makes `Names`")
    return found


@functools.lru_cache(maxsize=None)
def read(crate, root):
    """The calls of one function, read once."""
    return Code(crate, root)


def needed_by_code(crate, function, template, root=REPOSITORY):
    """What the code of a function can call, as rights, each with where it is called."""
    code = read(crate, root)
    variables = variables_of_stores(code.program)
    environment = function["Properties"]["Environment"]["Variables"]
    needed = {}
    for (action, store, index, is_object), place in sorted(code.calls.items(), key=str):
        if action == "ses:SendEmail":
            for identity in SES_IDENTITIES:
                needed.setdefault(Right(action, f"identity/{identity}"), place)
            continue
        if action.startswith("ssm:"):
            if (crate, action) not in PARAMETERS:
                raise NotUnderstood(f"{place}: {action} of which parameters?")
            for name in PARAMETERS[crate, action]:
                # A proxy's password is nobody's business where there is no proxy.
                if name.endswith("/proxy") and not environment["TOPUP_PROXY_URL"]:
                    continue
                needed.setdefault(Right(action, f"parameter/{name}"), place)
            continue
        if store is None:
            raise NotUnderstood(f"{place}: {action} on what?")
        store, _, folder = store.partition("/")
        if variables[store] not in environment:
            raise NotUnderstood(f"{place}: {action}, but the template tells no {variables[store]}")
        (resource,) = names_in(environment[variables[store]])
        if is_object:
            resource += f"/{folder or announced_prefix(template)}*"
        needed.setdefault(Right(action, f"{resource}/index/{index}" if index else resource), place)
    return needed


def announced_prefix(template):
    """Where exports are: the code reads keys it is told of, and makes them where it will be told."""
    (rule,) = of_type(template, "AWS::Events::Rule").values()
    (key,) = rule["Properties"]["EventPattern"]["detail"]["object"]["key"]
    return key["prefix"]


# ---- what Lambda does in the function's name -----------------------------------------------------


def needed_by_lambda(name, template):
    """What Lambda does with the role of a function, from how the function is wired."""
    function = template["Resources"][name]["Properties"]
    needed = {}

    def need(resource, actions, reason):
        for action in actions:
            needed.setdefault(Right(action, resource), reason)

    need(canonical(function["LoggingConfig"]["LogGroup"]), ["logs:CreateLogStream", "logs:PutLogEvents"], "logs")
    for mapping_name, mapping in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        mapping = mapping["Properties"]
        (target,) = names_in(mapping["FunctionName"])
        if function_of(template, target) != name:
            continue
        origin = canonical(mapping["EventSourceArn"])
        if "StartingPosition" in mapping:
            need(origin, [f"dynamodb:{action}" for action in STREAM_READER], mapping_name)
        else:
            need(origin, [f"sqs:{action}" for action in QUEUE_READER], mapping_name)
        if "DestinationConfig" in mapping:
            need(destination(mapping), ["sqs:SendMessage"], f"what {mapping_name} gives up")
    for config in of_type(template, "AWS::Lambda::EventInvokeConfig").values():
        if name in names_in(config["Properties"]["FunctionName"]):
            need(destination(config["Properties"]), ["sqs:SendMessage"], "invocations that failed")
    if function.get("TracingConfig", {}).get("Mode") == "Active":
        need("*", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "tracing")
    if "VpcConfig" in function:
        need("*", [f"ec2:{action}" for action in NETWORK], "a place in the network")
    return needed


def destination(properties):
    """Where what failed goes."""
    return canonical(properties["DestinationConfig"]["OnFailure"]["Destination"])


# ---- what the role grants ------------------------------------------------------------------------


def canonical(value):
    """A resource of the template in this proof's words."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Ref":
        return argument
    if function == "Fn::GetAtt":
        parts = argument if isinstance(argument, list) else argument.split(".")
        return parts[0] if parts[1] == "Arn" else ".".join(parts)
    if function == "Fn::Sub":
        pattern, values = argument if isinstance(argument, list) else (argument, {})
        pattern = re.sub(r"^arn:\$\{AWS::Partition\}:\w+:\$\{AWS::Region\}:\$\{AWS::AccountId\}:", "", pattern)
        # Its name begins with the slash.
        pattern = pattern.replace("parameter${", "parameter/${")
        spelled = lambda part: canonical(values[part[1]]) if part[1] in values else part[1].removesuffix(".Arn")
        return re.sub(r"\$\{([\w.:]+)\}", spelled, pattern)
    if function == "Fn::Select" and argument[0] in (1, "1"):
        (separator, whole) = argument[1]["Fn::Split"]
        if separator == "@":
            return f"domain of {canonical(whole)}"
    raise NotUnderstood(f"a resource spelled {json.dumps(value)}")


def denies_the_program(statement, name, template):
    """Whether a statement only takes from the program itself what Lambda may do with its role."""
    program = template["Resources"][name]["Properties"]["FunctionName"]["Fn::Sub"]
    arn = f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{program}"
    condition = {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::Sub": arn}}}
    return statement["Effect"] == "Deny" and statement.get("Condition") == condition


def granted(name, template):
    """What the role of a function grants."""
    (role,) = names_in(template["Resources"][name]["Properties"]["Role"])
    rights = set()
    for holder, statement in statements(template):
        if holder != role or denies_the_program(statement, name, template):
            continue
        if statement["Effect"] != "Allow" or {"NotAction", "NotResource"} & set(statement):
            raise NotUnderstood(f"{role}: a statement that is not a plain Allow")
        for action in as_list(statement["Action"]):
            for resource in as_list(statement["Resource"]):
                rights.add(Right(action, canonical(resource)))
    return rights


# ---- both sides ----------------------------------------------------------------------------------


def functions_of(template):
    """The functions of the template: logical id and crate."""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        yield name, function["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")


def needed(name, crate, template, root=REPOSITORY):
    """Everything a function needs, each right with its reason."""
    by_lambda = needed_by_lambda(name, template)
    return by_lambda | needed_by_code(crate, template["Resources"][name], template, root)


def complaints(template, root=REPOSITORY, crates=None):
    """What is wrong with the rights of the functions, in words; empty when nothing is."""
    found = []
    for name, crate in functions_of(template):
        if crates is not None and crate not in crates:
            continue
        wanted, given = needed(name, crate, template, root), granted(name, template)
        for right in sorted(set(wanted) - given):
            found.append(f"{crate}: missing {right.action} on {right.resource} ({wanted[right]})")
        for right in sorted(given - set(wanted)):
            found.append(f"{crate}: surplus {right.action} on {right.resource}")
        for right in sorted(given):
            if "*" in right.action:
                found.append(f"{crate}: a wildcard in the action {right.action}")
            if "*" in right.resource and right.resource not in WILDCARDS:
                found.append(f"{crate}: a wildcard without a reason, {right.action} on {right.resource}")
    return found


def main():
    template = deployed()
    for name, crate in functions_of(template):
        print(crate)
        for right, reason in sorted(needed(name, crate, template).items()):
            wildcard = f" [{WILDCARDS[right.resource]}]" if right.resource in WILDCARDS else ""
            print(f"  {right.action:<32} {right.resource:<32} {reason}{wildcard}")
    found = complaints(template)
    print("\n".join(found) or "nothing missing, nothing surplus")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
