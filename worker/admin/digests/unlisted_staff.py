"""An alert about accounts of the web application that an admin should look at."""

from desk.notices.events import Alert, AlertKey
from mail.outbound.catalogue import said, together
from models.events.rows import add_alert
from models.people.suspects import find_new_suspects
from worker.runtime.services import Services
from worker.runtime.transaction import transaction

MOST_SENTENCES = 20
ADVICE = said("admins.accounts_advice")


def tell_of_suspects(services: Services) -> int:
    """Add one alert for the admins about accounts not reported yet; returns how many these are."""
    with transaction(services.engine) as session:
        suspects = find_new_suspects(session)
        if suspects:
            sentences = [one.sentence for one in suspects[:MOST_SENTENCES]]
            if len(suspects) > MOST_SENTENCES:
                sentences.append(said("admins.more", count=len(suspects) - MOST_SENTENCES))
            title, about = said("admins.accounts_title", count=len(suspects)), tuple(one.key for one in suspects)
            add_alert(session, Alert(AlertKey.ACCOUNTS, title, together(*sentences), ADVICE, about))
    return len(suspects)
