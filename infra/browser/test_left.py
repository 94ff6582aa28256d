"""What all other tests left behind: run last."""

import re
import unittest

import orders
import scene
import session


class Left(unittest.TestCase):
    def test_no_page_asked_anybody_else(self):
        self.assertEqual(session.current().foreign, [])

    def test_no_page_was_broken(self):
        self.assertEqual(session.current().broken, [])

    def test_nothing_panicked_and_nothing_failed(self):
        machine = session.current().machine
        self.assertEqual(machine.panics(), [])
        self.assertEqual(re.findall(r'.*"level":"ERROR".*', machine.logs())[:5], [])

    def test_no_log_holds_what_a_guest_wrote_who_they_are_or_a_link(self):
        logs = session.current().machine.logs()
        self.assertGreater(len(logs.splitlines()), 50)
        written = ("Sambalnya kurang pedas", "Sekarang sudah pas", "Kuahnya hangat", "Menunggu terlalu lama")
        for words in (*written, *scene.PERSONAL, rf"{orders.BEGINNING}\d{{6}}", r"/r/[\w-]{20,}"):
            with self.subTest(words=words):
                # Without the logs themselves in the message: they are long.
                self.assertEqual(re.findall(words, logs)[:1], [])


if __name__ == "__main__":
    unittest.main()
