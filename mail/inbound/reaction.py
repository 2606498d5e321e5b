"""Reactions: mails in which a mail program says that somebody tapped an emoji below one of ours."""

# Letters of other alphabets are meant.
# ruff: noqa: RUF001

import json
import re
from dataclasses import dataclass

from mail.html.emoji import is_emoji
from mail.mime.addresses import Address
from mail.mime.charset import decode
from mail.mime.parts import Part
from mail.mime.text import one_line

GMAIL = "text/vnd.google.email-reaction+json"
# A program's mail says little; beside more words than these it is a person's.
MOST_LINES, MOST_CHARACTERS, LONGEST_SENTENCE, LONGEST_PART = 3, 300, 80, 400
LONGEST_TAPBACK = 4_000

_ADDRESS = re.compile(r"[<(\[]https?://[^\s<>()\[\]]{1,300}[>)\]]")
_PICTURE = re.compile(r"\[image: [^\]\n]{1,100}\]")
# How the languages of mail programs begin the word for a reaction.
_REACTS = re.compile(
    r"\b(?:reac[tcț]|réag|(?:za)?reag|reak|(?:от|від)?реаг|αντέδρ|tepki)|リアクション|反応|反应|回应|回應|반응"
)

HEART, LIKE, DISLIKE, LAUGH, MARKS, ASKS = "❤️", "👍", "👎", "😂", "‼️", "❓"
# The sentences in which an iPhone says it (a tapback), up to the words that it quotes; in the languages known to us.
TAPBACKS = {
    "loved": HEART, "liked": LIKE, "disliked": DISLIKE, "laughed at": LAUGH, "emphasized": MARKS,
    "emphasised": MARKS, "questioned": ASKS,
    "a adoré": HEART, "a aimé": LIKE, "n’a pas aimé": DISLIKE, "n'a pas aimé": DISLIKE, "a ri de": LAUGH,
    "le encantó": HEART, "le gustó": LIKE, "no le gustó": DISLIKE, "le dio risa": LAUGH, "exclamó por": MARKS,
    "dudó sobre": ASKS,
    "gefällt": LIKE, "понравилось": LIKE, "amou": HEART, "curtiu": LIKE, "gostou de": LIKE,
}  # fmt: skip
TAKEN_BACK = {
    "a heart": HEART, "a like": LIKE, "a dislike": DISLIKE, "a laugh": LAUGH, "an exclamation": MARKS,
    "a question mark": ASKS,
}  # fmt: skip
THINGS = frozenset({"an image", "a photo", "a movie", "a video", "an attachment", "a link", "an audio message"})
QUOTES = {"“": "”", '"': '"', "„": "“", "«": "»", "「": "」", "”": "”"}
LONGEST_VERB = 60
_OPENED = re.compile(f"[{''.join(QUOTES)}]")

_REACTED = re.compile(r"reacted (?:with )?(\S{1,30}) to")
_REMOVED = re.compile(r"removed (an? [a-z ]{4,20}) from")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What somebody reacted with; `by_part` says that a part for programs shows it, and not a sentence alone.

    `emoji` is empty where it is not known; `taken_back` says that an earlier one counts no longer.
    """

    emoji: str
    by_part: bool = False
    taken_back: bool = False

    @property
    def reason(self) -> str:
        """A sentence that says what the mail was recognised by."""
        shown = "a part for programs says so" if self.by_part else "it is the sentence of a mail program"
        return f"It is a reaction {self.emoji}: {shown}." if self.emoji else f"It is a reaction: {shown}."


def reaction_in_part(part: Part, content: bytes) -> Reaction | None:
    """Return the reaction that a part holds: Gmail's JSON, or an emoji with the disposition of RFC 9078."""
    if part.content_type == GMAIL:
        return Reaction(_emoji_of_json(content), by_part=True)
    if part.content_type != "text/plain" or part.disposition != "reaction":
        return None
    text = decode(content[:LONGEST_PART], part.parameters.get("charset")).text.strip()
    return Reaction(text, by_part=True) if is_emoji(text) else None


