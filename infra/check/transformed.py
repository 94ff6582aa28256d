"""template.yaml as CloudFormation sees it: after SAM has turned it into plain resources.

The promises are checked here and not on the source, because SAM adds resources of its own
(event source mappings, the scheduler's roles) that must keep the same promises.
"""

import copy
import logging
import pathlib

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "template.yaml"
# SAM and the linter want to know where; nothing is called there.
REGION = "ap-southeast-3"
# Everything that a parameter can add, added.
EVERYTHING = {
    "AlarmEmail": "operator@warung-oyako.example",
    "Alarms": "all",
    "Tracing": "On",
    "GradualDeployment": "Canary10Percent5Minutes",
    "ReservedIngestConcurrency": 5,
    "TopupUrl": "http://192.0.2.7:9998",
    "TopupEgress": "nat",
}
NO_VALUE = {"Ref": "AWS::NoValue"}

# SAM warns about usage figures of its own that nobody sends.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


def source():
    """The template as written, with short tags (!Ref) spelled as mappings ({"Ref": ...})."""
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))


def transformed(template=None, **parameters):
    """The template after the SAM transform. A parameter that is not given is at its default."""
    template = copy.deepcopy(template or source())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # The transform runs after packaging, when every folder has become an object.
            resource["Properties"]["CodeUri"] = "s3://packaged/function.zip"
    values = {name: p["Default"] for name, p in template["Parameters"].items()} | parameters
    # A shift step by step brings a managed policy along, whose ARN SAM only writes down.
    return Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION)).translate(template, values)


def deployed(template=None, **parameters):
    """The transformed template as it is deployed with these parameters: conditions are decided,
    resources that do not come into being are gone."""
    template = template or source()
    plain = transformed(template, **parameters)
    values = {name: p["Default"] for name, p in template["Parameters"].items()} | parameters
    conditions = template["Conditions"]
    plain["Resources"] = {
        name: _decided(resource, conditions, values)
        for name, resource in plain["Resources"].items()
        if "Condition" not in resource or _holds(resource["Condition"], conditions, values)
    }
    return plain


def _holds(condition, conditions, values):
    """Whether a condition, by name or spelled out, holds with these parameters."""
    if isinstance(condition, str):
        condition = conditions[condition]
    ((function, argument),) = condition.items()
    if function == "Fn::Not":
        return not _holds(argument[0], conditions, values)
    if function == "Condition":
        return _holds(argument, conditions, values)
    if function in ("Fn::And", "Fn::Or"):
        together = all if function == "Fn::And" else any
        return together(_holds(part, conditions, values) for part in argument)
    if function == "Fn::Equals":
        left, right = (values[side["Ref"]] if isinstance(side, dict) else side for side in argument)
        return str(left) == str(right)
    raise ValueError(f"{function} in a condition: teach this function about it")


def _decided(value, conditions, values):
    """A value with every Fn::If replaced by the branch that holds."""
    if isinstance(value, dict):
        if set(value) == {"Fn::If"}:
            condition, yes, no = value["Fn::If"]
            return _decided(yes if _holds(condition, conditions, values) else no, conditions, values)
        decided = {key: _decided(inner, conditions, values) for key, inner in value.items()}
        return {key: inner for key, inner in decided.items() if inner != NO_VALUE}
    if isinstance(value, list):
        decided = [_decided(inner, conditions, values) for inner in value]
        return [inner for inner in decided if inner != NO_VALUE]
    return value


def of_type(template, kind):
    """The resources of one type, by logical id."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def as_list(value):
    """IAM writes one action or resource as itself and several as a list."""
    return value if isinstance(value, list) else [value]


def statements(template):
    """Every statement of every policy of every role, as (role, statement)."""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                yield name, statement
    for policy in of_type(template, "AWS::IAM::Policy").values():
        for role in policy["Properties"]["Roles"]:
            for statement in as_list(policy["Properties"]["PolicyDocument"]["Statement"]):
                yield role["Ref"], statement


def names_in(value):
    """Every logical id that a value refers to by Ref, GetAtt or Sub."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else inner.split(".")[0]
            elif key == "Fn::Sub":
                text = inner[0] if isinstance(inner, list) else inner
                for part in text.split("${")[1:]:
                    yield part.split("}")[0].split(".")[0]
                if isinstance(inner, list):
                    yield from names_in(inner[1])
            else:
                yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def function_of(template, name):
    """The function that an alias stands for; a function stands for itself."""
    resource = template["Resources"][name]
    if resource["Type"] == "AWS::Lambda::Alias":
        (name,) = names_in(resource["Properties"]["FunctionName"])
    return name
