"""Guests ask for what the law gives them, and an approver answers."""

import csv
import io
import json
import pathlib
import unittest

import scene
import session


class People(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = session.current()
        cls.scene = scene.after_a_night()

    def search(self, page, text):
        """Looks for somebody."""
        page.goto("/dashboard/people")
        page.get_by_label("Nomor telepon, ID pelanggan, atau ID struk").fill(text)
        session.follow(page.get_by_role("button", name="Cari"))

    def ask(self, page, kind):
        """Notes a request on a person's page."""
        page.locator("summary", has_text="Permintaan baru").click()
        page.locator("[name=kind]").select_option(kind)
        session.follow(page.get_by_role("button", name="Catat permintaan"))

    def check(self, page, method, told):
        """Compares what somebody tells with what is known."""
        page.locator("[name=method]").select_option(method)
        page.locator("[name=told]").fill(told)
        session.follow(page.get_by_role("button", name="Bandingkan"))

    def test_a_guest_is_found_by_number_and_by_a_receipt_on_paper(self):
        name = scene.ANI["name"]
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            for text in ("+62 812 7100 1101", f"{scene.Scene.GUESTS} {self.scene.date} S0001"):
                with self.subTest(text=text):
                    self.search(page, text)
                    self.assertIn(name, page.locator("main").inner_text())
                    self.assertIn("Nasi Goreng Oyako", page.locator("main").inner_text())
                    # Neither in the address nor in the browser's history.
                    self.assertNotIn("7100", page.url)
                    self.assertNotIn(name, page.title())
            self.search(page, "0812-9999-1234")
            self.assertIn("Tidak ada data atas nomor", page.locator("main").inner_text())

    # The till knows these two by ids of its own: by number since the night has met them.
    def test_two_people_of_one_number_are_told_apart(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            self.search(page, scene.CITRA["phone_raw"])
            told = page.locator("main").inner_text()
            self.assertIn("OYAKO_MOKA_P72", told)
            self.assertIn("OYAKO_MOKA_P73", told)
            session.follow(page.get_by_role("link", name="OYAKO_MOKA_P72"))
            told = page.locator("main").inner_text()
            self.assertIn(scene.CITRA["name"], told)
            self.assertNotIn(scene.DEWI["name"], told)
            session.follow(page.get_by_role("button", name="Gabungkan: ini orang yang sama"))
            self.assertIn(scene.DEWI["name"], page.locator("main").inner_text())
            session.follow(page.get_by_role("button", name="Pisahkan: ini orang lain (OYAKO_MOKA_P73)"))
            self.assertNotIn(scene.DEWI["name"], page.locator("main").inner_text())

    def test_a_guest_gets_a_copy_once_it_is_known_who_asks(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            page.goto(f"/dashboard/people/requests/{self.scene.access}")
            with page.expect_download() as waiting:
                page.get_by_role("button", name="Unduh JSON").click()
            copy = json.loads(pathlib.Path(waiting.value.path()).read_text(encoding="utf-8"))
            self.assertEqual(waiting.value.suggested_filename, "salinan-data.json")
            (customer,) = copy["about"]["customers"]
            self.assertEqual(customer["name"]["value"], scene.ANI["name"])
            self.assertEqual(customer["phone"]["value"], "+6281271001101")
            (day,) = copy["days"]
            self.assertEqual(day["date"], self.scene.date.isoformat())
            self.assertIn("Kuahnya hangat, terima kasih", json.dumps(day["answers"], ensure_ascii=False))
            with page.expect_download() as waiting:
                page.get_by_role("button", name="Unduh CSV").click()
            table = pathlib.Path(waiting.value.path()).read_text(encoding="utf-8-sig")
            told = {cell for row in csv.reader(io.StringIO(table)) for cell in row}
            self.assertIn(scene.ANI["name"], told)
            self.assertIn("Kuahnya hangat, terima kasih", told)
            self.assertIn("Nasi Goreng Oyako", " ".join(told))

    def test_an_erasure_goes_from_the_request_to_its_proof(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            self.search(page, f"{scene.Scene.GUESTS} {self.scene.date} S0002")
            self.assertIn(scene.BAMBANG["name"], page.locator("main").inner_text())
            self.ask(page, "erasure")
            self.assertIn("/dashboard/people/requests/req_", page.url)
            self.assertIn("identitas belum dicek", page.locator(".chips").first.inner_text())
            self.check(page, "called_back", "0813-7100-9999")
            self.assertIn("Pengecekan terakhir tidak cocok", page.get_by_role("status").inner_text())
            self.assertEqual(page.get_by_role("button", name="Jalankan").count(), 0)
            self.check(page, "called_back", scene.BAMBANG["phone_raw"])
            self.assertIn("dihapus untuk selamanya", page.locator("main").inner_text())
            session.follow(page.get_by_role("button", name="Jalankan"))
            session.until_told(page, "Bukti")
            proof = page.locator("main").inner_text()
            self.assertIn("Nama dan kontak", proof)
            self.assertIn("Jejak audit", proof)
            self.assertIn("Beri tahu orangnya", proof)
            self.search(page, scene.BAMBANG["phone_raw"])
            self.assertIn("Tidak ada data atas nomor", page.locator("main").inner_text())
            page.goto("/dashboard/people/OYAKO_MOKA_P71")
            told = page.locator("main").inner_text()
            self.assertIn("identitas dihapus", told)
            self.assertNotIn("Wicaksono", told)
            # The sale is in the books all the same.
            self.assertIn("Rp", told)
        self.nothing_of_him_is_shown_anywhere()

    def nothing_of_him_is_shown_anywhere(self):
        period = f"outlet={scene.Scene.GUESTS}&from={self.scene.date}&to={self.scene.date}"
        with self.session.staff("Ibu Sari") as page:
            for address in ("comments", "cases", "audit", "errors"):
                page.goto(f"/dashboard/{address}?{period}")
                told = page.locator("main").inner_text()
                for words in ("Wicaksono", "71002202", "Menunggu terlalu lama"):
                    self.assertNotIn(words, told, address)

    def test_an_auditor_sees_requests_and_nobody(self):
        with self.session.staff("Pak Anton") as page:
            session.follow(page.get_by_role("link", name="Data pribadi"))
            self.assertEqual(page.get_by_role("button", name="Cari").count(), 0)
            page.goto("/dashboard/people?state=all")
            session.follow(page.locator(f"main a[href$='{self.scene.erased}']"))
            told = page.locator("main").inner_text()
            self.assertIn("Bukti", told)
            self.assertIn("OYAKO_MOKA_P74", told)
            self.assertEqual(page.locator("main a[href*='OYAKO']").count(), 0)
            self.assertEqual(page.locator("main form").count(), 0)
            self.assertEqual(page.goto("/dashboard/people/OYAKO_MOKA_P72").status, 403)
            self.refused(page, "/dashboard/people/find", q=scene.ANI["phone_raw"])
            self.refused(page, f"/dashboard/people/requests/{self.scene.access}/copy", format="json")

    def test_a_viewer_and_an_outlets_operator_see_neither(self):
        for person in ("Rina", "Budi"):
            with self.subTest(person=person), self.session.staff(person) as page:
                self.assertEqual(page.get_by_role("link", name="Data pribadi").count(), 0)
                for address in ("", f"/requests/{self.scene.access}", "/OYAKO_MOKA_P72"):
                    self.assertEqual(page.goto(f"/dashboard/people{address}").status, 403, address)
                self.refused(page, "/dashboard/people/find", q=scene.ANI["phone_raw"])
                self.refused(page, "/dashboard/people/affected", **{"from": "2025-01-01", "to": "2026-01-01"})
                self.refused(page, "/dashboard/people/requests", customer="OYAKO_MOKA_P72", kind="erasure")

    def refused(self, page, address, **fields):
        """Sends a form of the person's own session, which is refused."""
        page.goto("/dashboard")
        csrf = page.locator("[name=csrf]").first.input_value()
        answer = page.request.post(address, form={"csrf": csrf} | fields, headers={"Origin": self.session.machine.url})
        self.assertEqual(answer.status, 403, address)


if __name__ == "__main__":
    unittest.main()
