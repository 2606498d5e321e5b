"""The token of one mailbox: read, and renewed before it ends by one process for all."""

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from mail.auth.oauth.client import GrantType, OAuthClient
from mail.auth.oauth.grants import renew
from mail.auth.oauth.sealed import SealBroken, seal, unseal
from mail.auth.oauth.tokens import Tokens
from mail.failures import PermanentFailure, TemporaryFailure
from models.db.errors import is_infrastructure
from models.ledger.access_tokens import (
    SealedTokens,
    TokenState,
    claim_renewal,
    ensure_token,
    note_trouble,
    read_token,
    store_renewed,
)
from worker.runtime.transaction import transaction

logger = logging.getLogger(__name__)

# Whoever finds a token being renewed waits for that, looking so often.
LOOK_SECONDS: Final = 0.2
# For how many seconds a provider is left alone that did not answer or refused, after so many times in a row.
PAUSES: Final = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
AFTER_REFUSAL: Final = (60.0, 300.0)
# It ends when somebody agrees anew; a provider that has erred, or opens an account again, is asked all the same.
AFTER_CONSENT: Final = (3600.0,)
# What was given must not be lost: it is written again for so long where the database is away.
WRITE_SECONDS: Final = 20.0
_WHAT_TO_LOOK_AT: Final = (
    "Look at the table oauth of the mailbox, and at what the account's administrator allows; then say `{0}`"
)
_CONSENT_OVER: Final = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})


class MailboxAccess:
    """The access token of a mailbox, as a `mail.server.Bearer`; any thread may ask."""

    # The longest that a provider is asked; a claim lasts for longer than that and the writing.
    MOST_SECONDS: ClassVar[float] = 30.0
    _CLAIM: ClassVar[timedelta] = timedelta(seconds=MOST_SECONDS + WRITE_SECONDS + 10)

    def __init__(
        self, engine: Engine, secrets: Sequence[bytes], mailbox: str, client: OAuthClient, early: timedelta
    ) -> None:
        self._engine, self._secrets = engine, secrets
        self._mailbox, self._client, self._early = mailbox, client, early

    def token(self, refused: str = "") -> str:
        """The token to log in with, renewed if it is due, or was refused and is not quite new.

        Raises TemporaryFailure where the provider cannot be asked now and no other token is left, and PermanentFailure
        where it refuses, with its words and what to do.
        """
        ends, is_renewed = time.monotonic() + self._CLAIM.total_seconds(), False
        while True:
            state = self._read()
            access, refresh = self._open(state)
            is_good = not state.is_over and access != refused
            if is_good and (not state.is_due or state.is_waiting or is_renewed):
                return access
            # Where a quite new one is refused, the next would be as well.
            if access and access == refused and (state.is_fresh or is_renewed):
                return access
            if state.is_waiting:
                raise (PermanentFailure if state.refused else TemporaryFailure)(state.trouble)
            if self._claim(state):
                is_renewed = self._renew(state, refresh, is_good=is_good)
            elif is_good:
                return access
            elif time.monotonic() > ends:
                raise TemporaryFailure(f"The token of mailbox {self._mailbox} is being renewed by another process")
            else:
                time.sleep(LOOK_SECONDS)

    @property
    def _needs_consent(self) -> bool:
        return self._client.grant is GrantType.CODE

    def _read(self) -> TokenState:
        with transaction(self._engine, quiet=True) as session:
            state = read_token(session, self._mailbox, self._early)
            if state is None and not self._needs_consent:
                ensure_token(session, self._mailbox)
                state = read_token(session, self._mailbox, self._early)
        if state is None or (state.sealed is None and self._needs_consent):
            raise PermanentFailure(f"Mailbox {self._mailbox} has no token yet: say `{self._what_to_say}`")
        return state

    def _open(self, state: TokenState) -> tuple[str, str]:
        """The access token and the refresh token; both empty where there is none yet."""
        if state.sealed is None:
            return "", ""
        try:
            return unseal(self._mailbox, state.sealed, self._secrets)
        except SealBroken:
            if not self._needs_consent:
                return "", ""
            raise PermanentFailure(
                f"The token of mailbox {self._mailbox} was encrypted with a secret key that the settings do not hold:"
                f" add it to the previous ones, or say `{self._what_to_say}`"
            ) from None

    def _claim(self, state: TokenState) -> bool:
        with transaction(self._engine, quiet=True) as session:
            return claim_renewal(session, self._mailbox, state.version, self._CLAIM)

    def _renew(self, state: TokenState, refresh: str, *, is_good: bool) -> bool:
        """Ask for a new token and write what came of it; whether there is one. A failure is raised by the next look."""
        try:
            given = renew(self._client, refresh, state.now)
        except (TemporaryFailure, PermanentFailure) as failure:
            level = logging.WARNING if is_good else logging.ERROR
            logger.log(level, "The token of mailbox %s could not be renewed: %s", self._mailbox, failure)
            self._note(state, failure)
            return False
        self._write(state, sealed_tokens(self._mailbox, given, self._secrets))
        logger.info("The token of mailbox %s was renewed", self._mailbox)
        return True

    def _note(self, state: TokenState, failure: TemporaryFailure | PermanentFailure) -> None:
        trouble, refused = str(failure).rstrip("."), isinstance(failure, PermanentFailure)
        pauses: tuple[float, ...] = PAUSES
        if refused:
            code = str(getattr(failure, "code", ""))
            is_over = self._needs_consent and code in _CONSENT_OVER
            pauses = AFTER_CONSENT if is_over else AFTER_REFUSAL
            trouble += f". Say `{self._what_to_say}`" if is_over else f". {_WHAT_TO_LOOK_AT.format(self._what_to_say)}"
        with transaction(self._engine, quiet=True) as session:
            note_trouble(session, self._mailbox, state.version, trouble, refused=refused, pauses=pauses)

    def _write(self, state: TokenState, given: SealedTokens) -> None:
        ends = time.monotonic() + WRITE_SECONDS
        while True:
            try:
                with transaction(self._engine, quiet=True) as session:
                    store_renewed(session, self._mailbox, state.version, given)
            except SQLAlchemyError as error:
                if not is_infrastructure(error) or time.monotonic() > ends:
                    raise
                time.sleep(LOOK_SECONDS)
            else:
                return

    @property
    def _what_to_say(self) -> str:
        return f"supportdesk mailbox authorize {self._mailbox}"


def sealed_tokens(mailbox: str, given: Tokens, secrets: Sequence[bytes]) -> SealedTokens:
    """Tokens as they are written."""
    sealed = seal(mailbox, given.access, given.refresh, secrets)
    return SealedTokens(sealed, given.scope, given.seconds, given.refresh_seconds)
