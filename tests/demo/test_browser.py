"""The pages in a browser: narrow and wide, with and without JavaScript."""

import pytest
from playwright.sync_api import Browser, expect

from tests.demo.conftest import Lived


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_patient_replies_and_sees_the_figure_move(
    lived: Lived, browser: Browser, width: int, javascript: bool
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=javascript, locale="en-GB"
    )
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(lived.address)
    fits = [page.locator("main").bounding_box()]
    page.get_by_role("link", name="Try it as a patient").click()
    page.get_by_label("Where was your visit?").select_option("keskusta")
    page.get_by_role("button", name="Leave the clinic").click()
    talk = page.get_by_role("log")
    expect(talk).to_contain_text("Hello from Centre health station", timeout=10_000)
    result = page.get_by_role("definition")
    n = int(result.nth(1).inner_text().split()[-2])
    page.get_by_role("button", name="4", exact=True).click()
    expect(result.nth(1)).to_contain_text(f"{n + 1} answers")
    expect(result.nth(0)).to_contain_text(f"{n} answers")
    page.get_by_role("textbox", name="Your reply").fill("Kind people, thank you")
    page.get_by_role("textbox", name="Your reply").press("Enter")
    expect(talk.get_by_role("listitem")).to_have_count(5)
    expect(page.get_by_text("Comment", exact=True)).to_be_visible()
    fits.append(page.locator("main").bounding_box())

    assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width for box in fits)
    assert complaints == []
    assert asked
    assert all(url.startswith(lived.address) for url in asked)
    context.close()


def test_the_start_page_moves_by_itself(lived: Lived, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(lived.address)
    visits = page.get_by_role("definition").first
    n = int(visits.inner_text())
    lived.visitor().post("/demo/phone", data={"unit": "satama", "language": "en"})
    expect(visits).to_have_text(str(n + 1), timeout=10_000)
    page.close()
