"""The pages there are, for the tests and pictures that go through all of them."""

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
    "galat": "/dashboard/errors",
    "audit": "/dashboard/audit",
}
# Pages behind the first link of another: its picture's name, where the link is, what it begins with.
BEHIND = {
    "menu-satu": ("/dashboard/menu", "/dashboard/menu/"),
    "kasus-satu": ("/dashboard/cases", "/dashboard/cases/"),
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


def visit_guest(page, link, forged):
    """Opens the guest's pages; yields their names."""
    page.goto(link)
    yield "tamu"
    page.goto(forged)
    yield "tamu-tautan-salah"


def a_link(outlet="moka-710004"):
    """A link that nobody has answered, and one like it that is none."""
    shop = Shop(session.current().machine, outlet)
    dishes = [("Nasi Goreng Oyako", "Pedas"), ("Ayam Bakar Madu", ""), ("Es Teh", "")]
    shop.send([shop.receipt(dishes)])
    link = shop.link("S0001")
    return link, link[:-6] + "AAAAAA"
