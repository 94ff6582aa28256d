"""The rebuild is told the stack's own names, and has the credentials of the one who started it."""

import contextlib
import io
import os
import unittest
from unittest import mock

import rebuild
from stubbed import RESOURCES, REGION, StubbedStack

OTHERS = {
    "CustomersTable": "shop-CustomersTable-1",
    "FeedbackTable": "shop-FeedbackTable-1",
    "DutiesTable": "shop-DutiesTable-1",
    "Exports": "shop-exports-1",
}


class Rebuild(unittest.TestCase):
    def started(self, *arguments, **variables):
        """The program, its arguments and its environment."""
        stack = StubbedStack()
        stack._resources |= OTHERS
        with (
            mock.patch.object(rebuild.Stack, "chosen", return_value=stack),
            mock.patch.dict(os.environ, variables),
            mock.patch("os.execve") as execve,
            contextlib.redirect_stdout(io.StringIO()) as printed,
        ):
            rebuild.main(list(arguments))
        self.assertIn("stack shop", printed.getvalue())
        return execve.call_args.args

    def test_the_program_knows_every_table_and_the_bucket(self):
        program, arguments, told = self.started("target/local/rebuild", "rebuild", "--yes")
        self.assertEqual(program, "target/local/rebuild")
        self.assertEqual(arguments, ["target/local/rebuild", "rebuild", "--yes"])
        known = RESOURCES | OTHERS
        self.assertEqual({name: told[name] for name in rebuild.NAMES}, {
            name: known[logical_id] for name, logical_id in rebuild.NAMES.items()
        })
        self.assertEqual(told["AWS_REGION"], REGION)

    def test_a_token_of_other_credentials_is_not_handed_on(self):
        _, _, told = self.started("p", "fingerprint", AWS_SESSION_TOKEN="old", AWS_ACCESS_KEY_ID="old")
        self.assertNotIn("AWS_SESSION_TOKEN", told)
        self.assertEqual(told["AWS_ACCESS_KEY_ID"], "test")

    def test_a_program_has_to_be_named(self):
        with self.assertRaises(SystemExit):
            rebuild.main([])


if __name__ == "__main__":
    unittest.main()
