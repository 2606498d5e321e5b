"""Automatic answers as programs lay them out, headers first, in words of our own; all are found."""

import pytest

from mail.inbound.message import MailKind
from mail.inbound.parse import parse

OURS = "In-Reply-To: <m1@desk.example>\nReferences: <m0@desk.example> <m1@desk.example>\n"
SUPPRESS = "X-Auto-Response-Suppress: All\n"
AWAY = "I am away until Monday.\n"
NOTES_LINE = 'Note: this is an automated response to your message  "[SD-12] Lift" sent on 03.11.2026 08:14:00.\n'
# The header fields of an answer, and its text.
ANSWERS: dict[str, tuple[str, str]] = {
    "Exchange 2003": (f"Subject: Out of Office AutoReply: [SD-12] Lift\n{SUPPRESS}", AWAY),
    "Exchange 2016": (
        f"Subject: Automatic reply: [SD-12] Lift\nAuto-Submitted: auto-generated\n{SUPPRESS}{OURS}",
        AWAY,
    ),
    "Exchange Online": (
        (
            f"Return-Path: <>\nSubject: Automatic reply: [SD-12] Lift\n{OURS}{SUPPRESS}"
            "Auto-Submitted: auto-generated\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n"
        ),
        "Back on the ninth.\n",
    ),
    "Exchange Online, in Czech": (
        (
            "Subject: =?utf-8?q?Automatick=C3=A1_odpov=C4=9B=C4=8F=3A?= Lift\n"
            f"Auto-Submitted: auto-generated\n{SUPPRESS}{OURS}"
        ),
        "Jsem pryc.\n",
    ),
    "Exchange, in a language that nobody listed": (
        (f"Subject: Xyzzy plugh: Lift\nReturn-Path: <>\nAuto-Submitted: auto-generated\n{OURS}"),
        "Plugh.\n",
    ),
    "Outlook, by a rule": (f"Subject: Re: Lift\nX-MS-Exchange-Inbox-Rules-Loop: ann@x.example\n{SUPPRESS}", "Gone.\n"),
    "Exchange behind a gateway": (f"Subject: [External] Automatic reply: [SD-12] Lift\n{OURS}", AWAY),
    "a gateway with stars": (f"Subject: *EXTERN* Abwesenheitsnotiz: [SD-12] Lift\n{OURS}", AWAY),
    "Gmail": (f"Subject: Re: Lift\nPrecedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied\n{OURS}", AWAY),
    "HCL Notes": ("Subject: AUTO: Ron Hale is out of the office (returning 09.11.2026)\n", f"{AWAY}\n{NOTES_LINE}"),
    "HCL Notes 12": (
        (
            f"Subject: AUTO: Ron Hale is on vacation (returning 11/09/2026)\nAuto-Submitted: auto-generated\n"
            f"X-Mailer: HCL Notes Release 12\n{OURS}"
        ),
        NOTES_LINE,
    ),
    "Lotus Notes, older": (f"Subject: Ron Hale is out of the office.\n{OURS}", "I will be out of the office today.\n"),
    "GroupWise": (f"Subject: Re: Lift (Out of Office)\nX-Autoreply: Yes\n{OURS}", AWAY),
    "GroupWise 18": (f"Subject: Out of Office: Lift\nAuto-Submitted: auto-replied\nX-Mailer: Groupwise 18\n{OURS}", ""),
    "OTRS": (
        (
            "Subject: [Ticket#2026110310000012] RE: Lift\nPrecedence: bulk\nX-Powered-By: OTRS\n"
            f"Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n{OURS}"
        ),
        "We have it.\n",
    ),
    "Znuny": (
        f"Subject: [Ticket#12] Lift\nAuto-Submitted: auto-generated\nPrecedence: bulk\nX-Powered-By: Znuny\n{OURS}",
        "Thank you.\n",
    ),
    "Zendesk": (
        f"Subject: [Lifts] Re: Lift\nX-Mailer: Zendesk Mailer\nAuto-Submitted: auto-generated\n{SUPPRESS}{OURS}",
        "##- reply above this line -##\n\nYour request (12) is received.\n",
    ),
    "Freshdesk": (
        f"Subject: Ticket Received - Lift\nAuto-Submitted: auto-replied\nX-FD-Origin: 1\n{OURS}",
        "Got it.\n",
    ),
    "Jira Service Management": (
        f"Subject: HELP-1 Lift\nAuto-Submitted: auto-generated\nPrecedence: bulk\n{OURS}",
        "Just confirming that we got your request.\n",
    ),
    "ServiceNow": (
        f"Subject: Incident INC001 opened\nX-ServiceNow-Generated: true\nAuto-Submitted: auto-generated\n{OURS}",
        "Ref:MSG1\n",
    ),
    "Salesforce": (
        f"Subject: Case 12 was created\nX-SFDC-LK: x\nPrecedence: bulk\nX-Autoresponse: true\n{OURS}",
        "New.\n",
    ),
    "HubSpot": (f"Subject: Re: Lift\nAuto-Submitted: auto-replied\nX-HS-Cid: 1\n{OURS}", "We have your ticket.\n"),
    "Help Scout": (f"Subject: Re: Lift\nX-Autoreply: yes\nX-HelpScout-Origin: auto\n{OURS}", "Thanks.\n"),
    "vacation on Unix": ("Subject: away from my mail\nPrecedence: bulk\nX-Mailer: vacation 1.2\n", AWAY),
    "vacation of BSD": ("Subject: Re: Lift\nPrecedence: bulk\nAuto-Submitted: auto-replied\n", AWAY),
    "vacation, older": (f"Subject: away from my mail (was: Lift)\nPrecedence: junk\n{OURS}", "Gone.\n"),
    "Pigeonhole": (
        (
            f"Subject: Auto: Lift\nX-Sieve: Pigeonhole Sieve 0.5\nAuto-Submitted: auto-replied (vacation)\n"
            f"Precedence: bulk\n{SUPPRESS}{OURS}"
        ),
        AWAY,
    ),
    "Cyrus": (f"Subject: Auto: Lift\nX-Sieve: CMU Sieve 3.0\nAuto-Submitted: auto-replied (vacation)\n{OURS}", AWAY),
    "Cyrus, older": (f"Subject: Re: Lift\nX-Sieve: CMU Sieve 2.2\nPrecedence: junk\n{OURS}", AWAY),
    "procmail": (f"Subject: Re: Lift\nX-Loop: ann@x.example\nPrecedence: junk\n{OURS}", "Your mail was received.\n"),
    "procmail, as bulk": (
        f"Subject: Re: Lift (autoreply)\nX-Loop: ann@x.example\nPrecedence: bulk\n{OURS}",
        "Read soon.\n",
    ),
    "cPanel": ("Subject: Away\nX-Autorespond: Lift\nPrecedence: auto_reply\nAuto-Submitted: auto-replied\n", AWAY),
    "Plesk": (f"Subject: Autoreply: Lift\nX-Autoreply: 1\nReturn-Path: <>\n{OURS}", AWAY),
    "Plesk with qmail": ("Subject: Re: Lift\nX-Mailer: qmail-autoresponder\nPrecedence: junk\n", AWAY),
    "DirectAdmin": (f"Subject: Autoreply: Lift\nAuto-Submitted: auto-replied\nX-Auto-Response: vacation\n{OURS}", AWAY),
    "Yahoo": (f"Subject: Yahoo! Auto Response\nReturn-Path: <>\nX-Autoreply-From: x\n{OURS}", AWAY),
    "AOL": (f"Subject: Auto reply: Lift\nAuto-Submitted: auto-replied\n{OURS}", AWAY),
    "iCloud": (
        f"Subject: Auto reply: Lift\nX-Apple-Action: VACATION\nX-Apple-Criteria: (kind=VACATION)\n{OURS}",
        "Zzz.\n",
    ),
    "Fastmail": (f"Subject: Re: Lift\nAuto-Submitted: auto-replied (vacation)\nX-Resolved-To: ann\n{OURS}", AWAY),
    "Zoho": (f"Subject: Out of Office : Re: Lift\nX-Zoho-Autoreply: true\nPrecedence: bulk\n{OURS}", AWAY),
    "GMX and Web.de": (
        f"Subject: Automatische Antwort auf Ihre Mail\nX-Autoreply: GMX\nPrecedence: bulk\n{OURS}",
        "Fort.\n",
    ),
    "T-Online": (f"Subject: Abwesenheitsnotiz: Lift\nX-Autoresponder: yes\nReturn-Path: <>\n{OURS}", "Fort.\n"),
    "mailcow": (f"Subject: Auto: Lift\nAuto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n{OURS}", AWAY),
    "Horde and Ingo": (f"Subject: Re: Lift\nUser-Agent: Vacation/Ingo\nPrecedence: bulk\n{OURS}", AWAY),
    "SOGo": (f"Subject: Auto: [SD-12] Lift\nX-Sieve: Pigeonhole\nAuto-Submitted: auto-replied\n{OURS}", AWAY),
    "Kerio": (f"Subject: Out of office: Lift\nX-Mailer: Kerio Connect\nAuto-Submitted: auto-replied\n{OURS}", AWAY),
    "MDaemon": (f"Subject: RE: Lift\nX-MDaemon-Autoresponder: ann\nPrecedence: bulk\n{OURS}", AWAY),
    "Zimbra": (f"Subject: Re: Lift\nAuto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk\n{OURS}", AWAY),
    "Mercury": (f"Subject: Re: Lift\nX-Autogenerated: Reply\n{OURS}", AWAY),
    "FirstClass": (f"Subject: Re: Lift\nX-FC-MachineGenerated: true\n{OURS}", AWAY),
    "Postmark, for a web application": (
        f"Subject: We have your mail\nX-PM-Message-Id: 1\nAuto-Submitted: auto-replied\n{OURS}",
        "Thanks.\n",
    ),
    "Request Tracker": (
        (
            f"Subject: [lifts #12] AutoReply: Lift\nRT-Originator: x\nPrecedence: bulk\n"
            f"Auto-Submitted: auto-replied\n{OURS}"
        ),
        "Got it.\n",
    ),
    "osTicket": (
        f"Subject: [#12] Lift\nX-Autoreply: ticket\nX-Auto-Response-Suppress: ALL, AutoReply\n{OURS}",
        "Got it.\n",
    ),
    "a null path and our mail, no more": (f"Subject: Re: Lift\nReturn-Path: <>\n{OURS}", "Not here.\n"),
    "another desk's tag and a label": ("Subject: [Tower Desk] AutoReply: Lift\nReturn-Path: <>\n", "Got it.\n"),
    "OOO": ("Subject: OOO: Lift\nReturn-Path: <>\n", AWAY),
}


