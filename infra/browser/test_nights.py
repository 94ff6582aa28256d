"""The owner sees in the morning how the night went."""

import datetime
import subprocess
import unittest

import scene
import session

MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()


class Nights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = session.current()
        cls.scene = scene.after_a_night()
        date = cls.scene.date
        cls.subject = f"Laporan malam {date.day} {MONTHS[date.month - 1]} {date.year}: sebagian"

    def letters(self, page):
        """Links to the letters about the night."""
        page.goto("/_local/mail")
        return page.get_by_role("link", name=self.subject)

    def test_the_owner_sees_on_a_phone_what_went_wrong_and_what_to_do(self):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            page.goto("/dashboard")
            # The latest night, which may be a later one than the scene's: a set begins one by itself at 23:00.
            session.follow(page.locator("main a[href^='/dashboard/nights/']"))
            page.goto(f"/dashboard/nights/{self.scene.date}")
            told = page.locator("main").inner_text()
            self.assertIn("sebagian", told)
            self.assertIn("tanpa spasi; berkas lain tetap diambil", told)
            self.assertIn("terkirim", told)
            session.follow(page.get_by_role("link", name="Semua malam"))
            row = page.get_by_role("row").filter(has=page.locator(f"a[href$='{self.scene.date}']"))
            self.assertIn("sebagian", row.inner_text())

    def test_what_the_night_did_is_counted(self):
        tally = self.scene.night["tally"]
        self.assertEqual(self.scene.night["end"], "partial")
        self.assertEqual([t["code"] for t in self.scene.night["first_troubles"]], ["CENTRAL_ENTRY_NAME"])
        # Both files of the central server, and at least one that Moka made up.
        self.assertGreaterEqual(tally["pulled"], 3)
        self.assertGreaterEqual(tally["opened"], 4)
        # The gap of the day before.
        self.assertGreaterEqual(tally["resolved"], 1)
        self.assertGreaterEqual(tally["people"], 5)
        with self.session.staff("Ibu Sari") as page:
            page.goto(f"/dashboard/nights/{self.scene.date}")
            for phase in ("pull", "reconcile", "enrich"):
                page.goto(f"/dashboard/nights/{self.scene.date}?phase={phase}")
                self.assertIn("selesai", page.locator("table").inner_text(), phase)

    def test_its_report_is_one_letter_without_a_person(self):
        with self.session.page() as page:
            self.assertEqual(self.letters(page).count(), 1)
            self.letters(page).click()
            text = page.locator("pre").inner_text()
            html = page.frame_locator("iframe").locator("body").inner_text()
            for told in (text, html):
                for words in (f"Uji {scene.Scene.SILENT}", "tidak diterima", "Permintaan data pribadi"):
                    self.assertIn(words, told)
                for words in scene.PERSONAL:
                    self.assertNotIn(words, told)

    def test_a_second_start_changes_nothing(self):
        self.scene.machine.task("night", self.scene.date.isoformat())
        again = self.scene.shop.get(f"/v1/nights/{self.scene.date}")
        self.assertEqual(again, self.scene.night)
        with self.session.page() as page:
            self.assertEqual(self.letters(page).count(), 1)

    def test_nights_are_for_those_who_see_every_outlet(self):
        with self.session.staff("Budi") as page:
            self.assertEqual(page.get_by_role("link", name="Malam", exact=True).count(), 0)
            self.assertEqual(page.goto("/dashboard/nights").status, 403)
            self.assertEqual(page.goto(f"/dashboard/nights/{self.scene.date}").status, 403)
        with self.session.staff("Rina") as page:
            self.assertEqual(page.goto(f"/dashboard/nights/{self.scene.date}").status, 200)

    def test_a_night_to_come_is_not_begun(self):
        to_come = self.scene.date + datetime.timedelta(days=400)
        with self.assertRaises(subprocess.CalledProcessError) as refused:
            self.scene.machine.task("night", to_come.isoformat())
        self.assertIn("has not begun yet", refused.exception.stderr + refused.exception.stdout)


if __name__ == "__main__":
    unittest.main()
