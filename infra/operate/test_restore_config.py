"""Settings go back through the API, only what differs, and nothing unasked."""

import contextlib
import http.server
import io
import json
import os
import pathlib
import re
import threading
import unittest
from unittest import mock

from botocore.response import StreamingBody

import restore_config
from stubbed import RESOURCES, StubbedStack

DOMAIN = pathlib.Path(__file__).resolve().parents[2] / "shared/domain/src"
KEY = "oyk_test"


def outlet(identity, **more):
    """An outlet as the document has it: what nobody has set is not there."""
    return {"id": identity, "name": "Warung", "zone": "Asia/Jakarta", "cutoff_hour": 0, "placeholder_phones": [], **more}


def shown(identity, **more):
    """The same outlet as the API shows it."""
    return {**outlet(identity), "low_score": 2, "link_days": 30, "moka_id": None, **more}


class Shop(http.server.BaseHTTPRequestHandler):
    """The outlets of the API, two to a page; an outlet called pos-stuck is refused."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        assert self.headers["Authorization"] == f"Bearer {KEY}"
        names = sorted(self.server.outlets)
        first = 2 if "after=more" in self.path else 0
        items = [self.server.outlets[name] for name in names[first : first + 2]]
        following = "more" if first == 0 and len(names) > 2 else None
        self.answer(200, {"items": items, "next": following})

    def do_PUT(self):
        name = self.path.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if name == "pos-stuck":
            self.answer(409, {"code": "OUTLET_HAS_SALES"})
        else:
            self.server.outlets[name] = {"id": name, **body}
            self.answer(200, body)

    def answer(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


class RestoreConfig(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
        self.server.outlets = {}
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.stack = StubbedStack()
        self.addCleanup(self.stack.assert_all_called)

    def setup_document(self, *outlets, **more):
        setup = {
            "schema": restore_config.SCHEMA, "made_ms": 0, "outlets": list(outlets),
            "keys": [{"id": "abc", "name": "Kasir", "scopes": ["exports"], "created_ms": 0},
                     {"id": "old", "name": "Lama", "scopes": ["admin"], "created_ms": 0, "revoked_ms": 1}],
            "link_keys": [{"kid": 3, "created_ms": 0}], "settings": {"retention": "730"}, **more,
        }
        body = json.dumps(setup).encode()
        answer = {"Body": StreamingBody(io.BytesIO(body), len(body))}
        self.stack.expect(
            "s3", "get_object", answer, Bucket=RESOURCES["Exports"], Key="config/2026-11-21.json"
        )

    def restore(self, yes="restore", date="2026-11-21"):
        """The exit status and what was printed."""
        url = f"http://127.0.0.1:{self.server.server_port}"
        with (
            mock.patch.object(restore_config.Stack, "chosen", return_value=self.stack),
            mock.patch.dict(os.environ, {"FROM": date, "API_URL": url, "API_KEY": KEY, "YES": yes}),
            mock.patch("builtins.input", return_value=""),
            contextlib.redirect_stdout(io.StringIO()) as printed,
        ):
            return restore_config.main(), printed.getvalue()

    def test_what_differs_goes_back_and_what_came_since_stays(self):
        self.setup_document(outlet("moka-1"), outlet("moka-2", moka_id="7"), outlet("moka-3", low_score=1))
        before = {"moka-1": shown("moka-1"), "moka-2": shown("moka-2"), "pos-9": shown("pos-9")}
        self.server.outlets = dict(before)
        status, printed = self.restore()
        self.assertEqual(status, 0)
        self.assertIn('moka_id: null -> "7"', printed)
        self.assertIn("is not there any more", printed)
        self.assertIn("1 came since and stay: pos-9", printed)
        self.assertIn("2 outlets are as they were", printed)
        expected = {**before, "moka-2": shown("moka-2", moka_id="7"), "moka-3": shown("moka-3", low_score=1)}
        self.assertEqual(self.server.outlets, expected)

    def test_a_second_time_there_is_nothing_to_do(self):
        for words in ["1 outlets are as they were", "nothing to put back"]:
            self.setup_document(outlet("moka-1", name="Menteng"))
            status, printed = self.restore()
            self.assertEqual(status, 0)
            self.assertIn(words, printed)

    def test_keys_in_force_are_listed_to_be_made_again(self):
        self.setup_document()
        _, printed = self.restore()
        self.assertIn('API key "Kasir" (abc): exports', printed)
        self.assertIn("key 3 of guests' links", printed)
        self.assertNotIn("Lama", printed)

    def test_nothing_is_done_unasked(self):
        self.setup_document(outlet("moka-1"))
        status, printed = self.restore(yes="")
        self.assertEqual((status, self.server.outlets), (1, {}))
        self.assertIn("nothing was done", printed)

    def test_a_refusal_is_told_with_its_code_and_the_others_go_on(self):
        self.setup_document(outlet("pos-stuck"), outlet("pos-well"))
        status, printed = self.restore()
        self.assertEqual((status, list(self.server.outlets)), (1, ["pos-well"]))
        self.assertIn("pos-stuck: refused, OUTLET_HAS_SALES", printed)

    def test_a_date_that_is_none_and_another_schema_are_refused(self):
        for date in ["", "yesterday", "../2026-11-21"]:
            with self.subTest(date=date), self.assertRaisesRegex(SystemExit, "FROM="):
                self.restore(date=date)
        self.setup_document(schema="oyako.setup/9")
        with self.assertRaisesRegex(SystemExit, "oyako.setup/9"):
            self.restore()

    def test_a_night_that_wrote_nothing_down_is_told(self):
        self.stack.expect_error(
            "s3", "get_object", "NoSuchKey", Bucket=RESOURCES["Exports"], Key="config/2026-11-21.json"
        )
        with self.assertRaisesRegex(SystemExit, "No night"):
            self.restore()

    def test_what_it_knows_of_the_domain_is_true(self):
        setup = (DOMAIN / "setup.rs").read_text(encoding="utf-8")
        self.assertIn(f'SCHEMA: &str = "{restore_config.SCHEMA}"', setup)
        source = (DOMAIN / "outlet.rs").read_text(encoding="utf-8")
        self.assertIn(f"LOW_SCORE: u8 = {restore_config.LOW_SCORE};", source)
        self.assertIn(f"LINK_DAYS: u16 = {restore_config.LINK_DAYS};", source)
        (fields,) = re.findall(r"pub struct Outlet \{(.*?)\n\}", source, re.DOTALL)
        named = set(re.findall(r"pub (\w+):", fields))
        self.assertEqual(named, {"id", *restore_config.description(outlet("moka-1"))})


if __name__ == "__main__":
    unittest.main()
