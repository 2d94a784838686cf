"""Every link of the docs leads somewhere, and every picture is shown."""

import re
from pathlib import Path

import pytest

from chargepipe.domain.settings import Settings, load

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
CONNECTION = """name = "acme"
[chargebee]
site = "acme-test"
api_key = "env:KEY"
[pipedrive]
api_token = "env:TOKEN"
"""
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    dead: list[str] = []
    for link in LINK.findall(text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_picture_is_shown() -> None:
    shown = {name for page in PAGES for name in re.findall(r"([\w-]+\.png)\)", page.read_text())}
    taken = {picture.name for picture in (ROOT / "docs/screenshots").glob("*.png")}
    assert taken == shown


def test_the_questions_are_answered() -> None:
    text = (ROOT / "docs/explanation/faq.md").read_text()
    assert len(re.findall(r"^\*\*.+?\*\* \S", text, re.MULTILINE)) >= 21


EXAMPLES = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/reference/settings.md").read_text(), re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_a_setting_is_taken_and_changes_something(example: str) -> None:
    assert load(CONNECTION + example) != load(CONNECTION)


def test_every_setting_has_an_example() -> None:
    told = "\n".join(EXAMPLES)
    for name in Settings.model_fields:
        assert re.search(rf"^(?:{name} =|\[+settings\.{name}\b)", told, re.MULTILINE), name
