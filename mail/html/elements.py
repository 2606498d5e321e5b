"""The elements by which mail programs mark quotes and signatures in HTML: one row for each, with who writes it."""

from collections.abc import Iterable
from typing import NamedTuple


class Element(NamedTuple):
    """One element: the programs that write it, its CSS selector, and texts of which the HTML holds one in lower case.

    A program is named as widely as it is known: `Gmail` means each program of that name.
    """

    programs: tuple[str, ...]
    selector: str
    hints: tuple[str, ...]


# Shorter HTML is searched as it is.
SHORT = 5_000

# It is no element of a mail: programs show what is in it as their own, and no parser lets go of it.
DOCUMENT = "html"

# Elements that mail programs wrap the quoted mail in, or put right above it.
WRAPPING = (
    # Also with classes renamed by Outlook and others; a blockquote of that class is an indented paragraph.
    Element(("Gmail", "K-9"), "div.gmail_quote", ("gmail_quote",)),
    Element(("Gmail", "K-9"), "div.gmail_quote_container", ("gmail_quote",)),
    Element(("Gmail",), "div.x_gmail_quote", ("gmail_quote",)),
    Element(
        ("Apple Mail", "Thunderbird", "Roundcube", "Spark", "eM Client", "Evolution", "Proton", "SOGo"),
        "blockquote[type=cite]",
        ("blockquote",),
    ),
    Element(("Thunderbird",), ".moz-cite-prefix", ("moz-cite-prefix",)),
    Element(("Roundcube",), "#reply-intro", ("reply-intro",)),
    Element(("Apple Mail",), ".AppleMailQuote", ("applemailquote",)),
    Element(("Yahoo",), ".yahoo_quoted", ("yahoo_quoted",)),
    Element(("Yahoo iOS",), "blockquote.iosymail", ("blockquote",)),
    Element(("Proton",), ".protonmail_quote", ("protonmail_quote",)),
    Element(("Tutanota",), ".tutanota_quote", ("tutanota_quote",)),
    Element(("Zoho",), ".zmail_extra", ("zmail_extra",)),
    Element(("GMX", "Web.de"), "div[name=quote]", ("name=quote", 'name="quote', "name='quote", "name= quote")),
    Element(("QQ",), "includetail", ("includetail",)),
    Element(("NetEase",), "#isReplyContent", ("isreplycontent",)),
    Element(("NetEase",), ".ntes-mailmaster-quote", ("ntes-mailmaster",)),
    Element(("Outlook Mac",), "#OLK_SRC_BODY_SECTION", ("olk_src_body",)),
    Element(("Outlook Mac", "Outlook mobile"), "#mail-editor-reference-message-container", ("mail-editor-reference",)),
)
# Elements after which the rest of the document is the quote.
STARTING = (
    Element(("Outlook web", "Outlook mobile"), "#appendonsend", ("appendonsend",)),
    Element(("Outlook web", "Outlook mobile"), "#x_appendonsend", ("appendonsend",)),
    Element(("Outlook web", "Outlook mobile"), "#divRplyFwdMsg", ("divrplyfwdmsg",)),
    Element(("Outlook web", "Outlook mobile"), "#x_divRplyFwdMsg", ("divrplyfwdmsg",)),
    Element(("Zimbra",), "hr[data-marker=__DIVIDER__]", ("__divider__",)),
    Element(("Outlook web",), "#stopSpelling", ("stopspelling",)),
)
# A line is drawn above the block of headers; other lines have no such block below them.
BORDERING = tuple(
    Element(("Outlook desktop", "Outlook Mac"), f"div[style*='{style}']", (style,))
    for style in ("border-top:solid", "border-top: solid", "border-top:1pt solid")
)
# What programs put a signature in.
SIGNING = (
    Element(("Gmail",), ".gmail_signature", ("signature",)),
    Element(("Gmail",), ".x_gmail_signature", ("signature",)),
    Element(("Gmail",), "[data-smartmail=gmail_signature]", ("signature",)),
    Element(("Outlook web",), "#Signature", ("signature",)),
    Element(("Outlook web",), "#x_Signature", ("signature",)),
    Element(("Outlook mobile",), "#ms-outlook-mobile-signature", ("signature",)),
    Element(("Thunderbird",), ".moz-signature", ("signature",)),
    Element(("Proton",), ".protonmail_signature_block", ("signature",)),
    Element(("Proton",), ".protonmail_signature_block-user", ("signature",)),
    Element(("Yahoo",), ".yahoo-signature", ("signature",)),
    Element(("Yahoo Android",), "[class*=ymail_android_signature]", ("signature",)),
    Element(("Zimbra",), "[data-marker=__SIG_PRE__]", ("__sig_",)),
    Element(("Zimbra",), "[data-marker=__SIG_POST__]", ("__sig_",)),
    Element(("Roundcube",), "#_rc_sig", ("_rc_sig",)),
    Element(("Zoho",), "#Zm-_Id_-Sgn", ("-sgn",)),
    Element(("Spark",), "[name=messageSignatureSection]", ("signature",)),
    Element(("K-9",), ".k9mail-signature", ("signature",)),
    Element(("eM Client",), ".emSignature", ("signature",)),
    # What is named alike by programs that nobody has listed.
    Element((), "div[id$=-signature]", ("signature",)),
    Element((), "div[class$=-signature]", ("signature",)),
    Element((), "div[class=signature]", ("signature",)),
    Element((), "div[id=signature]", ("signature",)),
)


def selectors(elements: Iterable[Element]) -> tuple[str, ...]:
    """Return the CSS selectors of elements, in their order."""
    return tuple(element.selector for element in elements)


def lowered_once(html: str) -> str:
    """Return HTML in lower case for quick tests by texts without `>`; what it repeats, as the tags of a table, once.

    A program repeats its styles in each cell and paragraph, so that of long HTML a part is left to be searched.
    """
    if len(html) < SHORT:
        return html.lower()
    # The text behind the last tag may have stood before, so that each piece gets its end back.
    return ">".join([*dict.fromkeys(html.split(">")), ""]).lower()


def hints(elements: Iterable[Element]) -> tuple[str, ...]:
    """Return the texts of which HTML with one of the elements holds one, each once, in their order."""
    return tuple(dict.fromkeys(hint for element in elements for hint in element.hints))
