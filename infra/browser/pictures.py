"""Pictures of every page for docs/pictures: phone and desktop."""

import one_machine
import pages
import session

FOLDER = one_machine.REPOSITORY / "docs/pictures"
SIZES = {"ponsel": session.PHONE, "layar": session.DESKTOP}


def take():
    """Takes them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    link, forged = pages.a_link("moka-710005")
    for size, viewport in SIZES.items():
        scheme = "light" if size == "layar" else "dark"
        with session.current().staff("Ibu Sari", viewport, color_scheme=scheme) as page:
            for name in pages.visit_staff(page):
                shoot(page, f"{name}-{size}")
                if (name, size) == ("kode", "layar"):
                    shoot_print(page, "kode-cetak")
        with session.current().page(viewport, color_scheme="light") as page:
            for name in pages.visit_guest(page, link, forged):
                shoot(page, f"{name}-{size}")
            for name in pages.visit_letters(page):
                shoot(page, f"{name}-{size}")


def shoot_print(page, name):
    """The page as it comes out on paper."""
    page.set_viewport_size(session.PAPER)
    page.emulate_media(media="print")
    shoot(page, name)
    page.emulate_media(media="screen")
    page.set_viewport_size(session.DESKTOP)


def shoot(page, name):
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
    print(f"docs/pictures/{name}.png", flush=True)
