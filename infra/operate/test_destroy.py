"""Destroying keeps the data, says so before and after, and does nothing unasked."""

import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import destroy
from stubbed import StubbedStack

TEMPLATE = {
    "Resources": {
        "Exports": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"a": 1}},
        "SalesTable": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"},
        "StaffPool": {"Type": "AWS::Cognito::UserPool", "DeletionPolicy": "Retain"},
        "OtherPool": {"Type": "AWS::Cognito::UserPool", "DeletionPolicy": "Retain", "Condition": "Never"},
        "GreetVersion1": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain"},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
}
PHYSICAL = {"Exports": "shop-exports-1", "SalesTable": "shop-SalesTable-1", "StaffPool": "ap-southeast-3_1"}


class Destroy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.stack = self.deployed()
        self.addCleanup(lambda: self.stack.assert_all_called())

    def deployed(self):
        """A stack that tells its template, once."""
        stack = StubbedStack()
        stack._resources.update(PHYSICAL)
        stack.expect(
            "cloudformation",
            "get_template",
            {"TemplateBody": json.dumps(TEMPLATE)},
            StackName="shop",
            TemplateStage="Processed",
        )
        return stack

    def destroy(self, answer):
        """The exit status and what was printed when the person types this."""
        with (
            mock.patch.object(destroy.Stack, "chosen", return_value=self.stack),
            mock.patch.object(destroy, "ADOPTION", self.folder),
            mock.patch.dict(os.environ, {"YES": answer}),
            mock.patch("builtins.input", return_value=""),
            contextlib.redirect_stdout(io.StringIO()) as printed,
        ):
            return destroy.main(), printed.getvalue()

    def test_without_the_stacks_name_nothing_is_deleted(self):
        for answer in ["", "yes", "shop2"]:
            with self.subTest(answer=answer):
                self.stack = self.deployed()
                status, printed = self.destroy(answer)
                self.assertEqual(status, 1)
                self.assertIn("nothing was deleted", printed)
                self.stack.assert_all_called()

    def test_what_is_kept_is_named_before_and_after_with_the_ways_back_and_out(self):
        self.stack.expect("cloudformation", "delete_stack", {}, StackName="shop")
        gone = {"StackName": "shop", "CreationTime": 0, "StackStatus": "DELETE_COMPLETE"}
        self.stack.expect("cloudformation", "describe_stacks", {"Stacks": [gone]}, StackName="shop")
        status, printed = self.destroy("shop")
        self.assertEqual(status, 0)
        before, after = printed.split("deleting")
        for physical in PHYSICAL.values():
            self.assertIn(physical, before)
            self.assertIn(physical, after)
        self.assertIn("--change-set-type IMPORT", after)
        self.assertIn("delete-table --table-name shop-SalesTable-1", after)
        self.assertIn("delete-user-pool --user-pool-id ap-southeast-3_1", after)

    def test_what_is_needed_to_adopt_holds_exactly_what_was_kept(self):
        resources = destroy.kept(self.stack)
        self.assertEqual(set(resources), set(PHYSICAL))
        destroy.write_adoption(self.stack, resources, self.folder)
        template = json.loads((self.folder / "template.json").read_text(encoding="utf-8"))
        self.assertEqual(template["Resources"], {name: TEMPLATE["Resources"][name] for name in PHYSICAL})
        identified = json.loads((self.folder / "resources.json").read_text(encoding="utf-8"))
        self.assertEqual(
            {one["LogicalResourceId"]: one["ResourceIdentifier"] for one in identified},
            {
                "Exports": {"BucketName": "shop-exports-1"},
                "SalesTable": {"TableName": "shop-SalesTable-1"},
                "StaffPool": {"UserPoolId": "ap-southeast-3_1"},
            },
        )


if __name__ == "__main__":
    unittest.main()