@pytest.mark.parametrize("program", ANSWERS)
def test_an_automatic_answer_is_found(program: str) -> None:
    head, text = ANSWERS[program]
    mail = parse(
        f"From: Ann <ann@x.example>\nTo: desk@desk.example\n{head}Message-ID: <1@x.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}".encode()
    )

    assert mail.kind is MailKind.AUTOMATIC, mail.signs


@pytest.mark.parametrize("label", ["Automatic reply", "Abwesenheitsnotiz", "[External] Auto"])
def test_a_label_in_front_of_our_subject_alone_drops_nothing(label: str) -> None:
    mail = parse(f"From: Ann <ann@x.example>\nSubject: {label}: [SD-12] Lift\n{OURS}\nIt hums again.\n".encode())

    assert mail.kind is MailKind.GENERATED


NEWS = {
    "a monitor": "Subject: Disk / OK -> CRIT\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: OOF\n",
    "a monitor that goes on": "Subject: Disk / CRIT -> OK\nAuto-Submitted: auto-generated\nReferences: <0@x.example>\n",
    "a voicemail": "Subject: Voicemail of 112\nReturn-Path: <>\nAuto-Submitted: auto-generated\n",
    "a cron job": "Subject: Cron <root@x> backup\nX-Cron-Env: <SHELL=/bin/sh>\nAuto-Submitted: auto-generated\n",
    "Sieve's notice": "Subject: New mail\nAuto-Submitted: auto-notified\n",
    "a word that nobody knows": "Subject: News\nAuto-Submitted: never-heard-of\n",
    "a shop": "Subject: Order 12\nReturn-Path: <>\n",
}


