"""template.yaml as CloudFormation sees it: after SAM has turned it into plain resources.

The promises are checked here and not on the source, because SAM adds resources of its own
(event source mappings, the scheduler's role) that must keep the same promises.
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

# SAM warns about usage figures of its own that nobody sends.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


def source():
    """The template as written, with short tags (!Ref) spelled as mappings ({"Ref": ...})."""
    return yaml_parse(TEMPLATE.read_text(encoding="utf-8"))


def transformed(template=None):
    """The template after the SAM transform, with every parameter at its default."""
    template = copy.deepcopy(template or source())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # The transform runs after packaging, when every folder has become an object.
            resource["Properties"]["CodeUri"] = "s3://packaged/function.zip"
    defaults = {name: p["Default"] for name, p in template["Parameters"].items()}
    # No managed policy is looked up: the template names none, and a test says so.
    return Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION)).translate(template, defaults)


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
