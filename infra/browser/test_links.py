"""Staff open the codes of a day, show one and print the others."""

import unittest

import session
from shop import Shop
from test_guest import DISHES, rate


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = session.current()
        cls.shop = Shop(cls.session.machine, "moka-710007")
        voided = cls.shop.receipt(DISHES, status="voided")
        receipts = [voided, *(cls.shop.receipt(DISHES) for _ in range(29))]
        assert cls.shop.send(receipts)["stored"] == 30
        cls.address = f"/dashboard/links?outlet={cls.shop.outlet}&date={cls.shop.today}"

    def ticket(self, page, number):
        return page.locator(".ticket").filter(has=page.get_by_role("heading", name=number, exact=True))

    def test_staff_find_the_page_choose_an_outlet_and_see_its_codes(self):
        with self.session.staff("Ibu Sari") as page:
            session.follow(page.get_by_role("link", name="Kode tamu"))
            page.locator("[name=outlet]").select_option(self.shop.outlet)
            session.follow(page.get_by_role("button", name="Tampilkan"))
            self.assertIn(f"outlet={self.shop.outlet}", page.url)
            # The page opens with today, which around midnight is not the day of the sales any more.
            page.goto(self.address)
            self.assertEqual(page.locator(".ticket").count(), 24)
            self.assertEqual(page.locator(".ticket .code svg").count(), 23)
            self.assertIn("dibatalkan", self.ticket(page, "S0001").inner_text())
            self.assertIn("belum dinilai", self.ticket(page, "S0002").inner_text())
            session.follow(page.get_by_role("link", name="Struk berikutnya"))
            self.assertEqual(page.locator(".ticket").count(), 6)

    def test_the_link_of_a_code_opens_the_guests_page_and_the_answer_shows(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            page.goto(self.address)
            ticket = self.ticket(page, "S0003")
            link = ticket.get_by_role("link", name="Halaman tamu").get_attribute("href")
            self.assertEqual(link, self.shop.link("S0003"))
            # Large enough to be read from the screen of a phone.
            self.assertGreaterEqual(ticket.locator("svg").bounding_box()["width"], 120)
        with self.session.page(session.PHONE) as guest:
            guest.goto(link)
            rate(guest, "overall", 5)
            session.follow(guest.get_by_role("button", name="Kirim"))
            guest.get_by_role("heading", name="Terima kasih").wait_for()
        with self.session.staff("Ibu Sari") as page:
            page.goto(self.address)
            self.assertIn("sudah dinilai", self.ticket(page, "S0003").inner_text())

    def test_paper_holds_the_codes_and_nothing_else(self):
        with self.session.staff("Ibu Sari", session.PAPER) as page:
            page.goto(f"{self.address}&lang=id")
            page.emulate_media(media="print")
            shown = page.locator(".ticket:visible")
            self.assertIn("Bagaimana makanannya? Pindai & beri nilai", shown.first.inner_text())
            self.assertIn("S00", shown.first.inner_text())
            self.assertNotIn("dibatalkan", page.locator("body").inner_text())
            for around in ("header.bar", "h1", ".filters", ".quick", ".downloads", ".pager", "footer", ".chip"):
                self.assertEqual(page.locator(f"{around}:visible").count(), 0, around)
            # Three beside each other, and four rows of them on a sheet of A4 without its margins.
            boxes = [ticket.bounding_box() for ticket in shown.all()[:12]]
            self.assertEqual(len({round(box["x"]) for box in boxes}), 3)
            self.assertLessEqual(boxes[-1]["y"] + boxes[-1]["height"] - boxes[0]["y"], session.PAPER["height"])
            # Two sheets and no third: 24 receipts of which one at least has no code.
            self.assertEqual(page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n"), 2)

    def test_codes_are_not_for_everybody(self):
        with self.session.staff("Rina") as page:
            self.assertEqual(page.get_by_role("link", name="Kode tamu").count(), 0)
            self.assertEqual(page.goto(self.address).status, 403)
        with self.session.staff("Budi") as page:
            self.assertEqual(page.goto(self.address).status, 403)
            self.assertEqual(page.goto("/dashboard/links").status, 200)


if __name__ == "__main__":
    unittest.main()
