"""Every page, read by an accessibility engine: phone and desktop, light and dark."""

import unittest

from axe_playwright_python.sync_playwright import Axe

import pages
import session

# WCAG 2.2, levels A and AA.
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
LOOKS = [(session.PHONE, "light"), (session.DESKTOP, "dark")]


class Accessibility(unittest.TestCase):
    def check(self, page, name):
        found = Axe().run(page, options=RULES).response
        told = [(v["id"], v["help"], [node["html"][:160] for node in v["nodes"]][:3]) for v in found["violations"]]
        with self.subTest(page=name):
            self.assertEqual(told, [])
            self.assertGreater(len(found["passes"]), 5, "the engine looked at nothing")

    def test_the_pages_of_the_dashboard(self):
        for viewport, scheme in LOOKS:
            # The engine itself is a script, which the pages' policy would not let in.
            with session.current().staff("Ibu Sari", viewport, color_scheme=scheme, bypass_csp=True) as page:
                for name in pages.visit_staff(page):
                    self.check(page, f"{name}, {scheme}, {viewport['width']}")
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, viewport["width"], f"{name} is wider than the screen")

    def test_the_letters(self):
        for viewport, _ in LOOKS:
            # They have one look: a mail program that wants another one makes it itself.
            with session.current().page(viewport) as page:
                for name in pages.visit_letters(page):
                    self.check(page, f"{name}, {viewport['width']}")
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, viewport["width"], f"{name} is wider than the screen")

    def test_the_pages_of_a_guest(self):
        link, forged = pages.a_link()
        for viewport, scheme in LOOKS:
            with session.current().page(viewport, color_scheme=scheme, bypass_csp=True) as page:
                for name in pages.visit_guest(page, link, forged):
                    self.check(page, f"{name}, {scheme}, {viewport['width']}")


if __name__ == "__main__":
    unittest.main()
