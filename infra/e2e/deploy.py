"""Deploys template.yaml as it is, the way `sam deploy` does: zips into a bucket, then a change set.

There is no second template. As in `sam package`, the only change to the text is that each function's
folder becomes the address of its packed code.
"""

import io
import os
import pathlib
import re
import time
import zipfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# The programs that the other tests have made. What `make build` packs comes from the same sources and takes twenty
# minutes of two processors to make, so it is asked for by name: here, or in another folder with a template.
MADE = REPOSITORY / "target/debug"
PACKED = "E2E_PACKED" in os.environ or "E2E_RELEASE" in os.environ
RELEASE = pathlib.Path(os.environ.get("E2E_RELEASE", REPOSITORY))
STACK = "oyako"
ARTEFACTS = "artefacts"
# The template's own defaults, spelled out because SES has to know them first.
MAIL = {"AdminEmail": "admin@warung-oyako.example", "MailFrom": "backoffice@warung-oyako.example"}
# Staff sign in elsewhere: the emulator's pool of users could not be reached from a function, and a
# real one must not be.
ISSUER = {"OidcIssuer": "https://issuer.invalid", "OidcClientId": "dashboard"}
# Seconds. It takes three on an idle machine.
DEPLOY_LIMIT = 120
CODE = re.compile(r"^( +CodeUri: )target/lambda/([\w-]+)/$", re.MULTILINE)


class NotDeployed(RuntimeError):
    """The template could not be deployed; says why."""


def packed(name):
    """A function's zip, checked against the folder beside it, which is what `sam deploy` packs."""
    archive = RELEASE / "target/lambda" / f"{name}.zip"
    program = RELEASE / "target/lambda" / name / "bootstrap"
    if not archive.exists() or not program.exists():
        raise NotDeployed(f"{name} is in the template and not built: run `make build`")
    with zipfile.ZipFile(archive) as zipped:
        if zipped.read("bootstrap") != program.read_bytes():
            raise NotDeployed(f"{archive} is not what is in the folder beside it: run `make build`")
    return archive


def made(name):
    """The zip of a program of the tests. Hardly compressed: it goes over loopback only."""
    program = MADE / name
    if not program.exists():
        raise NotDeployed(f"{name} is in the template and not built: run `make e2e`")
    entry = zipfile.ZipInfo("bootstrap")
    entry.create_system, entry.external_attr = 3, 0o100755 << 16
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr(entry, program.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return archive.getvalue()


def code(name):
    """What a function's folder becomes."""
    return packed(name).read_bytes() if PACKED else made(name)


def package(s3):
    """The template's text after packing; uploads each function's zip."""
    text = (RELEASE / "template.yaml").read_text(encoding="utf-8")
    names = [name for _, name in CODE.findall(text)]
    if not names:
        raise NotDeployed("no function in template.yaml has its code in target/lambda")
    for name in names:
        s3.put_object(Bucket=ARTEFACTS, Key=f"{name}.zip", Body=code(name))
    return CODE.sub(rf"\g<1>s3://{ARTEFACTS}/\g<2>.zip", text), names


def deploy(emulator, **parameters):
    """Deploys and returns the names of the functions, as the template's folders name them. The emulator knows no
    networks, so TopupEgress stays at its default, none."""
    s3, formation = emulator.client("s3"), emulator.client("cloudformation")
    region = formation.meta.region_name
    s3.create_bucket(Bucket=ARTEFACTS, CreateBucketConfiguration={"LocationConstraint": region})
    mail = emulator.client("sesv2")
    for address in MAIL.values():
        mail.create_email_identity(EmailIdentity=address)
    text, names = package(s3)
    # Too long to be sent along: CloudFormation takes 51,200 bytes, and 1 MB from a bucket.
    s3.put_object(Bucket=ARTEFACTS, Key="packaged.yaml", Body=text.encode())
    formation.create_change_set(
        StackName=STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=f"{emulator.endpoint}/{ARTEFACTS}/packaged.yaml",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in (MAIL | ISSUER | parameters).items()],
        Tags=[{"Key": "project", "Value": "warung-oyako"}],
    )
    change = awaited(
        lambda: formation.describe_change_set(StackName=STACK, ChangeSetName="first"),
        lambda change: change["Status"] in ("CREATE_COMPLETE", "FAILED"),
    )
    if change["Status"] == "FAILED":
        raise NotDeployed(change.get("StatusReason", "no reason given"))
    formation.execute_change_set(StackName=STACK, ChangeSetName="first")
    stack = awaited(
        lambda: formation.describe_stacks(StackName=STACK)["Stacks"][0],
        lambda stack: not stack["StackStatus"].endswith("_IN_PROGRESS"),
    )
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if "FAILED" in event["ResourceStatus"]
        ]
        raise NotDeployed("\n".join([stack["StackStatus"], *reasons]))
    return names


def awaited(look, done):
    """What `look` sees once it is `done`."""
    deadline = time.monotonic() + DEPLOY_LIMIT
    while time.monotonic() < deadline:
        seen = look()
        if done(seen):
            return seen
        time.sleep(0.05)
    raise NotDeployed(f"not done after {DEPLOY_LIMIT} s")
