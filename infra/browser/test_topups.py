"""Two people decide about a top-up of which nobody knows, and others look."""

import unittest

import orders
import session

CONFIRM = "Setujui usulan"


class Topups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if orders.is_closed():
            raise unittest.SkipTest("the supplier is closed at this time of the night, and no order ends")
        cls.session = session.current()

    def propose(self, refid, verdict):
        with self.session.staff("Ibu Sari", session.PHONE) as page:
            page.goto("/dashboard/topups")
            self.assertIn(refid, page.locator("main").inner_text())
            session.follow(page.get_by_role("link", name=refid))
            page.get_by_label("Apa yang terjadi").select_option(verdict)
            page.get_by_label("Dari mana tahunya").fill("CS kiosAMPM menjawab <b>lewat telepon</b>")
            session.follow(page.get_by_role("button", name="Usulkan"))
            told = page.locator("main").inner_text()
            self.assertIn("Ini usulan Anda", told)
            self.assertIn("CS kiosAMPM menjawab <b>lewat telepon</b>", told)
            self.assertEqual(page.get_by_role("button", name=CONFIRM).count(), 0)

    def decide(self, refid, words):
        with self.session.staff("Pak Hasan", session.PHONE) as page:
            page.goto(f"/dashboard/topups/{refid}")
            self.assertIn("staff:sari", page.locator("main").inner_text())
            session.follow(page.get_by_role("button", name=CONFIRM))
            self.assertIn(words, page.locator(".chips").first.inner_text())
            told = page.locator("main").inner_text()
            self.assertIn("Usulan disetujui", told)
            self.assertIn("staff:hasan", told)
            self.assertEqual(page.locator("main form").count(), 0)
            page.goto("/dashboard/topups")
            self.assertNotIn(refid, page.locator("main").inner_text())

    def test_an_approver_proposes_and_another_one_confirms(self):
        refid, _ = orders.contradicted(orders.FAILED_REPORTED_DELIVERED)
        self.assertEqual(orders.review(refid)["state"], "failed")
        self.propose(refid, "delivered")
        self.assertEqual(orders.review(refid)["state"], "failed", "one person decides nothing")
        self.decide(refid, "ternyata berhasil")
        self.assertEqual(orders.review(refid)["state"], "late_success")

    def test_nobody_confirms_the_own_proposal(self):
        refid, _ = orders.contradicted(orders.DELIVERED_REPORTED_FAILED)
        self.propose(refid, "not_delivered")
        with self.session.staff("Ibu Sari") as page:
            page.goto(f"/dashboard/topups/{refid}")
            csrf = page.locator("[name=csrf]").first.input_value()
            form = {"csrf": csrf, "version": page.locator("[name=version]").first.input_value()}
            answer = page.request.post(
                f"/dashboard/topups/{refid}/confirm", form=form, headers={"Origin": self.session.machine.url}
            )
            self.assertEqual(answer.status, 403)
            self.assertIn("TOPUP_SAME_PERSON", answer.text())
            session.follow(page.get_by_role("button", name="Tarik usulan"))
            self.assertIn("Usulan ditolak", page.locator("main").inner_text())
        self.assertEqual(orders.review(refid)["state"], "success")

    def test_only_approvers_see_the_whole_number(self):
        refid, number = orders.contradicted(orders.FAILED_REPORTED_DELIVERED)
        masked = f"****{number[-4:]}"
        with self.session.staff("Rina", session.PHONE) as page:
            page.goto(f"/dashboard/topups/{refid}")
            told = page.locator("main").inner_text()
            self.assertIn(masked, told)
            self.assertNotIn(number, told)
            self.assertEqual(page.locator("main form").count(), 0)
        with self.session.staff("Pak Hasan") as page:
            page.goto(f"/dashboard/topups/{refid}")
            self.assertIn(number, page.locator("main").inner_text())

    def test_an_order_is_found_by_its_id_and_the_books_show_its_answer(self):
        refid = orders.waiting()
        with self.session.staff("Rina", session.PHONE) as page:
            page.goto("/dashboard/topups")
            page.get_by_label("Nomor pesanan").fill(refid.lower())
            session.follow(page.get_by_role("button", name="Cari"))
            page.wait_for_url(f"**/dashboard/topups/{refid}")
            session.follow(page.get_by_role("link", name="Semua pesanan mitra ini"))
            page.wait_for_url("**/dashboard/topups/partners/**")
            self.assertIn(refid, page.locator("main").inner_text())
            page.get_by_label("Keadaan").select_option("sending")
            session.follow(page.get_by_role("button", name="Tampilkan"))
            page.wait_for_url("**state=sending**")
            self.assertNotIn(refid, page.locator("main").inner_text())
            page.goto("/dashboard/topups/books")
            self.assertIn(refid, page.locator("main").inner_text())


if __name__ == "__main__":
    unittest.main()
