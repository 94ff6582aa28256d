"""Deletes the stack and keeps the data: the bucket of exports, the tables and the pool of staff stay in the
account.

Says what stays, asks for the stack's name, deletes, and then says how to take what stayed into a new
stack, and how to remove it for good.

    YES=name    instead of typing the name
"""

import json
import pathlib
import sys

from stack import Stack, confirmed

# Where the two files go that CloudFormation needs to take resources into a stack.
ADOPTION = pathlib.Path("target/adopt")
IDENTIFIED_BY = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Cognito::UserPool": "UserPoolId",
}


def kept(stack):
    """What the deployed template keeps, by logical id."""
    template = stack.client("cloudformation").get_template(StackName=stack.name, TemplateStage="Processed")
    body = template["TemplateBody"]
    resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    return {
        name: resource
        for name, resource in resources.items()
        # Versions are kept by SAM for the way back; they go with their function.
        if resource.get("DeletionPolicy") == "Retain"
        and resource["Type"] in IDENTIFIED_BY
        # The template names a pool also where staff sign in elsewhere.
        and stack.has(name)
    }


def write_adoption(stack, resources, folder):
    """Writes what CloudFormation needs to take these resources into a stack again."""
    folder.mkdir(parents=True, exist_ok=True)
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    identified = [
        {
            "ResourceType": resource["Type"],
            "LogicalResourceId": name,
            "ResourceIdentifier": {IDENTIFIED_BY[resource["Type"]]: stack.resource(name)},
        }
        for name, resource in resources.items()
    ]
    (folder / "template.json").write_text(json.dumps(template, indent=2), encoding="utf-8")
    (folder / "resources.json").write_text(json.dumps(identified, indent=2), encoding="utf-8")


def farewell(stack, resources):
    """How to go on with what was kept."""
    lines = ["", "Kept, and still paid for by what they hold:"]
    lines += [f"  {name:<16} {stack.resource(name)}" for name in resources]
    lines += [
        "",
        "To go on with them, take them into a stack of the same name and deploy into it:",
        f"  aws cloudformation create-change-set --stack-name {stack.name} --change-set-name adopt \\",
        f"    --change-set-type IMPORT --template-body file://{ADOPTION}/template.json \\",
        f"    --resources-to-import file://{ADOPTION}/resources.json",
        f"  aws cloudformation execute-change-set --stack-name {stack.name} --change-set-name adopt",
        "  make deploy",
        "",
        "To remove them for good, there is no way back from this:",
    ]
    for name, resource in resources.items():
        physical = stack.resource(name)
        if resource["Type"] == "AWS::DynamoDB::Table":
            lines.append(f"  aws dynamodb update-table --table-name {physical} --no-deletion-protection-enabled")
            lines.append(f"  aws dynamodb delete-table --table-name {physical}")
        elif resource["Type"] == "AWS::Cognito::UserPool":
            lines.append(f"  aws cognito-idp update-user-pool --user-pool-id {physical} --deletion-protection INACTIVE")
            lines.append(f"  aws cognito-idp delete-user-pool --user-pool-id {physical}")
        else:
            lines.append(f"  empty the bucket {physical}, all versions, in the console; then")
            lines.append(f"  aws s3api delete-bucket --bucket {physical}")
    return "\n".join(lines)


def main():
    stack = Stack.chosen()
    resources = kept(stack)
    print(f"{stack}: everything goes but")
    for name in resources:
        print(f"  {name:<16} {stack.resource(name)}")
    if not confirmed("Type the name of the stack to delete it:", stack.name):
        print("nothing was deleted")
        return 1
    write_adoption(stack, resources, ADOPTION)
    cloudformation = stack.client("cloudformation")
    cloudformation.delete_stack(StackName=stack.name)
    print("deleting, this takes a few minutes")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.name)
    print(farewell(stack, resources))
    return 0


if __name__ == "__main__":
    sys.exit(main())
