"""The first key is one that the API takes."""

import hashlib
import json
import pathlib
import re
import unittest

import first_key
from stubbed import RESOURCES, StubbedStack

DOMAIN = pathlib.Path(__file__).resolve().parents[2] / "shared/domain/src/api_key.rs"


class FirstKey(unittest.TestCase):
    def setUp(self):
        self.text, self.key = first_key.mint("test", 1_800_000_000_000)

    def test_its_text_has_the_form_that_the_api_reads(self):
        found = re.fullmatch(r"oyk_([a-z2-7]{13})_([a-z2-7]{52})", self.text)
        self.assertEqual(found[1], self.key["id"])
        self.assertEqual(hashlib.sha256(found[2].encode()).hexdigest(), self.key["secret_hash"])
        self.assertNotIn(found[2], json.dumps(self.key))

    def test_two_keys_are_two(self):
        self.assertNotEqual(first_key.mint("test", 0)[0], first_key.mint("test", 0)[0])

    def test_what_is_stored_is_what_the_domain_knows(self):
        source = DOMAIN.read_text(encoding="utf-8")
        self.assertEqual(re.findall(r'rename = "([\w:]+)"', source), first_key.SCOPES)
        (fields,) = re.findall(r"pub struct ApiKey \{(.*?)\n\}", source, re.DOTALL)
        required = [
            name
            for attributes, name in re.findall(r"((?:\s*(?:///|#\[).*\n)*)\s*pub (\w+):", fields)
            if "serde(default" not in attributes
        ]
        self.assertEqual(set(self.key), set(required))

    def test_it_never_replaces_a_key_that_is_there(self):
        stack = StubbedStack()
        stack.expect(
            "dynamodb",
            "put_item",
            {},
            TableName=RESOURCES["OperationsTable"],
            Item={"pk": {"S": "K"}, "sk": {"S": self.key["id"]}, "doc": {"S": json.dumps(self.key)}},
            ConditionExpression="attribute_not_exists(pk)",
        )
        first_key.store(stack, self.key)
        stack.assert_all_called()


if __name__ == "__main__":
    unittest.main()
