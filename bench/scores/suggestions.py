"""Whether the answer to a question is among those that the desk suggests, on conversations of the corpus.

Each conversation is a finished ticket, and mails of one subject are one conversation: answers to mails that the corpus
lacks begin a new one there. Its first mail is the description, all others are answers of staff, each without what it
quotes. A pair is a mail and one that answers it, by another author. The question, and all that its author wrote, is
taken out of its ticket, the index is written anew, and the desk is asked with the words of the question, without its
subject and without its author's name. Right is the ticket with the answer.

The threshold was chosen on other conversations than those that are measured:
`python -m bench.scores.suggestions CORPUS` prints what each would give on those.
"""

import argparse
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.scores.figures import Figure, cases, figure
from desk.reports.earlier.likeness import MOST_SHOWN, MOST_SIGNS, THRESHOLD, Like, like_enough, words_of_question
from desk.reports.earlier.redaction import known_of
from desk.reports.search.words import spaced
from mail.inbound.message import InboundMail
from mail.inbound.parse import parse
from models.db.engine import make_engine
from models.reports.search.fill import index_tickets
from models.reports.search.like import WordMemory, find_like
from seed.stack.postgres import running_postgres
from worker.admin.migrate import upgrade
from worker.runtime.transaction import rolled_back, transaction

GROUP = "suggestions"
# So many pairs are measured; the others are for choosing the threshold.
MEASURED = 500
RIGHT_WANTED, WRONG_WANTED = 60.0, 20.0
LANGUAGES = ("english", "german")
NOT_TICKET = 0

_BEFORE_SUBJECT = re.compile(r"(?:\[[^\]]*\]\s*|(?:re|fwd?|aw)\s*:\s*)+", re.IGNORECASE)
_RENAMED = re.compile(r"\s*\(?was\s*:.*", re.IGNORECASE)
_NOT_OWN = re.compile(r"\s*[>|:]|.{0,80}\b(?:wrote|writes|said):?\s*$")

_SETUP = (
    "SELECT set_config('supportdesk.quiet', 'on', true)",
    """INSERT INTO "User" (id, name, email, role, "updatedAt") VALUES
        ('agent', 'Agent', 'agent@desk.example', 'agent', now()),
        ('customer', 'Customer', 'customer@customer.example', 'customer', now())""",
    """INSERT INTO mail.staff (person_number, email, role)
        SELECT number, 'agent@desk.example', 'agent' FROM mail.person WHERE user_id = 'agent'""",
)
_TICKET = """INSERT INTO "Ticket" (id, title, description, status, category, "createdById", "updatedAt", "resolvedAt")
    VALUES (:id, :title, '', 'resolved', 'general_inquiry', 'customer', now(), now())"""
_DESCRIPTION = 'UPDATE "Ticket" SET description = :text WHERE id = :id'
_COMMENT = """INSERT INTO "Comment" (id, content, "ticketId", "userId", "updatedAt")
    VALUES (:comment, :text, :id, 'agent', now())"""
_NO_COMMENTS = 'DELETE FROM "Comment" WHERE "ticketId" = :id'


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of a conversation: its own words, and the words of its author's name and address."""

    text: str
    author: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and an answer to it, by the paths of their mails, and the number of the ticket that both are of."""

    question: str
    answer: str
    topic: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the desk found for the question of a pair: finished tickets by how like they are, and which one is right."""

    pair: Pair
    right: int
    likes: tuple[Like, ...]

    @property
    def shown(self) -> tuple[int, ...]:
        """The tickets of which an answer would be shown."""
        return self.shown_from(THRESHOLD)

    def shown_from(self, threshold: float) -> tuple[int, ...]:
        """The same with another threshold."""
        return tuple(like.number for like in like_enough(self.likes, threshold))[:MOST_SHOWN]

    @property
    def shown_without(self) -> tuple[int, ...]:
        """The tickets of which an answer would be shown if the right one were not there."""
        others = [like for like in self.likes if like.number != self.right]
        return tuple(like.number for like in like_enough(others))[:MOST_SHOWN]


def score_suggestions(corpus: Path) -> Iterator[Figure]:
    """Yield how often the right answer is among those that are shown, and how often none or no wrong one alone is."""
    measured = ask_all(corpus, measured=True)
    if not measured:
        return
    ids = [one.pair.question for one in measured]
    right = [one.right in one.shown for one in measured]
    wrong = [bool(one.shown) and one.right not in one.shown for one in measured]
    yield figure(GROUP, "the right one among three", zip(ids, right, strict=True), RIGHT_WANTED)
    yield figure(GROUP, "no wrong one alone", zip(ids, (not one for one in wrong), strict=True), 100 - WRONG_WANTED)
    silent = ((one.pair.question, not one.shown_without) for one in measured)
    yield figure(GROUP, "nothing, where the right one is not there", silent)


def is_measured(topic: str) -> bool:
    """Whether the pairs of a conversation are measured: about two thirds of them, by chance."""
    return sha256(topic.encode()).digest()[0] < 176


