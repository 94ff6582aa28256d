"""A guest answers, on a phone."""

import pathlib
import tempfile
import unittest

import session
from shop import Shop

DISHES = [("Nasi Goreng Oyako", "Pedas"), ("Es Teh", "")]


def rate(page, field, value):
    """Presses a number, as a finger would."""
    page.locator(f"#{field} label").filter(has=page.locator(f"input[value='{value}']")).click()


class Guest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = session.current()
        cls.shop = Shop(cls.session.machine, "moka-710001")
        walk_ins = [cls.shop.receipt(DISHES) for _ in range(5)]
        refunded = cls.shop.receipt(DISHES)
        sent = cls.shop.send([*walk_ins, refunded])
        assert sent["stored"] == 6, sent
        cls.refunded = refunded

    def comments(self):
        period = {"from": self.shop.today, "to": self.shop.today}
        return self.shop.get("/v1/feedback", outlet=self.shop.outlet, **period)["items"]

    def test_a_guest_answers_and_changes_the_answer(self):
        with self.session.page(session.PHONE, java_script_enabled=False) as page:
            page.goto(self.shop.link("S0001"))
            self.assertIn("Nasi Goreng Oyako", page.locator("main").inner_text())
            rate(page, "overall", 2)
            rate(page, "d0", 2)
            page.get_by_label("Komentar").fill("Sambalnya kurang pedas <b>sekali</b>")
            session.follow(page.get_by_role("button", name="Kirim"))
            self.assertIn("Terima kasih", page.locator("h1").inner_text())
            session.follow(page.get_by_role("link", name="Ubah jawaban"))
            self.assertEqual(page.get_by_label("Komentar").input_value(), "Sambalnya kurang pedas <b>sekali</b>")
            rate(page, "overall", 5)
            rate(page, "d0", 5)
            page.get_by_label("Komentar").fill("Sekarang sudah pas")
            session.follow(page.get_by_role("button", name="Kirim"))
            self.assertIn("Terima kasih", page.locator("h1").inner_text())
        told = Shop.until(lambda: [c for c in self.comments() if c["comment"] == "Sekarang sudah pas"])
        self.assertEqual(told[0]["stars"], 5)
        self.assertEqual(told[0]["revisions"], 1)

    def test_the_page_speaks_english_when_asked(self):
        with self.session.page(session.PHONE, java_script_enabled=False) as page:
            page.goto(self.shop.link("S0002"))
            session.follow(page.get_by_role("link", name="English"))
            self.assertIn("How was your food?", page.locator("h1").inner_text())
            self.assertEqual(page.locator("html").get_attribute("lang"), "en")

    def test_nothing_is_sent_without_an_overall_rating(self):
        with self.session.page(session.PHONE) as page:
            page.goto(self.shop.link("S0002"))
            rate(page, "d1", 3)
            # Past the browser's own check, as a browser without one would send it.
            page.locator("form").evaluate("form => { form.noValidate = true }")
            session.follow(page.get_by_role("button", name="Kirim"))
            self.assertIn("Belum terkirim", page.get_by_role("alert").inner_text())
            self.assertTrue(page.locator("#d1 input[value='3']").is_checked(), "what was chosen is gone")

    def test_a_double_tap_is_one_answer(self):
        with self.session.page(session.PHONE) as page:
            page.goto(self.shop.link("S0003"))
            rate(page, "overall", 4)
            form = page.locator("form")
            address = form.evaluate("form => form.action")
            told = {"lang": "id", "overall": "4", "d0": "", "d1": "", "comment": "", "website": ""}
            origin = {"Origin": self.session.machine.url}
            for _ in range(2):
                answer = page.request.post(address, form=told, headers=origin)
                self.assertEqual(answer.status, 200, answer.text())
            page.goto(self.shop.link("S0003"))
            self.assertTrue(page.locator("#overall input[value='4']").is_checked())

    def test_hostile_words_are_only_words(self):
        hostile = "<script>document.title='x'</script>=HYPERLINK(\"http://x\")"
        with self.session.page(session.PHONE) as page:
            page.goto(self.shop.link("S0004"))
            rate(page, "overall", 1)
            page.get_by_label("Komentar").fill(hostile)
            session.follow(page.get_by_role("button", name="Kirim"))
            session.follow(page.get_by_role("link", name="Ubah jawaban"))
            self.assertNotEqual(page.title(), "x")
            self.assertEqual(page.get_by_label("Komentar").input_value(), hostile)

    def test_a_forged_link_gets_a_kind_page(self):
        link = self.shop.link("S0005")
        with self.session.page(session.PHONE) as page:
            answer = page.goto(link[:-6] + "AAAAAA")
            self.assertEqual(answer.status, 404)
            self.assertIn("LINK_FORGED", page.locator("main").inner_text())

    def test_a_receipt_given_back_is_not_rated(self):
        link = self.shop.link(self.refunded["receipt_no"])
        total = self.refunded["totals"]["total"]
        later = self.refunded["revision"]["updated_at"].replace("+07:00", "9+07:00")
        given_back = self.refunded | {
            "totals": self.refunded["totals"] | {"refunded": total},
            "revision": {"updated_at": later},
        }
        self.assertEqual(self.shop.send([given_back])["stored"], 1)
        with self.session.page(session.PHONE) as page:
            answer = page.goto(link)
            self.assertEqual(answer.status, 409)
            self.assertIn("RECEIPT_REFUNDED", page.locator("main").inner_text())

    def test_the_page_fits_a_phone_and_is_light(self):
        with self.session.page(session.PHONE, java_script_enabled=False) as page:
            sizes = []
            page.on("response", lambda answer: sizes.append(len(answer.body())))
            page.goto(self.shop.link("S0005"))
            page.wait_for_load_state("networkidle")
            self.assertLess(sum(sizes), 50_000)
        with self.session.page(session.PHONE) as page:
            page.goto(self.shop.link("S0005"))
            self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), session.PHONE["width"])
            small = page.evaluate(
                "[...document.querySelectorAll('main label:not(.hidden):has(input[type=radio]), main button')]"
                ".map(e => e.getBoundingClientRect()).filter(b => b.width && (b.width < 44 || b.height < 44)).length"
            )
            self.assertEqual(small, 0, "touch targets under 44 pixels")

    def test_the_code_for_printing_is_the_link(self):
        links = self.shop.get("/v1/links", outlet=self.shop.outlet, date=self.shop.today)["items"]
        drawing = self.shop.get(f"/v1/links/{links[0]['receipt']}/qr.svg")
        self.assertIn("<svg", drawing)
        with tempfile.TemporaryDirectory() as folder, self.session.page() as page:
            file = pathlib.Path(folder) / "code.svg"
            file.write_text(drawing, encoding="utf-8")
            page.set_content(drawing)
            box = page.locator("svg").bounding_box()
            self.assertAlmostEqual(box["width"], box["height"], delta=1)


if __name__ == "__main__":
    unittest.main()
