"""Who gets in, and who may do what."""

import unittest

import session
from shop import Shop


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = session.current()

    def quarantined(self):
        """The address of a refused record's page, and of its replay."""
        shop = Shop(self.session.machine, "moka-710003")
        return shop.get("/v1/quarantine")["items"][0]["id"]

    def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_page(self):
        with self.session.page() as page:
            page.goto("/dashboard/cases?state=open")
            self.assertIn("/_local/issuer/authorize", page.url)
            session.follow(page.get_by_role("button", name="Ibu Sari"))
            page.wait_for_url("**/dashboard/cases?state=open")

    def test_a_viewer_cannot_replay(self):
        piece = self.quarantined()
        with self.session.staff("Rina") as page:
            page.goto(f"/dashboard/errors/{piece}")
            self.assertEqual(page.get_by_role("button", name="Proses ulang").count(), 0)
            csrf = page.locator("[name=csrf]").first.input_value()
            answer = page.request.post(
                f"/dashboard/errors/{piece}/replay", form={"csrf": csrf}, headers={"Origin": self.session.machine.url}
            )
            self.assertEqual(answer.status, 403)

    def test_a_form_of_another_site_does_nothing(self):
        piece = self.quarantined()
        with self.session.staff("Ibu Sari") as page:
            answer = page.request.post(
                f"/dashboard/errors/{piece}/replay", form={"csrf": "x" * 43}, headers={"Origin": self.session.machine.url}
            )
            self.assertEqual(answer.status, 403)
            csrf = page.locator("[name=csrf]").first.input_value()
            answer = page.request.post(
                f"/dashboard/errors/{piece}/replay", form={"csrf": csrf}, headers={"Origin": "http://127.0.0.1:1"}
            )
            self.assertEqual(answer.status, 403)

    def test_the_audit_trail_is_for_auditors(self):
        with self.session.staff("Rina") as page:
            self.assertEqual(page.goto("/dashboard/audit").status, 403)
        with self.session.staff("Pak Anton") as page:
            self.assertEqual(page.goto("/dashboard/audit").status, 200)

    def test_who_is_limited_to_an_outlet_sees_no_other(self):
        with self.session.staff("Budi") as page:
            self.assertEqual(page.goto("/dashboard/satisfaction?outlet=moka-710002").status, 403)
            self.assertEqual(page.goto("/dashboard/satisfaction").status, 200)

    def test_the_session_cookie_is_out_of_reach_and_gone_after_signing_out(self):
        with self.session.staff("Ibu Sari") as page:
            (cookie,) = [c for c in page.context.cookies() if c["name"] == "__Host-session"]
            self.assertTrue(cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Lax", cookie)
            page.get_by_role("button", name="Keluar").click()
            # The first page leads on to the issuer, which leads back to one that offers to sign in.
            page.get_by_role("link", name="Masuk lagi").wait_for()
            # The same cookie again: the session itself is gone.
            page.context.add_cookies([cookie])
            page.goto("/dashboard")
            self.assertIn("/_local/issuer/authorize", page.url)

    def test_pages_tell_the_browser_to_be_strict(self):
        with self.session.staff("Ibu Sari") as page:
            headers = page.goto("/dashboard").headers
            policy = headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertNotIn("script-src", policy)
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["cache-control"], "no-store")


if __name__ == "__main__":
    unittest.main()