def ask_all(corpus: Path, *, measured: bool) -> list[Asked]:
    """Ask the desk with the questions of the pairs that are measured, or of all others; none without conversations."""
    mails, topics, every = _conversations(corpus)
    pairs = [one for one in every if is_measured(one.topic) is measured and _words(mails[one.question])]
    if not pairs:
        return []
    with (
        tempfile.TemporaryDirectory(prefix="supportdesk-scores-") as folder,
        running_postgres(Path(folder), fsync=False, keep=False) as url,
    ):
        engine = make_engine(url, application_name="supportdesk scores")
        upgrade(engine)
        with transaction(engine) as session:
            numbers = _fill(session, topics, mails)
        with transaction(engine) as session:
            session.execute(text("ANALYZE mail.search"))
        asked = []
        for pair in pairs[:MEASURED]:
            with rolled_back(engine) as session:
                asked.append(_ask(session, pair, numbers[pair.topic], topics[pair.topic], mails))
        engine.dispose()
    return asked


def _ask(session: Session, pair: Pair, number: int, topic: Sequence[str], mails: Mapping[str, Mail]) -> Asked:
    question = mails[pair.question]
    session.execute(text(_SETUP[0]))
    _write(session, pair.topic, [path for path in topic if mails[path].author != question.author], mails)
    session.flush()
    index_tickets(session, [number], LANGUAGES)
    return Asked(pair, number, tuple(find_like(session, _words(question), NOT_TICKET, WordMemory())))


def _words(question: Mail) -> list[str]:
    return words_of_question(spaced(question.text[:MOST_SIGNS]), question.names)


def _fill(session: Session, topics: Mapping[str, Sequence[str]], mails: Mapping[str, Mail]) -> dict[str, int]:
    for statement in _SETUP:
        session.execute(text(statement))
    for topic, paths in topics.items():
        session.execute(text(_TICKET), {"id": topic, "title": topic})
        _write(session, topic, paths, mails)
    session.flush()
    rows = session.execute(text("SELECT ticket_id, number FROM mail.ticket"))
    numbers = {row.ticket_id: row.number for row in rows}
    index_tickets(session, numbers.values(), LANGUAGES)
    return numbers


def _write(session: Session, topic: str, paths: Sequence[str], mails: Mapping[str, Mail]) -> None:
    session.execute(text(_NO_COMMENTS), {"id": topic})
    first, *answers = [*paths, ""]
    session.execute(text(_DESCRIPTION), {"id": topic, "text": mails[first].text if len(paths) > 1 else ""})
    for path in filter(None, answers if len(paths) > 1 else paths):
        session.execute(text(_COMMENT), {"id": topic, "comment": path, "text": mails[path].text})


def _conversations(corpus: Path) -> tuple[dict[str, Mail], dict[str, list[str]], list[Pair]]:
    every = cases(corpus, "threading")
    subjects, mails = dict[str, str](), dict[str, Mail]()
    for path in dict.fromkeys(case[name] for case in every for name in ("root", "parent_path", "path")):
        mail = parse((corpus / path).read_bytes())
        mails[path], subjects[path] = _mail(mail), mail.subject
    topics, topic_of = defaultdict[str, list[str]](list), dict[str, str]()
    for case in every:
        topic = _RENAMED.sub("", _BEFORE_SUBJECT.sub("", subjects[case["root"]], count=1)).strip().lower()
        for name in ("root", "parent_path", "path"):
            if case[name] not in topic_of:
                topic_of[case[name]] = topic
                topics[topic].append(case[name])
    pairs = [Pair(case["parent_path"], case["path"], topic_of[case["path"]]) for case in every]
    return mails, topics, [one for one in pairs if mails[one.question].author != mails[one.answer].author]


def _mail(mail: InboundMail) -> Mail:
    own = "\n".join(line for line in mail.reply.splitlines() if not _NOT_OWN.match(line))
    sender = mail.senders[0] if mail.senders else None
    names = known_of([sender.name], [sender.email]).words if sender else frozenset[str]()
    return Mail(own.replace("\0", ""), sender.email if sender else "", names)


def main() -> None:
    """Print what thresholds give on the pairs that are not measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.scores.suggestions", description="Choose the threshold.")
    parser.add_argument("corpus", type=Path, help="a folder with threading.jsonl")
    asked = ask_all(parser.parse_args().corpus, measured=False)
    print(f"{len(asked)} pairs\n\nthreshold   right one among three   wrong ones alone   nothing shown")
    for threshold in (quarter / 4 for quarter in range(25)):
        shown = [one.shown_from(threshold) for one in asked]
        right = sum(one.right in tickets for one, tickets in zip(asked, shown, strict=True)) / len(asked)
        nothing = sum(not tickets for tickets in shown) / len(asked)
        print(f"{threshold:9.2f} {right:23.1%} {1 - right - nothing:18.1%} {nothing:15.1%}")


if __name__ == "__main__":
    main()
