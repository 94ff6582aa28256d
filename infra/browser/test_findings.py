"""Somebody looks at what the night found, and says which of it is fine."""

import unittest

import scene
import session
from scene import Scene


class Findings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = session.current()
        cls.scene = scene.after_a_night()
        cls.gap = cls.scene.finding(Scene.BUDIS, "NUMBER_GAP")

    def test_the_owner_sees_what_does_not_fit_and_chooses_a_kind(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            page.goto("/dashboard/findings")
            told = page.locator("main").inner_text()
            for words in (
                f"Uji {Scene.GUESTS}: nomor struk terlewati",
                f"Uji {Scene.SILENT}: penjualan belum masuk",
                f"Uji {Scene.TWICE}: berkas terkirim dua kali",
            ):
                self.assertIn(words.lower(), told.lower())
            page.locator("details.filters summary").click()
            page.locator("[name=code]").select_option("SALES_MISSING")
            session.follow(page.get_by_role("button", name="Tampilkan"))
            told = page.locator("main .list").inner_text().lower()
            self.assertIn("penjualan belum masuk", told)
            self.assertNotIn("nomor struk terlewati", told)

    def test_a_finding_says_what_it_rests_on(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            page.goto(self.scene.finding(Scene.GUESTS, "NUMBER_GAP"))
            told = page.locator("main").inner_text()
            self.assertIn("S0007, S0008", told)
            self.assertIn("Periksa di kasir", told)
            page.goto(self.scene.finding(Scene.SILENT, "SALES_MISSING"))
            self.assertIn("12", page.locator("main dl").inner_text())

    def test_an_operator_accepts_one_of_the_own_outlet_with_a_note(self):
        with self.session.staff("Budi", session.PHONE) as page:
            self.assertEqual(page.goto(self.scene.finding(Scene.GUESTS, "NUMBER_GAP")).status, 403)
            page.goto("/dashboard/findings")
            self.assertNotIn(Scene.GUESTS, page.locator("main .list").inner_text())
            page.goto(self.gap)
            page.get_by_label("Mengapa ini tidak apa-apa").fill("Dua struk batal <b>sebelum</b> dibayar")
            session.follow(page.get_by_role("button", name="Terima temuan ini"))
            told = page.locator("main").inner_text()
            self.assertIn("Dua struk batal <b>sebelum</b> dibayar", told)
            self.assertIn("staff:budi", told)
            self.assertIn("diterima", page.locator(".chips").first.inner_text())
            self.assertEqual(page.get_by_role("button", name="Terima temuan ini").count(), 0)
            page.goto("/dashboard/findings?state=open")
            self.assertNotIn("nomor struk terlewati", page.locator("main section").inner_text().lower())
            page.goto("/dashboard/findings?state=accepted")
            self.assertIn("nomor struk terlewati", page.locator("main section").inner_text().lower())

    def test_a_viewer_looks_and_accepts_nothing(self):
        address = self.scene.finding(Scene.GUESTS, "NUMBER_GAP")
        with self.session.staff("Rina") as page:
            page.goto(address)
            self.assertIn("nomor struk terlewati", page.locator("h1").inner_text().lower())
            self.assertEqual(page.get_by_role("button", name="Terima temuan ini").count(), 0)
            csrf = page.locator("[name=csrf]").first.input_value()
            form = {"csrf": csrf, "reason": "tidak apa-apa"}
            answer = page.request.post(address, form=form, headers={"Origin": self.session.machine.url})
            self.assertEqual(answer.status, 403)
        self.assertEqual(self.scene.shop.get(address.replace("/dashboard", "/v1"))["state"], "open")

    def test_a_note_says_something(self):
        address = self.scene.finding(Scene.GUESTS, "NUMBER_GAP")
        with self.session.staff("Ibu Sari") as page:
            page.goto(address)
            csrf = page.locator("[name=csrf]").first.input_value()
            form = {"csrf": csrf, "reason": " ok "}
            answer = page.request.post(address, form=form, headers={"Origin": self.session.machine.url})
            self.assertEqual(answer.status, 422)
            self.assertIn("3", answer.text())


if __name__ == "__main__":
    unittest.main()
