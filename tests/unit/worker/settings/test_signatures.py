"""The folder of signatures: whose each is, what is made of its files, and the sentence for each that cannot be used."""

from pathlib import Path

import pytest

from worker.settings.load import ConfigFailure, load_settings
from worker.settings.model import Settings
from worker.settings.signatures import read_signatures

CAROL = "carol@desk.example"
GOOD = (Path(__file__).parents[4] / "tests/settings/good.toml").read_text(encoding="utf-8")
SET = GOOD.replace('name = "Desk"', 'name = "Desk"\nsignatures = "mine"', 1)


def keep(folder: Path, files: dict[str, str | bytes]) -> Path:
    """The folder `mine` with these files."""
    mine = folder / "mine"
    mine.mkdir()
    for name, content in files.items():
        (mine / name).parent.mkdir(exist_ok=True)
        (mine / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return mine


def load(folder: Path) -> Settings:
    (folder / "supportdesk.toml").write_text(SET, encoding="utf-8")
    return load_settings(folder / "supportdesk.toml", {})


def test_an_agents_own_comes_before_that_of_the_desk(tmp_path: Path) -> None:
    mine = keep(tmp_path, {"signature.txt": "Acme Help\n", f"{CAROL}/signature.txt": "Carol Mendes\nAcme Help\n"})

    signatures, troubles = read_signatures(mine)

    found = {address: signatures.of(address) for address in (CAROL, "Carol@Desk.Example", "bob@desk.example")}
    assert {address: one.text if one else "" for address, one in found.items()} == {
        CAROL: "Carol Mendes\nAcme Help",
        "Carol@Desk.Example": "Carol Mendes\nAcme Help",
        "bob@desk.example": "Acme Help",
    }
    assert troubles == []


def test_without_one_of_the_desk_only_its_agent_has_one(tmp_path: Path) -> None:
    signatures, troubles = read_signatures(keep(tmp_path, {f"{CAROL}/signature.txt": "Carol"}))

    assert (signatures.of(CAROL) is not None, signatures.of("bob@desk.example"), troubles) == (True, None, [])


REL = 'rel="noopener noreferrer"'
# A file's name with what it holds, and the text and the HTML that are sent.
MADE: list[tuple[dict[str, str | bytes], str, str]] = [
    ({"signature.txt": "\ufeffCarol\r\nTel. 1\r\n\r\n"}, "Carol\nTel. 1", ""),
    ({"signature.txt": "-- \nCarol\nTel. 1"}, "Carol\nTel. 1", ""),
    ({"signature.html": "<p>Carol <b>Mendes</b><br>Acme</p>"}, "Carol Mendes\nAcme",
     "<p>Carol <b>Mendes</b><br>Acme</p>"),
    ({"signature.html": "<html><head><title>T</title><style>p{}</style></head><body><p style='color:red'>Carol</p>"},
     "Carol", "<p>Carol</p>"),
    ({"signature.html": '<p>Carol<img src="https://elsewhere.example/logo.png"></p>'}, "Carol", "<p>Carol</p>"),
    ({"signature.html": '<a href="https://desk.example/">Acme</a>, <a href="mailto:c@desk.example">c@desk.example</a>'},
     "Acme (https://desk.example/), <c@desk.example>",
     f'<a href="https://desk.example/" {REL}>Acme</a>, <a href="mailto:c@desk.example" {REL}>c@desk.example</a>'),
    ({"signature.html": "<table><tr><td>Tel.</td><td>+49 1_2</td></tr><tr><td>Fax</td><td>3</td></tr></table>"},
     "Tel. +49 1_2\nFax 3",
     "<table><tbody><tr><td>Tel.</td><td>+49 1_2</td></tr><tr><td>Fax</td><td>3</td></tr></tbody></table>"),
    ({"signature.html": '<p>Carol<a href="ftp://elsewhere.example">x</a></p>', "signature.txt": "Carol, in text"},
     "Carol, in text", '<p>Carol<a rel="noopener noreferrer">x</a></p>'),
]  # fmt: skip


@pytest.mark.parametrize(("files", "text", "html"), MADE)
def test_each_form_is_what_a_letter_may_have(
    tmp_path: Path, files: dict[str, str | bytes], text: str, html: str
) -> None:
    signatures, troubles = read_signatures(keep(tmp_path, files))

    assert troubles == []
    assert signatures.desk is not None
    assert (signatures.desk.text, str(signatures.desk.html)) == (text, html)


MISTAKES: list[tuple[dict[str, str | bytes], str]] = [
    ({"signature.txt": ""}, '"mine/signature.txt" is empty'),
    ({"signature.txt": " \n\n"}, '"mine/signature.txt" is empty'),
    ({"signature.txt": "-- \n"}, '"mine/signature.txt" shows no words'),
    ({"signature.txt": b"Gr\xfc\xdfe"}, '"mine/signature.txt" is not UTF-8 text'),
    ({"signature.txt": "x" * 10_001}, '"mine/signature.txt" is larger than 10 kB'),
    ({"signature.html": "é" * 6_000}, '"mine/signature.html" is larger than 10 kB'),
    ({"signature.html": "<p></p>"}, '"mine/signature.html" shows no words'),
    ({"signature.html": "<p>Carol</p><script>alert(1)</script>"}, '"mine/signature.html" holds <script>'),
    ({"signature.html": '<p onclick="x()">Carol</p>'}, '"mine/signature.html" holds onclick'),
    ({"signature.html": '<p>C<a href=" java&#115;cript:x">C</a>'}, '"mine/signature.html" holds href= javascript:x'),
    ({"signature.html": '<form action="https://elsewhere.example">C</form>'}, '"mine/signature.html" holds <form>'),
    ({"signature.txt": "Carol\n#resolve"}, '"mine" has a line that reads as a command: #resolve'),
    ({"signature.html": "<p>Carol<br>#assign bob</p>", "signature.txt": "Carol"},
     '"mine" has a line that reads as a command: #assign bob'),
    ({f"{CAROL}/signature.txt": ""}, f'"mine/{CAROL}/signature.txt" is empty'),
    ({f"{CAROL}/photo.png": b"1"}, f'"mine/{CAROL}" holds neither signature.txt nor signature.html'),
    ({"readme.md": "x"}, '"mine" holds neither signature.txt nor signature.html'),
    ({"signature.txt/x": "x"}, '"mine/signature.txt" cannot be read: Is a directory'),
]  # fmt: skip


@pytest.mark.parametrize(("files", "sentence"), MISTAKES)
def test_a_signature_that_cannot_be_used_is_told_at_the_start(
    tmp_path: Path, files: dict[str, str | bytes], sentence: str
) -> None:
    keep(tmp_path, files)

    with pytest.raises(ConfigFailure) as caught:
        load(tmp_path)

    (told,) = (message.replace(f"{tmp_path}/", "") for message in caught.value.messages)
    assert told.removesuffix(", which no mail may have") == f"supportdesk.toml: desk.signatures: {sentence}"


def test_the_folder_lies_beside_the_settings(tmp_path: Path) -> None:
    mine = keep(tmp_path, {"signature.txt": "Acme", ".git/x": "no signature"})

    assert load(tmp_path).desk.signatures == mine
