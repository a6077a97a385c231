"""Where a page, a comment or a message names a page of the documentation, that page is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
NAMING = [
    *PAGES,
    *sorted(path for path in ROOT.glob("speechd_neural/**/*") if path.suffix in (".py", ".yaml", ".conf", ".txt", ".tsv")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_pages_that_are_named_are_there() -> None:
    named = {
        (str(path.relative_to(ROOT)), page)
        for path in NAMING
        for page in re.findall(r"\bdocs/[\w/-]+\.md\b", path.read_text(encoding="utf-8"))
    }
    assert sorted((path, page) for path, page in named if not (ROOT / page).exists()) == []