def _emoji_of_json(content: bytes) -> str:
    try:
        found = json.loads(content) if len(content) <= LONGEST_PART else None
    except (ValueError, RecursionError):
        return ""
    emoji = found.get("emoji") if isinstance(found, dict) else None
    return emoji if isinstance(emoji, str) and is_emoji(emoji) else ""


def is_brief(own: str) -> bool:
    """Whether a text is short enough for what a program writes around a reaction, and holds no command."""
    if len(own) > MOST_CHARACTERS:
        return False
    lines = [line for line in own.splitlines() if line.strip()]
    return len(lines) <= MOST_LINES and not any(line.startswith("#") for line in lines)


def words_beside(own: str) -> str:
    """Return the lines of a reaction's text that are neither emoji nor a program's sentence on it; mostly empty."""
    bare = ((line, _bare(line)) for line in own.splitlines())
    kept = [line for line, text in bare if text and not is_emoji(text) and not _REACTS.search(text.casefold())]
    return "\n".join(kept)


def reaction_in_words(own: str, quoted: str, senders: tuple[Address, ...]) -> Reaction | None:
    """Return the reaction that a mail without such a part is by its words: those of Outlook, Gmail or an iPhone.

    They are all that its sender wrote: `own` is without the quote, `quoted` is that. A person's sentence that goes on,
    or that does not name its sender as a program does, is none.
    """
    own = own.strip()
    if not own or len(own) > LONGEST_TAPBACK:
        return None
    if not quoted.strip() and (tapback := _tapback(own)):
        return tapback
    return _sentence_about(own, {sender.name.casefold().strip() for sender in senders}) if is_brief(own) else None


def _sentence_about(own: str, names: set[str]) -> Reaction | None:
    """Find `NAME reacted to your message:` with the sender's name, or that without a colon below an emoji."""
    lines = [text for text in map(_bare, own.splitlines()) if text]
    first, _, rest = lines[0].partition(" ") if lines else ("", "", "")
    emoji = first if is_emoji(first) else ""
    sentences = [line for line in ([rest, *lines[1:]] if emoji else lines) if line]
    if len(sentences) != 1:
        return None
    lowered = sentences[0].casefold()
    name = next((name for name in names if name and lowered.startswith(name)), None)
    if name is None or len(lowered) - len(name) > LONGEST_SENTENCE or not _REACTS.search(lowered, len(name)):
        return None
    is_whole = lowered.endswith((":", "：")) or (emoji and lowered[-1:] not in ".!?")
    return Reaction(emoji) if is_whole else None


def _bare(line: str) -> str:
    return one_line(_PICTURE.sub(" ", _ADDRESS.sub(" ", line)), MOST_CHARACTERS)


def _tapback(own: str) -> Reaction | None:
    """Read `Liked “the whole text”`: one verb and one quotation that ends the text, or the name of a thing."""
    found = _OPENED.search(own, 0, LONGEST_VERB)
    if found is None:
        said = own.casefold() if len(own) <= LONGEST_SENTENCE else ""
        verb = next((verb for verb in TAPBACKS if said.startswith(f"{verb} ")), None)
        return Reaction(TAPBACKS[verb]) if verb and said[len(verb) + 1 :] in THINGS else None
    opened, closing = found.start(), QUOTES[found[0]]
    # Words behind the quotation, or two quotations, are a person's.
    if own.find(closing, opened + 1) != len(own) - 1:
        return None
    verb = own[:opened].casefold().strip()
    if verb in TAPBACKS:
        return Reaction(TAPBACKS[verb])
    if (reacted := _REACTED.fullmatch(verb)) and is_emoji(reacted[1]):
        return Reaction(reacted[1])
    removed = _REMOVED.fullmatch(verb)
    return Reaction(TAKEN_BACK[removed[1]], taken_back=True) if removed and removed[1] in TAKEN_BACK else None
