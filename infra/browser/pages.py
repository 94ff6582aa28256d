"""The pages there are, for the tests and pictures that go through all of them."""

import orders
import scene
import session
from shop import Shop

# Name of the picture, and where it is.
STAFF = {
    "ikhtisar": "/dashboard",
    "kepuasan": "/dashboard/satisfaction",
    "menu": "/dashboard/menu",
    "komentar": "/dashboard/comments",
    "kasus": "/dashboard/cases",
    "sinkronisasi": "/dashboard/sync",
    "malam": "/dashboard/nights",
    "temuan": "/dashboard/findings",
    "galat": "/dashboard/errors",
    "isi-ulang": "/dashboard/topups",
    "isi-ulang-buku": "/dashboard/topups/books",
    "orang": "/dashboard/people",
    "audit": "/dashboard/audit",
}
# Pages behind the first link of another: its picture's name, where the link is, what it begins with.
BEHIND = {
    "menu-satu": ("/dashboard/menu", "/dashboard/menu/"),
    "kasus-satu": ("/dashboard/cases", "/dashboard/cases/"),
    "isi-ulang-mitra": ("/dashboard/topups", "/dashboard/topups/partners/"),
    "galat-satu": ("/dashboard/errors", "/dashboard/errors/"),
}


# Whose guests' codes are shown.
CODES_OUTLET = "moka-710006"


def codes():
    """The address of a day with codes that still lead somewhere; the samples' are over."""
    shop = Shop(session.current().machine, CODES_OUTLET)
    dishes = [("Nasi Goreng Oyako", "Pedas"), ("Es Teh", "")]
    shop.send([shop.receipt(dishes, status="voided" if number == 4 else "paid") for number in range(14)])
    return f"/dashboard/links?outlet={shop.outlet}&date={shop.today}"


def visit_staff(page):
    """Opens every page of the dashboard; yields its name."""
    after = scene.after_a_night()
    topups = of_topups()
    page.goto(codes())
    yield "kode"
    for name, address in STAFF.items():
        page.goto(address)
        yield name
    for name, (address, beginning) in BEHIND.items():
        page.goto(address)
        link = page.locator(f"main a[href^='{beginning}']").first
        page.goto(link.get_attribute("href"))
        yield name
    for name, address in (after.pages() | topups).items():
        page.goto(address)
        yield name
    yield from visit_people(page)


def of_topups():
    """The page of an order that waits for people; at night there is none."""
    return {} if orders.is_closed() else {"isi-ulang-satu": f"/dashboard/topups/{orders.waiting()}"}


# Searches, whose address holds no number: the picture's name, and the number.
SEARCHES = {"orang-beberapa": scene.CITRA["phone_raw"], "orang-tidak-ada": "0812-9999-1234"}


def visit_people(page):
    """Looks for people; yields the names of what is found."""
    for name, number in SEARCHES.items():
        page.goto("/dashboard/people")
        page.locator("[name=q]").fill(number)
        session.follow(page.get_by_role("button", name="Cari"))
        page.wait_for_url("**/find")
        yield name


def visit_guest(page, link, forged):
    """Opens the guest's pages; yields their names."""
    page.goto(link)
    yield "tamu"
    page.goto(forged)
    yield "tamu-tautan-salah"


# Letters: the picture's name, and what the subject begins with.
LETTERS = {"surat-malam": "Laporan malam", "surat-nilai-rendah": "Nilai rendah di", "surat-ekspor": "Ekspor POS"}


def visit_letters(page):
    """Shows the latest letter of each kind that the set has sent; yields their names."""
    scene.after_a_night()
    letters = LETTERS if not of_topups() else LETTERS | {"surat-isi-ulang": "Isi ulang: pemasok melapor"}
    for name, subject in letters.items():
        page.goto("/_local/mail")
        letter = page.get_by_role("link", name=subject).first.get_attribute("href")
        # As a mail program shows it, without the frame and the policy that the mailbox locks it into.
        page.goto("about:blank")
        page.set_content(page.request.get(f"{letter}/html").text())
        yield name


def a_link(outlet="moka-710004"):
    """A link that nobody has answered, and one like it that is none."""
    shop = Shop(session.current().machine, outlet)
    dishes = [("Nasi Goreng Oyako", "Pedas"), ("Ayam Bakar Madu", ""), ("Es Teh", "")]
    shop.send([shop.receipt(dishes)])
    link = shop.link("S0001")
    return link, link[:-6] + "AAAAAA"