@pytest.mark.parametrize("program", NEWS)
def test_a_programs_own_news_are_no_answer(program: str) -> None:
    mail = parse(f"From: Ann <ann@x.example>\n{NEWS[program]}\n99% used\n".encode())

    assert (mail.kind, bool(mail.automatic)) == (MailKind.GENERATED, True)


PEOPLE = {
    "an agent of another desk": (f"Subject: Re: Lift\n{SUPPRESS}{OURS}", "It is the north one.\n"),
    "one who asks about such answers": ("Subject: Out of office: how do I switch it on?\n", "Where is it?\n"),
    "one who asks so in an answer": (f"Subject: Automatic reply: how to stop it\n{OURS}", "Please stop it.\n"),
    "one who answers an absence": (
        f"Subject: Antwort: Herr Vogt ist nicht im =?utf-8?q?B=C3=BCro?=\n{OURS}",
        "Ich auch.\n",
    ),
    "a member of an old list": (f"Subject: Re: Lift\nPrecedence: list\nX-BeenThere: l@x.example\n{OURS}", "Yes.\n"),
    "one whose mail is forwarded by a rule": (
        "Subject: Lift\nX-MS-Exchange-Inbox-Rules-Loop: ann@x.example\n",
        "Up.\n",
    ),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_person_stays_one(who: str) -> None:
    head, text = PEOPLE[who]
    kind = parse(f"From: Ann <ann@x.example>\n{head}\n{text}".encode()).kind

    assert kind in {MailKind.PERSON, MailKind.LIST}
